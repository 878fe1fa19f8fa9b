"""Globe Next's sandbox: which company a call is about, its look-ups, who is let in."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any
from xml.etree import ElementTree

import pytest
import requests

from tests.sandbox.globe_companies import NO_KEY, SERVICE, STATE, Row, company
from tests.sandbox.rules import check_log, check_refused
from tests.sandbox.test_synergy import page, refused, results


@pytest.fixture
def globe(globe_next: Any) -> Any:
    answer = globe_next.put_state(STATE)
    assert answer.status_code == 200, answer.text
    return globe_next


def of(globe: Any, database: str) -> dict[str, str]:
    """The headers of a call about a company."""
    return {**globe.headers, "DatabaseName": database}


def codes(globe: Any, entity: str, database: str = "500", **options: str) -> list[str]:
    params = {f"${name}": text for name, text in options.items()}
    answer = globe.get(f"{SERVICE}/{entity}", params=params, headers=of(globe, database))
    return [row["Code"] for row in results(answer)]


# --- which company ------------------------------------------------------------------------------------------

CALLS = [
    ("GET", "CompanySetting"),
    ("GET", "GLAccount('4000')"),
    ("GET", "$metadata"),
    ("POST", "FinancialLine"),
    ("POST", "FinancialHeader"),
    ("DELETE", "FinancialLine(1)"),
    ("GET", "Nobody"),
]


@pytest.mark.parametrize(("method", "path"), CALLS)
@pytest.mark.parametrize("header", ["ServerName", "DatabaseName"])
def test_a_call_without_either_header_is_refused(header: str, method: str, path: str, globe: Any) -> None:
    for value in (None, ""):
        headers = {**globe.headers, header: value}
        answer = globe.call(method, f"{SERVICE}/{path}", json={}, headers=headers)
        assert refused(answer) == (400, f"The header {header} is required.")


@pytest.mark.parametrize(("method", "path"), CALLS)
@pytest.mark.parametrize(("server", "database"), [("SRV02", "500"), ("SRV01", "510"), ("SRV01", "0500")])
def test_a_wrong_server_or_database_is_refused(
    server: str, database: str, method: str, path: str, globe: Any
) -> None:
    headers = {**globe.headers, "ServerName": server, "DatabaseName": database}
    answer = globe.call(method, f"{SERVICE}/{path}", json={}, headers=headers)
    assert refused(answer) == (400, f"Cannot open database '{database}' on server '{server}'.")


def test_a_company_may_be_on_another_server(globe: Any) -> None:
    state = company("700")
    state["CompanySetting"][0]["ServerName"] = "SRV02"
    globe.put_state(state)
    headers = of(globe, "700")
    assert refused(globe.get(f"{SERVICE}/Journal", headers=headers))[0] == 400
    answer = globe.get(f"{SERVICE}/Journal", headers={**headers, "ServerName": "SRV02"})
    assert len(results(answer)) == 2


def test_every_company_has_look_ups_of_its_own(globe: Any) -> None:
    assert [codes(globe, "CostCenter", database) for database in ("500", "600")] == [["001", "002"], []]
    assert [codes(globe, "CostUnit", database) for database in ("500", "600")] == [[], ["P1"]]
    for database, status in (("500", 200), ("600", 404)):
        answer = globe.get(f"{SERVICE}/CostCenter('001')", headers=of(globe, database))
        assert answer.status_code == status
    for entity in ("GLAccount", "Journal", "CompanySetting"):
        params = {"$filter": "DatabaseName eq '600'"}
        said = f"No property DatabaseName exists in type 'Exact.Metadata.Entity.{entity}' at position 0."
        assert refused(globe.get(f"{SERVICE}/{entity}", params=params)) == (400, said)


# --- look-ups as the contract shows them --------------------------------------------------------------------


def test_the_setting_is_as_in_the_contract(globe: Any) -> None:
    assert results(globe.get(f"{SERVICE}/CompanySetting")) == [
        {
            "__metadata": {"type": "Exact.Metadata.Entity.CompanySetting"},
            "Company": "500",
            "GeneralJournalExactPayrollPlus": "90",
            "DefaultCurrency": "EUR",
        }
    ]
    assert refused(globe.get(f"{SERVICE}/CompanySetting('500')"))[0] == 404


@pytest.mark.parametrize(("company_code", "journal"), [("   500", None), ("0500", ""), ("510", "  90 ")])
def test_a_setting_is_told_as_somebody_typed_it(company_code: str, journal: str | None, globe: Any) -> None:
    row = {
        "DatabaseName": "500",
        "Company": company_code,
        "GeneralJournalExactPayrollPlus": journal,
    }
    globe.put_state({"CompanySetting": [row]})
    (read,) = results(globe.get(f"{SERVICE}/CompanySetting"))
    assert (read["Company"], read["GeneralJournalExactPayrollPlus"]) == (company_code, journal)


@pytest.mark.parametrize(
    ("path", "row"),
    [
        (
            "GLAccount('4010')",
            {
                "Code": "     4010",
                "Description": "Sociale lasten",
                "Blocked": False,
                "CostCenterMandatory": True,
            },
        ),
        (
            "Journal('90')",
            {"Code": "90", "Description": "Salarisjournaal", "Type": "M", "Blocked": False},
        ),
        ("CostCenter('002')", {"Code": "002", "Description": "Oud", "Blocked": True}),
        (
            "FinancialPeriod(FinancialYear=2026,Period=1)",
            {
                "FinancialYear": 2026,
                "Period": 1,
                "StartDate": "/Date(1767225600000)/",
                "EndDate": "/Date(1769817600000)/",
                "Closed": False,
            },
        ),
    ],
)
def test_a_row_is_as_in_the_contract(path: str, row: Row, globe: Any) -> None:
    read = globe.get(f"{SERVICE}/{path}").json()["d"]
    assert read["__metadata"]["uri"] == path
    assert list(read.items())[1:] == list(row.items())


def test_accounts_are_compared_with_their_blanks(globe: Any) -> None:
    assert codes(globe, "GLAccount", filter="Code eq '4000'") == []
    assert codes(globe, "GLAccount", filter="Code eq '     4000'") == ["     4000"]
    assert codes(globe, "GLAccount", filter="Blocked eq true", select="Code") == ["     4099"]
    assert codes(globe, "GLAccount") == ["     1700", "     4000", "     4010", "     4099"]
    for path in ("GLAccount('     4000')", "GLAccount('4000')"):
        assert globe.get(f"{SERVICE}/{path}").status_code == 200


def test_periods_are_found_by_a_day(globe: Any) -> None:
    day = "datetime'2026-01-31T00:00:00'"
    answer = globe.get(
        f"{SERVICE}/FinancialPeriod", params={"$filter": f"StartDate le {day} and EndDate ge {day}"}
    )
    assert [(row["FinancialYear"], row["Period"]) for row in results(answer)] == [(2026, 1)]


@pytest.mark.parametrize(
    "key", ["2026", "FinancialYear=2026", "Year=2026,Period=1", "FinancialYear='x',Period=1"]
)
def test_a_key_of_two_parts_needs_both(key: str, globe: Any) -> None:
    assert refused(globe.get(f"{SERVICE}/FinancialPeriod({key})"))[0] == 400
    turned = globe.get(f"{SERVICE}/FinancialPeriod(Period=2, FinancialYear=2026)")
    assert turned.json()["d"]["StartDate"] == "/Date(1769904000000)/"
    assert refused(globe.get(f"{SERVICE}/FinancialPeriod(FinancialYear=2027,Period=1)"))[0] == 404


def test_next_leads_from_page_to_page_of_one_company(globe: Any) -> None:
    globe.put_state({**STATE, "settings": [{"page_size": 2}]})
    for options in ({}, {"$orderby": "Description desc"}, {"$filter": "Period ge 0"}):
        entity = "FinancialPeriod" if "$filter" in options else "GLAccount"
        answer = globe.get(f"{SERVICE}/{entity}", params=options)
        pages = [results(answer)]
        while following := answer.json()["d"].get("__next"):
            assert following.startswith(f"{globe.base}{SERVICE}/{entity}?")
            answer = globe.session.get(following, headers=globe.headers, timeout=10)
            pages.append(results(answer))
        assert [len(rows) for rows in pages] == ([2, 1] if entity == "FinancialPeriod" else [2, 2])
        names = [row["__metadata"]["uri"] for rows in pages for row in rows]
        assert len(set(names)) == len(names)
    assert refused(globe.get(f"{SERVICE}/CompanySetting?$skiptoken='500'"))[0] == 400


# --- paths and methods --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "path",
    [
        f"{SERVICE.lower()}/glaccount('4000')",
        f"{SERVICE.upper()}/GLACCOUNT('4000')",
        "/Services/exact.Entity.rest.EG/GlAccount('4000')",
    ],
)
def test_the_case_of_a_path_does_not_matter(path: str, globe: Any) -> None:
    assert globe.get(path).json()["d"]["Description"] == "Salarissen"


def test_the_case_of_a_key_does_matter(globe: Any) -> None:
    globe.put_state(company("500", CostCenter=[{"Code": "a1"}]))
    assert globe.get(f"{SERVICE}/costcenter('a1')").status_code == 200
    assert refused(globe.get(f"{SERVICE}/costcenter('A1')"))[0] == 404


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", f"{SERVICE}/Nobody", 404),
        ("GET", "/Synergy/services/Exact.Entity.REST.svc/Journal", 404),
        ("GET", f"{SERVICE}/FinancialLine(77)", 404),
        ("GET", f"{SERVICE}/FinancialLine('77')", 400),
        ("POST", f"{SERVICE}/Journal", 405),
        ("POST", f"{SERVICE}/CompanySetting", 405),
        ("MERGE", f"{SERVICE}/FinancialHeader(1)", 405),
        ("DELETE", f"{SERVICE}/FinancialHeader(1)", 405),
        ("DELETE", f"{SERVICE}/GLAccount('4000')", 405),
        ("DELETE", f"{SERVICE}/FinancialLine(77)", 404),
    ],
)
def test_what_there_is_not_is_refused(method: str, path: str, status: int, globe: Any) -> None:
    before = globe.state()
    assert refused(globe.call(method, path, json={}))[0] == status
    assert globe.state() == before


def test_the_log_names_what_was_asked(globe: Any) -> None:
    calls = [
        ("GET", f"{SERVICE}/journal", "list Journal"),
        ("GET", f"{SERVICE}/Journal('90')", "get Journal"),
        ("POST", f"{SERVICE}/FinancialLine", "create FinancialLine"),
        ("POST", f"{SERVICE}/financialheader", "create FinancialHeader"),
        ("DELETE", f"{SERVICE}/FinancialLine(7)", "remove FinancialLine"),
        ("GET", f"{SERVICE}/Nobody", None),
    ]
    check_log(globe, calls)


def test_the_service_describes_its_entities(globe: Any) -> None:
    answer = globe.get(f"{SERVICE}/$metadata")
    edm = "{http://schemas.microsoft.com/ado/2006/04/edm}"
    types = {
        one.get("Name"): {part.get("Name"): part.get("Type") for part in one.iter(f"{edm}Property")}
        for one in ElementTree.fromstring(answer.content)[0][0].iter(f"{edm}EntityType")
    }
    assert set(types) == set(STATE) | {"FinancialLine", "FinancialHeader"}
    assert (types["FinancialLine"]["Amount"], types["FinancialLine"]["TransactionKey"]) == (
        "Edm.Double",
        "Edm.Guid",
    )
    assert list(types["CompanySetting"]) == ["Company", "GeneralJournalExactPayrollPlus", "DefaultCurrency"]
    assert not {"DatabaseName", "ServerName"} & {name for fields in types.values() for name in fields}


# --- who is let in ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("header", ["", "Bearer x", "Basic cGF5cmVsYXk6eA=="])
def test_a_wrong_user_gets_a_page(header: str, globe: Any) -> None:
    answer = page(globe.get(f"{SERVICE}/Journal", headers={**globe.headers, "Authorization": header}), 401)
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="Globe"'


def test_a_server_may_want_windows_sign_in_or_keep_an_entity_closed(globe: Any) -> None:
    globe.put_state({**STATE, "settings": [{"no_right": ["FinancialHeader"]}]})
    page(globe.call("POST", f"{SERVICE}/financialheader", json={}), 403)
    assert len(codes(globe, "Journal")) == 2
    globe.put_state({**STATE, "settings": [{"ntlm": True}]})
    assert page(globe.get(f"{SERVICE}/Journal"), 401).headers["WWW-Authenticate"] == "NTLM"


def test_the_service_of_one_company_may_be_stopped(globe: Any) -> None:
    globe.put_state({**STATE, "settings": [{"stopped": ["600"]}]})
    page(globe.get(f"{SERVICE}/Journal", headers=of(globe, "600")), 503)
    assert len(codes(globe, "Journal", "500")) == 2


def test_faults_have_names(globe: Any) -> None:
    for fault, status in (("signin", 401), ("no_right", 403), ("stopped", 503)):
        globe.faults(errors=[fault])
        page(globe.get(f"{SERVICE}/Journal"), status)
    for error in (429, 500, 503):
        globe.faults(errors=[error])
        assert refused(globe.get(f"{SERVICE}/Journal"))[0] == error


def test_one_call_at_a_time_is_taken_for_a_company(globe: Any) -> None:
    globe.put_state({**STATE, "settings": [{"answer_ms": 400}]})

    def call(database: str) -> tuple[str, int]:
        answer = requests.get(f"{globe.base}{SERVICE}/Journal", headers=of(globe, database), timeout=10)
        return database, answer.status_code

    with ThreadPoolExecutor(3) as pool:
        found = sorted(pool.map(call, ["500", "500", "600"]))
    assert found == [("500", 200), ("500", 503), ("600", 200)]


def test_only_json_is_answered(globe: Any) -> None:
    headers = {**globe.headers, "Accept": "application/atom+xml"}
    assert refused(globe.get(f"{SERVICE}/Journal", headers=headers))[0] == 406


# --- the state ----------------------------------------------------------------------------------------------


def test_a_state_comes_back_completed_and_can_be_put_again(globe: Any) -> None:
    lines = [
        {"DatabaseName": name, "TransactionKey": NO_KEY.upper(), "GLAccount": "     4000", "Amount": 0}
        for name in ("500", "600")
    ]
    headers = [{"DatabaseName": "600", "ID": 9, "TransactionKey": NO_KEY, "EntryNumber": 20260017}]
    globe.put_state({**STATE, "FinancialLine": lines, "FinancialHeader": headers})
    state = globe.state()
    assert state["CompanySetting"][0] == {
        "DatabaseName": "500",
        "ServerName": "SRV01",
        "Company": "500",
        "GeneralJournalExactPayrollPlus": "90",
        "DefaultCurrency": "EUR",
    }
    assert [(row["ID"], row["TransactionKey"], row["GLAccount"]) for row in state["FinancialLine"]] == [
        (1, NO_KEY, "4000"),
        (2, NO_KEY, "4000"),
    ]
    assert (state["FinancialHeader"][0]["ID"], state["FinancialHeader"][0]["IsProcessed"]) == (9, True)
    assert state["settings"] == [
        {"page_size": 100, "ntlm": False, "no_right": [], "stopped": [], "answer_ms": 0}
    ]
    assert globe.put_state(state).status_code == 200
    assert globe.state() == state


@pytest.mark.parametrize(
    ("state", "field", "said"),
    [
        ({"Journal": [{"Code": "90"}]}, "DatabaseName", "is required"),
        ({"Journal": [{"DatabaseName": "500"}]}, "Code", "is required"),
        ({"Journal": [{"DatabaseName": 500, "Code": "90"}]}, "DatabaseName", "a text"),
        ({"GLAccount": [{"DatabaseName": "500", "Code": 4000}]}, "Code", "a text"),
        ({"CostCenter": [{"DatabaseName": "500", "Code": "1", "Blocked": 0}]}, "Blocked", "true or false"),
        ({"FinancialPeriod": [{"DatabaseName": "500", "FinancialYear": 2026}]}, "Period", "is required"),
        ({"FinancialLine": [{"DatabaseName": "500"}]}, "TransactionKey", "is required"),
        ({"FinancialHeader": [{"DatabaseName": "500", "TransactionKey": "x"}]}, "TransactionKey", "a guid"),
        ({"settings": [{"no_right": ["Resource"]}]}, "no_right[0]", "one of CompanySetting"),
        ({"settings": [{"stopped": [600]}]}, "stopped[0]", "not blank"),
    ],
)
def test_a_state_that_does_not_fit_is_refused_whole(
    state: dict[str, Any], field: str, said: str, globe: Any
) -> None:
    check_refused(globe, state, 0, field, said)
