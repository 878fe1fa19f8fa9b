"""QuickBooks' sandbox: tokens, queries, reading, limits, and the state that a tester sets."""

from datetime import timedelta
from typing import Any

import pytest

from local.seed import trade
from local.seed.quickbooks import quickbooks_state
from tests.sandbox.conftest import QUICKBOOKS_HEADERS
from tests.sandbox.quickbooks_company import BASE, STATE, code_of, invoice, sales_line


@pytest.fixture
def acme(quickbooks: Any) -> Any:
    answer = quickbooks.put_state(STATE)
    assert answer.status_code == 200, answer.text
    return quickbooks


def query(acme: Any, text: str) -> Any:
    return acme.get(f"{BASE}/query", params={"query": text, "minorversion": "75"})


def names(answer: Any) -> list[str]:
    (rows,) = (rows for rows in answer.json()["QueryResponse"].values() if isinstance(rows, list))
    return [row.get("DisplayName") or row["Name"] for row in rows]


# --- queries ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("select * from customer where DisplayName = 'harper ltd'", ["Harper Ltd"]),
        ("SELECT * FROM Customer WHERE DisplayName = 'O\\'Neil & Sons'", ["O'Neil & Sons"]),
        ("SELECT * FROM Customer", ["Harper Ltd", "O'Neil & Sons", "Boilers"]),
        ("SELECT * FROM Customer WHERE Active IN (true,false) AND DisplayName LIKE 'g%'", ["Gone Ltd"]),
        ("SELECT * FROM Customer WHERE DisplayName LIKE '%neil%'", ["O'Neil & Sons"]),
        ("SELECT * FROM Customer WHERE Active = false", ["Gone Ltd"]),
        ("SELECT * FROM Customer WHERE Id IN ('1', '99')", ["Harper Ltd"]),
        ("SELECT * FROM Customer WHERE Id > '1' ORDERBY DisplayName DESC", ["O'Neil & Sons", "Boilers"]),
        ("SELECT * FROM Customer STARTPOSITION 2 MAXRESULTS 1", ["O'Neil & Sons"]),
        ("SELECT * FROM Item", ["Service"]),
        (
            "SELECT * FROM Customer WHERE MetaData.LastUpdatedTime < '2026-01-05T11:00:00Z'",
            ["Harper Ltd"],
        ),
    ],
)
def test_a_query_finds(text: str, expected: list[str], acme: Any) -> None:
    assert names(query(acme, text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM Customer WHERE DisplayName = 'nobody'",
        "SELECT * FROM Customer WHERE DisplayName LIKE 'neil'",
        "SELECT * FROM Customer STARTPOSITION 9",
        "SELECT * FROM Customer MAXRESULTS 0",
        "SELECT * FROM Bill",
    ],
)
def test_without_a_hit_the_member_is_missing(text: str, acme: Any) -> None:
    assert query(acme, text).json()["QueryResponse"] == {}


def test_rows_are_counted_and_pages_have_their_cap(acme: Any) -> None:
    acme.put_state({"Customer": [{"DisplayName": f"Name {number:04}"} for number in range(1200)]})

    assert query(acme, "select count(*) from Customer").json()["QueryResponse"] == {"totalCount": 1200}
    assert len(names(query(acme, "SELECT * FROM Customer"))) == 100
    whole = query(acme, "SELECT * FROM Customer MAXRESULTS 5000").json()["QueryResponse"]
    assert (whole["startPosition"], whole["maxResults"], len(whole["Customer"])) == (1, 1000, 1000)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "4000"),
        ("SELECT Id FROM Customer", "4000"),
        ("SELECT * FROM Nobody", "4000"),
        ("SELECT * FROM Customer WHERE DisplayName = 'O'Neil'", "4000"),
        ("SELECT * FROM Customer WHERE DisplayName = 'a' OR Id = '1'", "4000"),
        ("SELECT * FROM Customer WHERE DisplayName != 'a'", "4000"),
        ("SELECT * FROM Customer WHERE Id IN ()", "4000"),
        ("SELECT * FROM Customer WHERE Id IN ('1'", "4000"),
        ("SELECT * FROM Customer STARTPOSITION 0", "4000"),
        ("SELECT * FROM Customer;", "4000"),
        ("SELECT * FROM Customer WHERE DisplayName = 'O\u2019Neil'", "4000"),
        ("SELECT * FROM Customer WHERE DisplayName LIKE '%a \u2013 b%'", "4000"),
        ("SELECT * FROM Customer WHERE DisplayName = 'W\u0142odarski'", "4000"),
        ("SELECT * FROM Customer WHERE DisplayName = '\u674e'", "4000"),
        ("SELECT * FROM Customer WHERE DisplayName = '\U0001f600'", "4000"),
        ("SELECT * FROM Account WHERE AcctNum = '4000'", "4001"),
        ("SELECT * FROM Invoice WHERE PrivateNote = 'x'", "4001"),
        ("SELECT * FROM Customer WHERE Id = 'x'", "4001"),
        ("SELECT * FROM Customer ORDERBY Notes", "4001"),
    ],
)
def test_a_query_that_is_none_is_refused(text: str, code: str, acme: Any) -> None:
    """(faults F1; fidelity, too kind: signs beyond Latin-1)"""
    assert code_of(query(acme, text)) == code


@pytest.mark.parametrize("text", ["M\u00fcller", "\u00c5se \u00ab\u00d8\u00bb \u00df"])
def test_the_signs_of_latin_1_are_no_trouble(text: str, acme: Any) -> None:
    """(fidelity) They work at the real one, too."""
    assert query(acme, f"SELECT * FROM Customer WHERE DisplayName = '{text}'").status_code == 200


def test_a_customer_is_found_by_e_mail(acme: Any) -> None:
    email = {"PrimaryEmailAddr": {"Address": "ap@new.example"}}
    acme.call("POST", f"{BASE}/customer", json={"DisplayName": "New", **email})
    assert names(query(acme, "SELECT * FROM Customer WHERE PrimaryEmailAddr = 'AP@new.example'")) == ["New"]


def test_a_query_may_be_posted_as_text(acme: Any) -> None:
    headers = {**QUICKBOOKS_HEADERS, "Content-Type": "application/text"}
    text = "SELECT * FROM Vendor"
    answer = acme.call("POST", f"{BASE}/query", data=text, headers=headers)

    assert names(answer) == ["Dales Electrical"]
    assert code_of(acme.call("POST", f"{BASE}/query", json=text)) == "500"


# --- reading and refusals --------------------------------------------------------------------------------


def test_rows_are_read_alone(acme: Any) -> None:
    assert acme.get(f"{BASE}/customer/1").json()["Customer"]["DisplayName"] == "Harper Ltd"
    assert acme.get(f"{BASE}/customer/3").json()["Customer"]["Active"] is False
    assert acme.get(f"{BASE}/companyinfo/9130357766900001").json()["CompanyInfo"]["CompanyName"] == "Acme Ltd"
    preferences = acme.get(f"{BASE}/preferences").json()["Preferences"]
    assert preferences["SalesFormsPrefs"] == {"CustomTxnNumbers": True}
    assert preferences["CurrencyPrefs"]["HomeCurrency"] == {"value": "GBP"}


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/customer/99", "610"),
        ("/companyinfo/1", "610"),
        ("/nobody/1", "500"),
        ("/customer", "500"),
        ("/customer/1/2", "500"),
        ("/customer/1?fields=Id", "2010"),
        ("/customer/1?minorversion=x", "2010"),
    ],
)
def test_what_can_not_be_read_is_refused_with_400(path: str, code: str, acme: Any) -> None:
    assert code_of(acme.get(BASE + path)) == code


@pytest.mark.parametrize(
    ("authorization", "detail"),
    [
        ("Bearer withdrawn", "Token expired"),
        ("quickbooks-sandbox-token", "Token missing"),
        ("", "Token missing"),
    ],
)
def test_a_wrong_token_is_refused_in_the_lower_case_shape(authorization: str, detail: str, acme: Any) -> None:
    headers = {**QUICKBOOKS_HEADERS, "Authorization": authorization}
    answer = acme.get(f"{BASE}/customer/1", headers=headers)
    error = {
        "message": "message=AuthenticationFailed; errorCode=003200; statusCode=401",
        "detail": detail,
        "code": "3200",
        "element": None,
    }
    fault = {"error": [error], "type": "AUTHENTICATION"}
    assert answer.status_code == 401
    assert answer.json() == {"warnings": None, "intuitObject": None, "fault": fault}


def test_another_company_is_forbidden(acme: Any) -> None:
    answer = acme.get("/v3/company/42/customer/1")
    assert (answer.status_code, answer.json()["fault"]["error"][0]["code"]) == (403, "3100")


def test_json_has_to_be_asked_for(acme: Any) -> None:
    headers = {**QUICKBOOKS_HEADERS, "Accept": "*/*"}
    assert code_of(acme.get(f"{BASE}/customer/1", headers=headers)) == "500"


def test_the_limits_of_a_second_and_a_minute(acme: Any, clocks: Any) -> None:
    def status() -> int:
        return int(acme.get(f"{BASE}/customer/1").status_code)

    assert [status() for _ in range(11)] == [200] * 10 + [429]
    limited = acme.get(f"{BASE}/customer/1")
    assert limited.json()["fault"]["error"][0]["code"] == "3001"
    assert "Retry-After" not in limited.headers
    for _ in range(49):
        clocks.seconds += 1
        assert {status() for _ in range(10)} == {200}
    clocks.seconds += 1
    assert status() == 429
    clocks.seconds += 10
    assert status() == 200


def test_forty_batches_a_minute(acme: Any, clocks: Any) -> None:
    body = {"BatchItemRequest": [{"bId": "1", "Query": "SELECT * FROM Vendor"}]}
    statuses = []
    for _ in range(41):
        clocks.seconds += 0.2
        statuses.append(acme.call("POST", f"{BASE}/batch", json=body).status_code)
    assert statuses == [200] * 40 + [429]


@pytest.mark.parametrize(
    ("error", "status", "code"), [("token", 401, "3200"), (429, 429, "3001"), (500, 500, "10000")]
)
def test_faults_have_their_own_shape(error: int | str, status: int, code: str, acme: Any) -> None:
    acme.faults(errors=[error])
    answer = acme.get(f"{BASE}/customer/1")
    body = answer.json()
    errors = body["Fault"]["Error"] if status == 500 else body["fault"]["error"]
    assert (answer.status_code, errors[0]["code"]) == (status, code)


# --- the state -------------------------------------------------------------------------------------------


def test_partial_rows_are_completed_and_the_state_goes_round(acme: Any) -> None:
    acme.put_state({**STATE, "Invoice": [invoice(None, sales_line(10.1), Balance=0)]})
    state = acme.state()
    row = state["Invoice"][0]
    job = state["Customer"][3]

    assert (row["Id"], row["SyncToken"], row["TotalAmt"], row["Balance"]) == ("1", "0", 12.12, 0)
    assert "DocNumber" not in row
    assert (job["Job"], job["FullyQualifiedName"]) == (True, "Harper Ltd:Boilers")
    assert state["Item"][0]["IncomeAccountRef"] == {"name": "Income", "value": "35"}
    assert state["settings"] == [{"allow_duplicate_numbers": False, "keep_refresh_token": False}]
    assert acme.put_state(state).status_code == 200
    assert acme.state() == state


@pytest.mark.parametrize(
    ("state", "field"),
    [
        ({"Customer": [{"DisplayName": "x"}, {"DisplayName": "X"}]}, "DisplayName"),
        ({"Customer": [{"Id": "1", "DisplayName": "x"}, {"Id": "1", "DisplayName": "y"}]}, "Id"),
        ({"Customer": [{"Id": "a", "DisplayName": "x"}]}, "Id"),
        ({"Item": [{"Name": "x", "IncomeAccountRef": {"name": "nobody"}}]}, "IncomeAccountRef"),
        ({"Item": [{"Name": "x", "Type": "Thing"}]}, "Type"),
        ({"Invoice": [{"CustomerRef": {"value": "9"}}]}, "CustomerRef"),
        (
            {"Preferences": [{"SalesFormsPrefs": {"CustomTxnNumbers": "yes"}}]},
            "SalesFormsPrefs.CustomTxnNumbers",
        ),
        ({"oauth_tokens": [{"refresh_token": "x"}]}, "refresh_expires"),
        (
            {"oauth_tokens": [{"refresh_token": "x", "refresh_expires": "soon", "access_tokens": {}}]},
            "refresh_expires",
        ),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(state: Any, field: str, acme: Any) -> None:
    before = acme.state()
    answer = acme.put_state(state)

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == field
    assert acme.state() == before


def test_the_log_says_what_was_asked_for(acme: Any, clocks: Any) -> None:
    acme.get(f"{BASE}/customer/1")
    query(acme, "select * from customer")
    acme.call("POST", f"{BASE}/invoice", json=invoice())
    acme.call("POST", f"{BASE}/invoice?operation=void", json={"Id": "397", "SyncToken": "0"})
    items = [{"bId": str(number), "operation": "create", "Bill": {}} for number in range(3)]
    acme.call("POST", f"{BASE}/batch", json={"BatchItemRequest": items})
    acme.call("POST", f"{BASE}/invoice", data=b"no json")
    acme.get("/elsewhere")

    assert [(entry["operation"], entry["writes"], entry["nodes"]) for entry in acme.log()] == [
        ("read Customer", False, None),
        ("query Customer", False, None),
        ("create Invoice", True, 1),
        ("void Invoice", True, 1),
        ("batch", True, 3),
        ("create Invoice", True, 1),
        (None, False, None),
    ]


def test_the_clock_of_rows_is_the_sandbox_own(acme: Any, clocks: Any) -> None:
    clocks.moment += timedelta(hours=-8)
    made = acme.call("POST", f"{BASE}/customer", json={"DisplayName": "New"}).json()

    assert made["Customer"]["MetaData"]["CreateTime"] == "2026-03-01T19:30:00-08:00"
    assert made["time"] == "2026-03-01T19:30:00.000-08:00"


def test_the_trading_company_has_what_a_first_sync_meets(quickbooks: Any) -> None:
    assert quickbooks.put_state(quickbooks_state()).status_code == 200
    state = quickbooks.state()

    known = {party.name for party in (*trade.CUSTOMERS, *trade.SUPPLIERS) if party.known}
    assert {row["DisplayName"] for row in (*state["Customer"], *state["Vendor"])} == known
    assert {row.code for row in trade.NOMINALS} < {row["AcctNum"] for row in state["Account"]}
    sales = {row.name for row in trade.NOMINALS if row.used_for == "Sales"}
    assert {row["IncomeAccountRef"]["name"] for row in state["Item"]} == sales
    assert {int(rate) for rate in trade.TAXES.values()} == {row["RateValue"] for row in state["TaxRate"]}
    assert [(row["DocNumber"], row["CustomerRef"]["name"], row["TotalAmt"]) for row in state["Invoice"]] == [
        ("S1000", "Harper Ltd", 120)
    ]
