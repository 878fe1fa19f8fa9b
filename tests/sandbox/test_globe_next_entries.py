"""Globe Next's sandbox: lines that wait for their header, what books them, and answers that get lost."""

import re
import time
from typing import Any

import pytest
import requests

from tests.sandbox.globe_companies import NO_KEY, SERVICE, STATE, Row, header, line
from tests.sandbox.test_synergy import refused, results

GUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"


@pytest.fixture
def globe(globe_next: Any) -> Any:
    answer = globe_next.put_state(STATE)
    assert answer.status_code == 200, answer.text
    return globe_next


def post(globe: Any, entity: str, body: Any, database: str = "500", **more: Any) -> requests.Response:
    headers = {**globe.headers, "DatabaseName": database}
    answer: requests.Response = globe.call("POST", f"{SERVICE}/{entity}", json=body, headers=headers, **more)
    return answer


def send(globe: Any, *lines: Row, database: str = "500") -> str:
    """Lines, of which the first gets the key that the others have: this key."""
    key = None
    for one in lines:
        body = one if key is None else {**one, "TransactionKey": key}
        answer = post(globe, "FinancialLine", body, database)
        assert answer.status_code == 201, answer.text
        key = answer.json()["d"]["TransactionKey"]
    assert key is not None
    return str(key)


def two(globe: Any, database: str = "500") -> str:
    return send(globe, line(), line(-3500.0, "1700"), database=database)


def of_key(globe: Any, key: str, entity: str = "FinancialLine", database: str = "500") -> list[Row]:
    headers = {**globe.headers, "DatabaseName": database}
    params = {"$filter": f"TransactionKey eq guid'{key}'"}
    return results(globe.get(f"{SERVICE}/{entity}", params=params, headers=headers))


# --- lines first, then the header ---------------------------------------------------------------------------


def test_the_first_line_gets_a_key_and_is_as_in_the_contract(globe: Any) -> None:
    answer = post(globe, "FinancialLine", line(CostCenter="001"))
    made = answer.json()["d"]
    assert answer.status_code == 201
    assert re.fullmatch(GUID, made["TransactionKey"])
    assert made["__metadata"]["uri"] == f"FinancialLine({made['ID']})"
    assert made["__metadata"]["type"] == "Exact.Metadata.Entity.FinancialLine"
    assert (made["GLAccount"], made["Amount"], made["CostCenter"]) == ("     4000", 3500.0, "001")
    dates = {made[name] for name in ("EntryDate", "ReportingDate", "FulfillmentDate")}
    assert dates == {"/Date(1769817600000)/"}
    assert (made["EntryNumber"], made["CostUnit"]) == (None, None)
    assert of_key(globe, made["TransactionKey"]) == [made]


def test_lines_wait_until_a_header_books_them(globe: Any) -> None:
    key = two(globe)
    assert [row["EntryNumber"] for row in of_key(globe, key)] == [None, None]
    assert of_key(globe, key, "FinancialHeader") == []
    answer = post(globe, "FinancialHeader", header(key))
    made = answer.json()["d"]
    assert answer.status_code == 201
    assert made == {
        "__metadata": {
            "id": "FinancialHeader(1)",
            "uri": "FinancialHeader(1)",
            "type": "Exact.Metadata.Entity.FinancialHeader",
        },
        "ID": 1,
        **header(key),
        "Amount": None,
        "CostCenter": None,
        "CostUnit": None,
        "EntryNumber": 20260001,
        "IsProcessed": True,
    }
    assert of_key(globe, key, "FinancialHeader") == [made]
    assert [row["EntryNumber"] for row in of_key(globe, key)] == [20260001, 20260001]
    params = {"$filter": "substringof('[je-55]',Description)"}
    assert results(globe.get(f"{SERVICE}/FinancialHeader", params=params)) == [made]


def test_entries_are_counted_by_company_and_year(globe: Any) -> None:
    booked = {"DatabaseName": "500", "TransactionKey": NO_KEY, "EntryNumber": 20260016}
    periods = [{**row, "Closed": False} for row in STATE["FinancialPeriod"]]
    globe.put_state({**STATE, "FinancialPeriod": periods, "FinancialHeader": [booked]})
    numbers = []
    for database, year, month in (("500", 2026, 1), ("500", 2025, 12), ("600", 2026, 1), ("500", 2026, 1)):
        date = {"EntryDate": f"{year}-{month:02d}-31T00:00:00"}
        key = send(globe, line(**date), line(-3500, "1700", **date), database=database)
        body = header(key, FinancialYear=year, FinancialPeriod=month)
        numbers.append(post(globe, "FinancialHeader", body, database).json()["d"]["EntryNumber"])
    assert numbers == [20260017, 20250001, 20260001, 20260018]


def test_the_entries_of_two_companies_do_not_meet(globe: Any) -> None:
    key = two(globe, "500")
    assert of_key(globe, key, database="600") == []
    assert refused(post(globe, "FinancialLine", line(TransactionKey=key), "600"))[0] == 404
    assert refused(post(globe, "FinancialHeader", header(key), "600"))[0] == 404
    (first, *_) = of_key(globe, key)
    headers = {**globe.headers, "DatabaseName": "600"}
    path = f"{SERVICE}/FinancialLine({first['ID']})"
    assert refused(globe.call("DELETE", path, headers=headers))[0] == 404
    assert [row["DatabaseName"] for row in globe.state()["FinancialLine"]] == ["500", "500"]
    assert post(globe, "FinancialHeader", header(key)).status_code == 201


@pytest.mark.parametrize(
    "amounts",
    [
        (-250.00, 250.00),
        (0.1, 0.2, -0.3),
        (1000.33, 1000.33, 1000.33, -3000.99),
        (0, 0.0),
        (99999999.99, -99999999.99),
        (0.0,),
    ],
)
def test_what_adds_up_to_the_cent_is_booked(amounts: tuple[float, ...], globe: Any) -> None:
    key = send(globe, *(line(amount) for amount in amounts))
    assert post(globe, "FinancialHeader", header(key)).status_code == 201
    assert [row["Amount"] for row in of_key(globe, key)] == list(amounts)


def test_an_entry_of_400_lines_is_booked_and_read_by_pages(globe: Any) -> None:
    started = time.monotonic()
    key = send(globe, *(line(0.01) for _ in range(399)), line(-3.99, "1700"))
    assert post(globe, "FinancialHeader", header(key)).status_code == 201
    answer = globe.get(f"{SERVICE}/FinancialLine", params={"$filter": f"TransactionKey eq guid'{key}'"})
    rows = results(answer)
    while following := answer.json()["d"].get("__next"):
        answer = globe.session.get(following, headers=globe.headers, timeout=10)
        rows += results(answer)
    assert len({row["ID"] for row in rows}) == 400
    assert time.monotonic() - started < 10


# --- what is refused ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "status", "message"),
    [
        (
            {"YourReference": "je-55"},
            400,
            "No property YourReference exists in type 'Exact.Metadata.Entity.FinancialLine' at position 0.",
        ),
        ({"ID": 1}, 400, "ID can't be written."),
        ({"EntryNumber": 20260001}, 400, "EntryNumber can't be written."),
        ({"DatabaseName": "600"}, 400, None),
        ({"Amount": "3500.00"}, 400, "Amount must be a number."),
        ({"Amount": None}, 400, "Amount is required."),
        ({"Amount": True}, 400, "Amount must be a number."),
        ({"Amount": 0.1 + 0.2}, 400, "Amount 0.30000000000000004 has more than two decimals."),
        ({"Amount": 3500.001}, 400, "Amount 3500.001 has more than two decimals."),
        ({"EntryDate": None}, 400, "EntryDate is required."),
        ({"EntryDate": "31-01-2026"}, 400, None),
        ({"EntryDate": "2026-01-31"}, 400, "EntryDate must be a time such as 2026-01-31T00:00:00."),
        ({"EntryDate": "/Date(1769817600000)/"}, 400, None),
        ({"ReportingDate": "2026-02-30T00:00:00"}, 400, None),
        ({"TransactionKey": "je-55"}, 400, "TransactionKey must be a guid."),
        ({"TransactionKey": NO_KEY}, 404, f"Transaction {NO_KEY} does not exist."),
        ({"GLAccount": ""}, 400, "GLAccount is required."),
        ({"GLAccount": "04000"}, 500, "General ledger account 04000 does not exist."),
        ({"GLAccount": "4099"}, 500, "General ledger account 4099 is blocked."),
        ({"GLAccount": "4010"}, 500, "Cost center is mandatory for general ledger account 4010."),
        (
            {"GLAccount": "4010", "CostCenter": ""},
            500,
            "Cost center is mandatory for general ledger account 4010.",
        ),
        ({"CostCenter": "009"}, 500, "Cost center 009 does not exist."),
        ({"CostCenter": "002"}, 500, "Cost center 002 is blocked."),
        ({"CostUnit": "P1"}, 500, "Cost unit P1 does not exist."),
    ],
)
def test_a_line_that_does_not_fit_is_refused_and_nothing_waits(
    changes: Row, status: int, message: str | None, globe: Any
) -> None:
    before = globe.state()
    found, said = refused(post(globe, "FinancialLine", {**line(), **changes}))
    assert (found, message in (None, said)) == (status, True), said
    assert globe.state() == before


@pytest.mark.parametrize("account", ["4000", "     4000", "4000 "])
def test_an_account_may_be_sent_with_blanks_or_without(account: str, globe: Any) -> None:
    assert post(globe, "FinancialLine", line(account=account)).json()["d"]["GLAccount"] == "     4000"
    assert post(globe, "FinancialLine", line(account="4010", CostCenter="001")).status_code == 201


@pytest.mark.parametrize(
    ("changes", "status", "message"),
    [
        (
            {"JournalNumber": "90"},
            400,
            "No property JournalNumber exists in type 'Exact.Metadata.Entity.FinancialHeader' at position 0.",
        ),
        ({"IsProcessed": True}, 400, "IsProcessed can't be written."),
        ({"EntryNumber": 1}, 400, "EntryNumber can't be written."),
        ({"TransactionKey": None}, 400, "TransactionKey is required."),
        ({"TransactionKey": NO_KEY}, 404, f"Transaction {NO_KEY} does not exist."),
        ({"Journal": ""}, 400, "Journal is required."),
        ({"Journal": "92"}, 400, "Journal 92 does not exist."),
        ({"Journal": "91"}, 400, "Journal 91 is blocked."),
        ({"FinancialYear": None}, 400, "FinancialYear is required."),
        ({"FinancialPeriod": "1"}, 400, "FinancialPeriod must be a whole number."),
        ({"FinancialPeriod": 13}, 400, "Financial period 2026/13 does not exist."),
        ({"FinancialYear": 2025, "FinancialPeriod": 12}, 400, "Financial period 2025/12 is closed."),
        ({"FinancialPeriod": 2}, 500, "Entry date 2026-01-31 is not in financial period 2026/2."),
        ({"CostCenter": "009"}, 500, "Cost center 009 does not exist."),
    ],
)
def test_a_header_that_does_not_fit_is_refused_and_the_lines_wait_on(
    changes: Row, status: int, message: str, globe: Any
) -> None:
    key = two(globe)
    before = globe.state()
    assert refused(post(globe, "FinancialHeader", {**header(key), **changes})) == (status, message)
    assert globe.state() == before
    assert post(globe, "FinancialHeader", header(key)).status_code == 201


@pytest.mark.parametrize(
    ("amounts", "difference"),
    [
        ((1000.33, 1000.33, 1000.33, -3001.00), "-0.01"),
        ((0.01,), "0.01"),
        ((250, 250), "500.00"),
        ((99999999.99, -99999999.98), "0.01"),
    ],
)
def test_an_entry_that_is_a_cent_out_is_refused(
    amounts: tuple[float, ...], difference: str, globe: Any
) -> None:
    key = send(globe, *(line(amount) for amount in amounts))
    said = f"The entry is not balanced: the difference is {difference}."
    assert refused(post(globe, "FinancialHeader", header(key))) == (400, said)
    assert globe.state()["FinancialHeader"] == []


@pytest.mark.parametrize(
    ("entry", "reporting", "period"),
    [("2025-12-31", "2026-01-31", (2025, 12)), ("2026-01-31", "2025-12-31", (2026, 1))],
)
def test_a_closed_period_of_either_date_refuses_until_it_is_opened(
    entry: str, reporting: str, period: tuple[int, int], globe: Any
) -> None:
    dates = {"EntryDate": f"{entry}T00:00:00", "ReportingDate": f"{reporting}T00:00:00"}
    key = send(globe, line(**dates), line(-3500.0, "1700", **dates))
    body = header(key, FinancialYear=period[0], FinancialPeriod=period[1])
    assert refused(post(globe, "FinancialHeader", body)) == (400, "Financial period 2025/12 is closed.")
    state = globe.state()
    for row in state["FinancialPeriod"]:
        row["Closed"] = False
    globe.put_state(state)
    assert post(globe, "FinancialHeader", body).status_code == 201


def test_a_key_is_booked_once(globe: Any) -> None:
    key = two(globe)
    assert post(globe, "FinancialHeader", header(key)).status_code == 201
    before = globe.state()
    said = f"Transaction {key} is already processed."
    assert refused(post(globe, "FinancialHeader", header(key))) == (400, said)
    assert refused(post(globe, "FinancialLine", line(TransactionKey=key))) == (400, said)
    assert globe.state() == before


def test_a_body_that_is_no_json_is_refused(globe: Any) -> None:
    path, headers = f"{SERVICE}/FinancialLine", {**globe.headers, "Content-Type": "application/json"}
    for body in ("{", "[]", '{"GLAccount": "4000", "Amount": NaN, "EntryDate": "2026-01-31T00:00:00"}'):
        assert refused(globe.call("POST", path, data=body, headers=headers))[0] == 400
    assert refused(globe.call("POST", path, data="{}", headers=globe.headers))[0] == 415
    assert globe.state()["FinancialLine"] == []


# --- lines that are taken back ------------------------------------------------------------------------------


@pytest.mark.parametrize("header_of_post", [False, True])
def test_lines_that_wait_can_be_taken_back(header_of_post: bool, globe: Any) -> None:
    key, other = two(globe), two(globe)
    for row in of_key(globe, key):
        path = f"{SERVICE}/FinancialLine({row['ID']})"
        if header_of_post:
            answer = globe.call("POST", path, headers={**globe.headers, "X-HTTP-Method": "DELETE"})
        else:
            answer = globe.call("DELETE", path)
        assert (answer.status_code, answer.content) == (204, b"")
        assert refused(globe.call("DELETE", path))[0] == 404
    assert of_key(globe, key) == []
    assert len(of_key(globe, other)) == 2
    assert refused(post(globe, "FinancialHeader", header(key)))[0] == 404
    assert refused(post(globe, "FinancialLine", line(TransactionKey=key)))[0] == 404
    taken = {row["ID"] for row in globe.state()["FinancialLine"]}
    assert post(globe, "FinancialLine", line()).json()["d"]["ID"] == max(taken) + 1


def test_lines_that_are_booked_stay(globe: Any) -> None:
    key = two(globe)
    post(globe, "FinancialHeader", header(key))
    for row in of_key(globe, key):
        said = f"FinancialLine {row['ID']} is processed and can not be removed."
        assert refused(globe.call("DELETE", f"{SERVICE}/FinancialLine({row['ID']})")) == (400, said)
    assert len(of_key(globe, key)) == 2


# --- answers that get lost ----------------------------------------------------------------------------------

LOST = [("reset", False), ("timeout", False), ("after_write_reset", True), ("after_write_timeout", True)]


@pytest.mark.parametrize(("fault", "done"), LOST)
@pytest.mark.parametrize("which", ["first line", "further line", "header"])
def test_the_answer_to_either_post_may_get_lost(which: str, fault: str, done: bool, globe: Any) -> None:
    key = two(globe) if which == "header" else send(globe, line()) if which == "further line" else None
    body = line(-3500.0, "1700", TransactionKey=key) if key else line()
    entity, body = ("FinancialHeader", header(key or "")) if which == "header" else ("FinancialLine", body)
    before = len(globe.state()[entity])
    globe.faults(errors=[fault], match=f"create {entity}", count=1)
    with pytest.raises(requests.RequestException):
        post(globe, entity, body, timeout=0.5)
    assert [entry["fault"] for entry in globe.log() if entry["operation"] == f"create {entity}"][-1] == fault
    assert len(globe.state()[entity]) == before + done


@pytest.mark.parametrize("fault", ["after_write_reset", "after_write_timeout"])
def test_a_read_has_nothing_to_lose(fault: str, globe: Any) -> None:
    globe.faults(errors=[fault])
    assert globe.get(f"{SERVICE}/Journal").status_code == 200


@pytest.mark.parametrize(
    ("fault", "entity", "status", "message"),
    [
        ("period_closes", "FinancialHeader", 400, "Financial period 2026/1 is closed."),
        ("journal_blocks", "FinancialHeader", 400, "Journal 90 is blocked."),
        (
            "line_goes",
            "FinancialHeader",
            400,
            "The entry is not balanced: the difference is 3500.00.",
        ),
        ("account_blocks", "FinancialLine", 500, "General ledger account 1700 is blocked."),
    ],
)
def test_somebody_may_be_quicker(fault: str, entity: str, status: int, message: str, globe: Any) -> None:
    key = two(globe)
    globe.faults(errors=[fault], count=1)
    assert globe.get(f"{SERVICE}/Journal").status_code == 200
    body = header(key) if entity == "FinancialHeader" else line(1, "1700", TransactionKey=key)
    assert refused(post(globe, entity, body)) == (status, message)
    assert globe.state()["FinancialHeader"] == []


def test_an_account_that_is_blocked_meanwhile_refuses_the_header(globe: Any) -> None:
    key = two(globe)
    state = globe.state()
    for row in state["GLAccount"]:
        row["Blocked"] = True
    globe.put_state(state)
    said = "General ledger account 4000 is blocked."
    assert refused(post(globe, "FinancialHeader", header(key))) == (500, said)


@pytest.mark.parametrize("fault", ["period_closes", "journal_blocks", "line_goes", "account_blocks"])
@pytest.mark.parametrize("body", [b"{", b"[]", b"{}"])
def test_nobody_is_quicker_where_nothing_fits(fault: str, body: bytes, globe: Any) -> None:
    before = globe.state()
    globe.faults(errors=[fault])
    headers = {**globe.headers, "Content-Type": "application/json"}
    for entity in ("FinancialLine", "FinancialHeader"):
        assert refused(globe.call("POST", f"{SERVICE}/{entity}", data=body, headers=headers))[0] == 400
    assert globe.state() == before
