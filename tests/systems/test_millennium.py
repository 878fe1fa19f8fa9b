"""Millennium's client: what goes over the wire, and what a sandbox of the same contract makes of it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest

from local.sandbox import Options, Running, running
from local.seed.millennium import millennium_state
from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused, NeedsAttention, Rejected, RetryLater
from payrelay.systems.millennium.client import MillenniumClient
from payrelay.systems.millennium.models import Put
from payrelay.systems.registry import system
from payrelay.systems.rows import BadRow
from tests.systems.conftest import Bench
from tests.systems.loopback import Loopback, Reply, reply
from tests.worlds.sandboxes import Sandboxed
from tests.worlds.structs import replace

ACCOUNT = {"username": Secret("payrelay-sandbox"), "password": Secret("sandbox-password")}
ACME = {**ACCOUNT, "company": Secret("ACME")}
JAN_4 = date(2026, 1, 4)
SESSION = reply({"Token": "m3s-4d1", "ExpiresAt": "2026-01-08T23:10:00Z"})
ACCRUAL: dict[str, Any] = {
    "EmployeeId": "1001",
    "Code": "SICK1",
    "Description": "Sick ",
    "Balance": "26.0000",
    "LastAccrueDate": "2026-01-09",
    "StartDate": "2020-03-01",
    "EndDate": None,
    "ModifiedAt": "2026-01-08T22:10:00Z",
}
STATE: dict[str, Any] = {
    "accrualcodes": [
        {"Co": "ACME", "Code": code, "Description": name}
        for code, name in {"VAC": "Vacation", "SICK1": "Sick"}.items()
    ],
    "employees": [{"Co": "ACME", "EmployeeId": "1001", "FirstName": "Ann", "LastName": "Lee"}],
    "accruals": [{"Co": "ACME", **ACCRUAL, "Description": "Sick"}],
}


def listing(rows: list[Any], following: object = None) -> Reply:
    return reply({"Items": rows, "NextPage": following})


def refusal(status: int, code: str) -> Reply:
    return reply({"ErrorCode": code, "Message": f"Said {code}.", "Field": None}, status)


def scripted(loopback: Loopback, bench: Bench, *replies: Reply) -> MillenniumClient:
    """A client of a session that has begun."""
    loopback.answers(*replies)
    return MillenniumClient(
        loopback.origin, "ACME", tuple(ACCOUNT.values()), token=Secret("m3s-0"), options=bench.options
    )


class Served(Sandboxed):
    """The sandbox with one company, and a client for it."""

    def __init__(self, urls: Any, bench: Bench) -> None:
        self.urls = urls
        self.calm("millennium")
        self.put("millennium", STATE)
        self.forget("millennium")
        self.bench = bench
        self.client: MillenniumClient = self.connected(ACME)

    def connected(self, credentials: Any) -> Any:
        return system("millennium").connect(self.urls["millennium"], credentials, self.bench.options)

    def paths(self) -> list[str]:
        return [one["path"] for one in self.requests("millennium")]


@pytest.fixture
def served(sandboxes: Running, bench: Bench) -> Served:
    return Served(sandboxes.urls, bench)


# --- the session -----------------------------------------------------------------------------------------


@pytest.mark.requirement("CON-2", "CON-3")
def test_the_first_call_signs_in_and_the_others_do_not(served: Served) -> None:
    assert served.client.organisation() == "Company ACME"
    assert len(served.client.codes()) == 2
    called = [urlsplit(path).path.rpartition("/")[2] for path in served.paths()]
    assert called == ["session", "companynotes", "accrualcodes"]


@pytest.mark.requirement("CON-3")
def test_a_session_that_ends_in_between_is_renewed_for_reads_and_writes(
    served: Served, sandboxes: Running
) -> None:
    def end() -> None:
        sessions: Any = sandboxes.room("millennium")
        for row in list(sessions.store["sessions"].rows()):
            sessions.store["sessions"].remove(row["Token"])

    served.client.organisation()
    end()
    row = served.client.accruals_of("1001").take([])[0]
    end()
    written = {"as_of": JAN_4, "note": "TWP", "modified_at": row.modified_at}
    assert served.client.put_balance("1001", "SICK1", Decimal(4), **written) is Put.DONE
    assert served.client.accruals_of("1001").take([])[0].balance == 4
    assert len([path for path in served.paths() if path.endswith("/session")]) == 3


@pytest.mark.requirement("CON-3")
@pytest.mark.parametrize(
    "replies", [[refusal(401, "LOGIN_FAILED")], [refusal(401, "TOKEN_EXPIRED"), refusal(401, "LOGIN_FAILED")]]
)
def test_a_refused_sign_in_is_never_made_again(
    replies: list[Reply], loopback: Loopback, bench: Bench
) -> None:
    client = scripted(loopback, bench, *replies)
    with pytest.raises(CredentialsRefused):
        client.codes()
    assert [one.path for one in loopback.seen].count("/m3api/v1/session") == 1


@pytest.mark.requirement("CON-3")
def test_a_session_that_is_refused_at_once_is_not_renewed_for_ever(loopback: Loopback, bench: Bench) -> None:
    client = scripted(loopback, bench, refusal(401, "TOKEN_EXPIRED"), SESSION, refusal(401, "TOKEN_EXPIRED"))
    with pytest.raises(CredentialsRefused):
        client.codes()
    assert len(loopback.seen) == 3
    assert [one.headers.get("Authorization") for one in loopback.seen] == [
        "Bearer m3s-0",
        None,
        "Bearer m3s-4d1",
    ]
    assert loopback.seen[1].body == {"UserName": "payrelay-sandbox", "Password": "sandbox-password"}


def test_when_a_session_ends_is_known(loopback: Loopback, bench: Bench) -> None:
    client = scripted(loopback, bench, SESSION)
    ends = datetime(2026, 1, 8, 23, 10, tzinfo=UTC)
    assert client.sign_in().expires_at == int(ends.timestamp())
    loopback.answers(reply({"Token": "m3s-4d1", "ExpiresAt": "soon"}))
    assert client.sign_in().expires_at == 0


@pytest.mark.requirement("CON-2")
def test_a_wrong_password_and_a_company_of_others_are_refused(served: Served) -> None:
    for wrong in ({**ACME, "password": Secret("wrong")}, {**ACME, "username": Secret("nobody")}):
        with pytest.raises(CredentialsRefused):
            served.connected(wrong).organisation()
    served.faults("millennium", errors=["no_company_access"])
    with pytest.raises(CredentialsRefused):
        served.client.organisation()
    served.calm("millennium")
    with pytest.raises(Rejected, match="There is no company NONE"):
        served.connected({**ACME, "company": Secret("NONE")}).organisation()


# --- lists -----------------------------------------------------------------------------------------------


@pytest.mark.requirement("RUN-4")
def test_long_lists_come_page_by_page_of_500(served: Served) -> None:
    people = [{"Co": "ACME", "EmployeeId": str(number)} for number in range(2000, 3201)]
    rows = [{**one, "Code": "VAC", "Balance": "1.0000"} for one in people]
    served.put("millennium", {**STATE, "employees": people, "accruals": rows})
    assert [len(page) for page in served.client.accruals()] == [500, 500, 201]
    assert [len(page) for page in served.client.employees()] == [500, 500, 201]
    assert len([path for path in served.paths() if "pageSize=500" in path]) == 6


@pytest.mark.parametrize("following", [1, 3, "2", 0])
def test_a_page_that_does_not_lead_on_is_no_list(following: object, loopback: Loopback, bench: Bench) -> None:
    client = scripted(loopback, bench, listing([ACCRUAL], following))
    with pytest.raises(RetryLater, match="does not lead to the next"):
        list(client.accruals())


@pytest.mark.requirement("RUN-4")
@pytest.mark.parametrize(
    ("wrong", "field", "problem"),
    [
        ({"Balance": 26}, "Balance", 'is not a number as text, such as "24.5000"'),
        ({"Balance": "a lot"}, "Balance", 'is not a number as text, such as "24.5000"'),
        ({"LastAccrueDate": "9 January"}, "LastAccrueDate", "is not a day such as 2026-02-09"),
        ({"Description": None}, "Description", "Expected `str`, got `null`"),
    ],
)
def test_a_row_that_can_not_be_used_is_named_and_stops_no_other(
    wrong: dict[str, Any], field: str, problem: str, loopback: Loopback, bench: Bench
) -> None:
    client = scripted(loopback, bench, listing([{**ACCRUAL, **wrong}, {**ACCRUAL, "EmployeeId": "1002"}]))
    bad: list[BadRow] = []
    rows = [row for page in client.accruals() for row in page.take(bad)]
    assert [row.employee_id for row in rows] == ["1002"]
    assert bad == [BadRow("1001", "SICK1", field, problem)]


@pytest.mark.requirement("AC-2")
def test_a_balance_is_as_it_stands_digit_by_digit_and_blank_by_blank(
    loopback: Loopback, bench: Bench
) -> None:
    client = scripted(loopback, bench, listing([ACCRUAL, {**ACCRUAL, "Balance": "-8.1250", "Note": "TWP"}]))
    first, second = client.accruals_of("1001").take([])
    assert (first.balance, first.description, first.last_accrue_date) == (26, "Sick ", date(2026, 1, 9))
    assert (str(second.balance), first.note, second.note) == ("-8.1250", None, "TWP")


@pytest.mark.requirement("AC-8")
@pytest.mark.parametrize(
    ("memos", "said"),
    [((), None), ((" ",), ""), ((None,), ""), (("\u00a0off \n",), "off"), (("", "x"), "x")],
)
def test_the_memo_of_the_accrual_note_is_what_is_left_without_blanks(
    memos: tuple[str | None, ...], said: str | None, loopback: Loopback, bench: Bench
) -> None:
    rows = [{"NoteId": number, "Name": "Accrual Note", "Memo": memo} for number, memo in enumerate(memos)]
    note = scripted(loopback, bench, listing(rows)).accrual_note()
    assert (note.memo if note else None) == said
    assert ("name", "Accrual Note") in loopback.seen[0].params


# --- writing ---------------------------------------------------------------------------------------------


@pytest.mark.requirement("AC-6")
def test_a_balance_goes_out_as_text_with_its_day_and_what_it_was_read_as(
    loopback: Loopback, bench: Bench
) -> None:
    client = scripted(loopback, bench, reply(ACCRUAL))
    sent = {"as_of": JAN_4, "note": "TWP"}
    client.put_balance("1001", "SICK1", Decimal("26.00"), modified_at=ACCRUAL["ModifiedAt"], **sent)
    client.add_balance("1001", "SICK1", Decimal("0.10"), **sent)
    put, post = loopback.seen
    assert put.path == "/m3api/v1/companies/ACME/employees/1001/accruals/SICK1"
    assert put.headers["If-Match"] == '"2026-01-08T22:10:00Z"'
    assert put.body == {"Balance": "26.00", "AsOfDate": "2026-01-04", "Note": "TWP"}
    assert "If-Match" not in post.headers
    assert post.body == {"Code": "SICK1", "Balance": "0.10", "AsOfDate": "2026-01-04", "Note": "TWP"}


@pytest.mark.requirement("AC-6")
def test_what_becomes_of_a_write_is_told(served: Served) -> None:
    client = served.client

    def put(who: str, code: str, modified_at: str | None = None) -> Put:
        values = {"as_of": JAN_4, "note": "TWP", "modified_at": modified_at}
        return client.put_balance(who, code, Decimal("1.5"), **values)

    def add(who: str, code: str) -> Put:
        return client.add_balance(who, code, Decimal("1.5"), as_of=JAN_4, note="TWP")

    assert (put("1001", "VAC"), add("1001", "VAC"), add("1001", "VAC")) == (
        Put.MISSING,
        Put.DONE,
        Put.EXISTS,
    )
    assert (put("1001", "VAC"), put("9999", "VAC"), add("9999", "VAC")) == (
        Put.DONE,
        Put.MISSING,
        Put.MISSING,
    )
    assert put("1001", "SICK1", "2025-01-01T00:00:00Z") is Put.CHANGED
    served.faults("millennium", errors=["payroll_locked"])
    assert (put("1001", "VAC"), add("1001", "NEW")) == (Put.LOCKED, Put.LOCKED)
    served.calm("millennium")
    row = next(row for row in client.accruals_of("1001").take([]) if row.code == "VAC")
    assert (row.balance, row.as_of_date, row.note) == (Decimal("1.5"), JAN_4, "TWP")


def test_what_millennium_refuses_is_told_in_its_words(served: Served) -> None:
    with pytest.raises(Rejected, match="Balance"):
        served.client.put_balance("1001", "SICK1", Decimal("1.23456"), as_of=JAN_4, note="TWP")


@pytest.mark.requirement("SEC-3")
def test_an_id_that_would_lead_elsewhere_is_never_asked_for(loopback: Loopback, bench: Bench) -> None:
    client = scripted(loopback, bench, reply(ACCRUAL))
    for wrong in ("..", "", "."):
        with pytest.raises(Rejected):
            client.put_balance(wrong, "VAC", Decimal(1), as_of=JAN_4, note="TWP")
    assert loopback.seen == []


# --- against the sandbox ---------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", [500, 503, "reset"])
def test_trouble_is_for_later(fault: int | str, served: Served) -> None:
    served.client.organisation()
    served.faults("millennium", errors=[fault])
    with pytest.raises(RetryLater):
        list(served.client.accruals())


@pytest.mark.requirement("RUN-4")
def test_the_limit_of_calls_is_not_met_by_one_client(bench: Bench) -> None:
    seconds = [0.0]

    def sleep(pause: float) -> None:
        seconds[0] += pause

    options = replace(bench.options, paced=True, clock=lambda: seconds[0], sleep=sleep)
    with running(options=Options(clock=lambda: seconds[0])) as sandboxes:
        sandboxes.room("millennium").replace_state(STATE)
        client = system("millennium").connect(sandboxes.urls["millennium"], ACME, options)
        for _ in range(12):
            client.organisation()
    assert 2 <= seconds[0] <= 2.4


def test_an_unpaced_client_waits_where_it_is_told_to(bench: Bench) -> None:
    seconds = [0.0]

    def sleep(pause: float) -> None:
        seconds[0] += pause

    options = replace(bench.options, clock=lambda: seconds[0], sleep=sleep)
    with running(options=Options(clock=lambda: seconds[0])) as sandboxes:
        sandboxes.room("millennium").replace_state(STATE)
        client: Any = system("millennium").connect(sandboxes.urls["millennium"], ACME, options)
        for hours in range(12):
            client.put_balance("1001", "SICK1", Decimal(hours), as_of=JAN_4, note="TWP")
    assert seconds[0] >= 2


def test_every_row_of_the_seed_can_be_used(served: Served) -> None:
    state = millennium_state()
    served.put("millennium", state)
    for company in ("ACME", "BETA"):
        client = served.connected({**ACCOUNT, "company": Secret(company)})
        bad: list[BadRow] = []
        first, last = date(2025, 1, 1), date(2026, 12, 31)
        found = {
            "accrualcodes": client.codes().take(bad),
            "employees": [row for page in client.employees() for row in page.take(bad)],
            "accruals": [row for page in client.accruals() for row in page.take(bad)],
            "checks": [row for page in client.checks(first, last) for row in page.take(bad)],
            "calendar": client.calendar(first, last).take(bad),
        }
        assert bad == []
        for name, rows in found.items():
            assert len(rows) == len([row for row in state[name] if row["Co"] == company]), name
        one = found["checks"][0]
        assert one in client.checks_of(one.employee_id, one.check_date, one.check_date).take(bad)
        batches = client.batches(one.calendar_id).take(bad)
        assert one.employee_id in [who for row in batches for who in client.people_of(row.batch_number)]
        assert [task.name for task in client.tasks().take(bad)] == ["Accrual"]
        assert client.accrual_note().memo == ""
    assert [len(served.client.accruals_of("9999")), len(served.client.checks_of("9999", first, last))] == [
        0,
        0,
    ]


def test_it_needs_a_company(bench: Bench) -> None:
    with pytest.raises(CredentialsRefused, match="company"):
        system("millennium").connect("https://a.mpay.com", ACCOUNT, bench.options)
    with pytest.raises(NeedsAttention):
        system("millennium").connect("https://m3.evil.example", ACME, bench.options)
