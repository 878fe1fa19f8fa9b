"""The nominals of a session: what moved over what an earlier one has read, the same as all of it (RUN-11)."""

from __future__ import annotations

import gzip
from collections import Counter
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from payrelay.ledger.mirrors import Head
from payrelay.systems.copies import Copy
from tests.worlds.invoices import CONNECTION, FLOW, TENANT, Books, Row, invoice

HERE = (TENANT, CONNECTION, FLOW)
TELLS = pytest.mark.parametrize("trade", ["quickbooks", "xero"], indirect=True)
AT_QUICKBOOKS = pytest.mark.parametrize("trade", ["quickbooks"], indirect=True)
# What of the lists is asked for whole, and by what moved.
WHOLE = {"quickbooks": ("query Account", "query Item"), "xero": ("GET Accounts",)}
# The list of accounts, the id and the code of a row, and a code of the seed that sales are posted to.
ROWS = {"quickbooks": ("Account", "Id", "AcctNum"), "xero": ("Accounts", "AccountID", "Code")}
CODE = "4000"
# Since when Xero's chart of accounts was asked for; None for all of it.
SINCES: list[str | None] = []


@pytest.fixture
def known(books: Books, sinces: list[str | None]) -> Books:
    """A company whose nominals an earlier session has read, with one clean document in its list."""
    books.link("Harper Ltd")
    # What is in the seed has moved long before.
    books.clock.pass_by(3600)
    books.book(invoice("S2001"))
    assert books.sync().status == "succeeded"
    books.clock.pass_by(200)
    books.book(invoice("S2002"))
    books.forget_requests()
    sinces.clear()
    return books


def head(books: Books) -> Head:
    found = books.ledger.mirrors.head(*HERE)
    assert found
    return found


def copy(books: Books) -> Copy:
    data = books.ledger.mirrors.blob(*HERE, head(books).loose or "")
    assert data
    return msgspec.json.decode(gzip.decompress(data), type=Copy)


def keep(books: Books, changed: Copy, **more: Any) -> None:
    """Another copy takes its place."""
    name = books.ledger.mirrors.put_blob(*HERE, gzip.compress(msgspec.json.encode(changed)))
    books.ledger.mirrors.put_head(*HERE, replace(head(books), loose=name, **more))


def accounts(books: Books) -> list[Row]:
    found: list[Row] = books.state(books.package)[ROWS[books.package][0]]
    return found


def edited(books: Books, code: str, **values: Any) -> None:
    name, _, field = ROWS[books.package]
    books.edit(books.package, name, {field: code}, **values)


def read_whole(books: Books) -> int:
    """How often the lists were asked for as a whole."""
    calls = Counter(str(one["operation"]) for one in books.requests(books.package))
    if books.package == "xero":
        # With and without the header it is the same call.
        return sum(not since for since in SINCES)
    return max(calls[name] for name in WHOLE[books.package])


@pytest.fixture
def sinces(trade: tuple[str, Any, Any], monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """What Xero's chart of accounts was asked for with."""
    package, sandboxes, _ = trade
    found = SINCES
    found.clear()
    if package == "xero":
        room = sandboxes.room("xero")
        plainly = room.answer

        def answer(call: Any, *more: Any) -> Any:
            if call.path.lower().endswith("/accounts") and call.method == "GET":
                found.append(call.headers.get("if-modified-since"))
            return plainly(call, *more)

        monkeypatch.setattr(room, "answer", answer)
    return found


@TELLS
@pytest.mark.requirement("RUN-11")
def test_a_later_session_asks_for_what_moved(known: Books) -> None:
    first = head(known)
    run = known.sync()
    assert known.outcomes(run) == {"d-S2002": "created"}
    calls = Counter(str(one["operation"]) for one in known.requests(known.package))
    if known.package == "quickbooks":
        assert calls["cdc"] == 1
        assert not calls["query Account"] + calls["query Item"]
    else:
        assert SINCES[-1] == "2026-03-02T05:55:01"
    then = head(known)
    assert (then.full_at, then.run_id) == (first.full_at, run.run_id)
    assert then.marks[known.package] > first.marks[known.package]
    # Nothing else of a run tells of it: documents are read, as ever.
    assert (run.full, run.drift) == (None, None)


@pytest.mark.parametrize("trade", ["sage"], indirect=True)
@pytest.mark.requirement("RUN-11")
def test_sage_is_read_whole(known: Books) -> None:
    known.sync()
    calls = Counter(str(one["operation"]) for one in known.requests(known.package))
    assert calls["list ledger_accounts"] == 2
    assert known.ledger.mirrors.head(*HERE) is None


@TELLS
@pytest.mark.requirement("RUN-11", "RUN-7")
def test_a_preview_takes_what_is_kept_and_leaves_it_as_it_is(known: Books) -> None:
    before = head(known)
    known.sync("preview")
    assert read_whole(known) == 0
    assert head(known) == before


@TELLS
@pytest.mark.requirement("RUN-11")
def test_round_by_round_it_is_what_reading_all_of_it_gives(known: Books) -> None:
    """Renamed, numbered anew, made inactive and active, made, given another tax: after each the same."""
    random = Random(18)
    client = known.client
    client.nominals()
    kept = client.copied
    for turn in range(15):
        known.clock.pass_by(random.choice((1, 200, 4000)))
        changed_at_random(known, random, turn)
        short = client.nominals(kept)
        kept = client.copied
        assert kept
        whole = known.client
        bad: list[Any] = []
        by_code = {one.code: one for one in whole.nominals().take(bad)}
        assert {one.code: one for one in short.take(bad)} == by_code, f"round {turn}"
        assert not bad


def changed_at_random(books: Books, random: Random, turn: int) -> None:
    """Up to three changes in the package, by a person."""
    name, _, field = ROWS[books.package]
    state = books.state(books.package)
    for place in range(random.randint(0, 3)):
        row = random.choice([one for one in state[name] if one.get(field)])
        match random.randint(0, 4):
            case 0:
                row["Name"] = f"Renamed {turn} {place}"
            case 1:
                row[field] = f"7{turn:02}{place}"
            case 2 if books.package == "quickbooks":
                row["Active"] = not row.get("Active", True)
            case 2:
                row["Status"] = "ARCHIVED" if row.get("Status", "ACTIVE") == "ACTIVE" else "ACTIVE"
            case 3 if books.package == "quickbooks":
                item = random.choice(state["Item"])
                item["IncomeAccountRef"] = {"value": row["Id"]}
            case _:
                kind = {"AccountType": "Income"} if books.package == "quickbooks" else {"Type": "REVENUE"}
                state[name].append({"Name": f"New {turn} {place}", field: f"8{turn:02}{place}", **kind})
    books.put(books.package, state)


# --- when it is read whole --------------------------------------------------------------------------------


@TELLS
@pytest.mark.requirement("RUN-11")
@pytest.mark.parametrize(
    "case", ["no head", "lost", "broken", "of other settings", "of a week ago", "unreadable day"]
)
def test_what_can_not_be_trusted_is_read_whole(known: Books, case: str) -> None:
    mirrors, old = known.ledger.mirrors, head(known)
    match case:
        case "no head":
            mirrors.put_head(*HERE, replace(old, format=0))
        case "lost":
            mirrors.put_head(*HERE, replace(old, loose="0" * 32))
        case "broken":
            mirrors.put_head(*HERE, replace(old, loose=mirrors.put_blob(*HERE, b"broken")))
        case "of other settings":
            mirrors.put_head(*HERE, replace(old, stamp="another"))
        case "of a week ago":
            week_ago = datetime.now(UTC) - timedelta(days=8)
            mirrors.put_head(*HERE, replace(old, full_at=week_ago.isoformat()))
        case _:
            mirrors.put_head(*HERE, replace(old, full_at="yesterday"))
    run = known.sync()
    assert known.outcomes(run) == {"d-S2002": "created"}
    assert read_whole(known) == 1
    assert head(known).run_id == run.run_id
    assert datetime.now(UTC) - datetime.fromisoformat(head(known).full_at) < timedelta(minutes=5)
    # Only where both ways can be gone it is known what the short one would have missed.
    assert run.drift == (0 if case in ("of a week ago", "unreadable day") else None)


@TELLS
@pytest.mark.requirement("RUN-11")
def test_the_weekly_reading_counts_what_the_short_way_had_missed(known: Books) -> None:
    found = copy(known)
    name, _, field = ROWS[known.package]
    wrong = next(key for key, row in found.lists[name].items() if row.get(field) == CODE)
    found.lists[name][wrong] = {**found.lists[name][wrong], "Name": "as it never was"}
    keep(known, found, full_at="")
    run = known.sync()
    assert (run.full, run.drift) == (True, 1)
    assert copy(known).lists[name][wrong]["Name"] != "as it never was"


@TELLS
@pytest.mark.requirement("RUN-11", "RUN-4")
def test_no_document_waits_for_a_nominal_that_a_copy_lacks(known: Books) -> None:
    found = copy(known)
    name, _, field = ROWS[known.package]
    found.lists[name] = {key: row for key, row in found.lists[name].items() if row.get(field) != CODE}
    keep(known, found)
    assert known.outcomes(known.sync()) == {"d-S2002": "created"}
    assert read_whole(known) == 1
    assert any(row.get(field) == CODE for row in copy(known).lists[name].values())


@TELLS
@pytest.mark.requirement("RUN-11", "RUN-4")
def test_a_nominal_that_nobody_has_is_told_after_all_were_read(known: Books) -> None:
    known.book(invoice("S2003", lines=[{**invoice()["Lines"][0], "NominalCode": "4999"}]))
    known.forget_requests()
    SINCES.clear()
    assert known.reason(known.sync()) == ("blocked", "NOMINAL_UNKNOWN")
    assert read_whole(known) == 1


@TELLS
@pytest.mark.requirement("RUN-11", "RUN-4")
def test_what_the_package_refuses_makes_the_next_session_read_all(known: Books) -> None:
    """The nominal is gone there without a trace, which no list of what moved tells."""
    state = known.state(known.package)
    name, _, field = ROWS[known.package]
    sold = {row["IncomeAccountRef"]["value"] for row in state.get("Item", []) if row.get("IncomeAccountRef")}
    gone = next(row for row in state[name] if row.get(field) == CODE)
    state[name] = [row for row in state[name] if row is not gone]
    if known.package == "quickbooks":
        assert gone["Id"] in sold
        state["Item"] = [row for row in state["Item"] if row["IncomeAccountRef"]["value"] != gone["Id"]]
    known.put(known.package, state)
    assert known.reason(known.sync()) == ("failed", "REFUSED_BY_TARGET")
    assert head(known).full_at == ""
    SINCES.clear()
    known.forget_requests()
    assert known.reason(known.sync()) == ("blocked", "NOMINAL_UNKNOWN")
    assert read_whole(known) == 1
    assert known.posted() == {"S2001": 1}


@TELLS
@pytest.mark.requirement("RUN-11")
@pytest.mark.parametrize("hours", [-2, 24 * 31], ids=["back", "ahead"])
def test_a_clock_of_the_package_that_jumps_hides_nothing(known: Books, hours: int) -> None:
    """Back, and what moves meanwhile would be before the mark; ahead, and QuickBooks tells no more of it."""
    known.clock.pass_by(hours * 3600)
    edited(known, CODE, Name="Sales, renamed")
    client = known.client
    names = {one.code: one.name for one in client.nominals(copy(known)).take([])}
    assert names[CODE] == "Sales, renamed"


@AT_QUICKBOOKS
@pytest.mark.requirement("RUN-11")
def test_more_changes_than_quickbooks_tells_are_read_whole(known: Books) -> None:
    state = known.state("quickbooks")
    state["Account"] += [
        {"Name": f"New {number}", "AcctNum": f"9{number:04}", "AccountType": "Income"}
        for number in range(1000)
    ]
    known.put("quickbooks", state)
    known.forget_requests()
    client = known.client
    codes = {row["AcctNum"] for row in accounts(known) if row.get("AcctNum")}
    found = client.nominals(copy(known)).take([])
    assert {one.code for one in found} == codes
    assert read_whole(known) == 2
