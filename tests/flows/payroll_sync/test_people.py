"""People through the flow: hires, conversions, changes, leavers, and who is kept out (PE-1 to PE-9)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from payrelay.domain.runs import Run
from payrelay.domain.sensitive import MASK
from payrelay.flows.payroll_sync import moved
from tests.worlds import hr
from tests.worlds.hr import GERMAN, IBAN, SAVED, Delft, account, bsn, card, contract, edm, role, stamp

DEC_31, DEC_14, MAY_31, SECOND = (
    date(2026, 12, 31),
    date(2026, 12, 14),
    date(2021, 5, 31),
    date(2021, 9, 1),
)


def said(office: Delft, run: Run, number: int = 1042) -> tuple[str, str]:
    """The outcome and the reason's code of somebody's record; of one that was unchanged there is none."""
    record = office.records(run).get(f"employee:{number}")
    if record is None:
        return "unchanged", ""
    return record.outcome.value, record.reason.code if record.reason else ""


def at(office: Delft, *moment: int) -> None:
    """It is that time, in UTC."""
    office.clock.now = datetime(*moment, tzinfo=UTC)  # type: ignore[misc]


def inactive(office: Delft, day: date | None, *, status: str = "A", contract_end: date | None = None) -> None:
    """Somebody enters an inactive date now; Synergy gives it to the open contracts."""
    office.card(1042, InactiveDate=edm(day) if day else None, EmployeeStatus=status)
    end = contract_end or day
    office.edit("synergy", "Contract", {"ResourceID": 1042}, EndDate=edm(end) if end else None)


# --- a hire, from concept to employee --------------------------------------------------------------------


@pytest.mark.requirement("PE-3", "PE-4")
def test_a_hire_becomes_a_concept_and_what_waits_goes_by_itself_once_they_are_an_employee(
    office: Delft,
) -> None:
    """(PW-04)"""
    office.hire(card())
    run = office.people()
    assert said(office, run) == ("created", "STILL_CONCEPT")
    assert office.in_payroll("sepaBankPayments", 1042) == []
    office.forget_requests()
    run = office.people()
    assert said(office, run) == ("unchanged", "STILL_CONCEPT")
    message = office.records(run)["employee:1042"].reason.message
    assert message.startswith("Employee 1042 (Hanneke de Graaf) is a concept employee")
    assert message.endswith("waits: the bank account, job title, cost centre.")
    assert office.sent() == []
    office.convert(1042)
    assert said(office, office.people()) == ("updated", "")
    (employment,) = office.in_payroll("employments", 1042)
    assert (employment["employed"], employment["jobTitle"], employment["costCentre"]) == (
        "2020-01-01",
        "Controller",
        "001",
    )
    (paid,) = office.in_payroll("sepaBankPayments", 1042)
    assert (paid["iban"], paid["beneficiary"], paid["city"]) == (IBAN, "Hanneke de Graaf", "Delft")
    office.forget_requests()
    assert said(office, office.people()) == ("unchanged", "")
    assert [one["operation"] for one in office.requests("payroll_plus")] == ["list employees"]


@pytest.mark.requirement("PE-4", "PE-6")
def test_hanneke_van_schaik_de_graaf(office: Delft) -> None:
    """The document's own example."""
    names = {"MiddleName": "van", "LastName": "Schaik", "BirthPrefix": "de", "MaidenName": "Graaf"}
    office.hire(card(**names))
    office.people()
    (concept,) = office.in_payroll("conceptEmployees", 1042)
    assert {
        name: concept[name]
        for name in ("nickname", "prefixPartner", "lastNamePartner", "prefix", "birthName")
    } == {
        "nickname": "Hanneke",
        "prefixPartner": "van",
        "lastNamePartner": "Schaik",
        "prefix": "de",
        "birthName": "Graaf",
    }


@pytest.mark.requirement("PE-3")
def test_one_who_is_made_an_employee_while_being_sent_is_written_as_one(office: Delft) -> None:
    office.hire(card())
    office.people()
    office.card(1042, Mobile="0699999999")
    office.faults("payroll_plus", errors=["converted"], error_rate=1.0)
    run = office.people()
    office.calm("payroll_plus")
    assert said(office, run)[0] in ("updated", "failed")
    office.people()
    (employee,) = office.in_payroll("employees", 1042)
    assert employee["mobile"] == "0699999999"


# --- changes ---------------------------------------------------------------------------------------------


@pytest.mark.requirement("PE-4")
def test_an_emptied_field_is_emptied_and_one_that_can_not_be_seen_stays(office: Delft) -> None:
    """(PW-05)"""
    office.settle(card())
    office.card(1042, Mobile=None)
    run = office.people()
    changes = {
        change.field: (change.old, change.new) for change in office.records(run)["employee:1042"].changes
    }
    assert changes == {"mobile": ("0612345678", None)}
    assert office.in_payroll("employees", 1042)[0].get("mobile") is None
    settings = office.state("synergy")["settings"]
    settings[0]["left_out"] = ["Resource.AnnualSalary"]
    office.put("synergy", {**office.state("synergy"), "settings": settings})
    office.card(1042, Fax="015")
    run = office.people()
    assert said(office, run) == ("updated", "FIELD_NOT_SHOWN")
    assert office.in_payroll("employees", 1042)[0]["fiscalDetails"] == {"annualSalary": "42000.00"}


@pytest.mark.requirement("PE-4", "RUN-10")
def test_a_type_that_changes_from_employee_empties_the_salary_and_the_brake_sees_it(office: Delft) -> None:
    office.settle(card())
    office.settings(brake={"people": 0, "share": 0})
    office.card(1042, EmployeeType="C")
    run = office.people()
    assert run.status.value == "held"
    assert run.held
    office.settings(brake={"people": 100, "share": 1})
    run = office.people()
    changes = {change.field: change.new for change in office.records(run)["employee:1042"].changes}
    assert changes == {"typeOfEmployee": "Contractor", "fiscalDetails.annualSalary": None}


@pytest.mark.requirement("PE-1", "PE-7")
def test_an_account_and_a_role_that_change_without_the_card_are_seen(office: Delft) -> None:
    """(PW-03)"""
    office.settle(card())
    at(office, 2026, 3, 9, 5, 0)
    office.edit("synergy", "BankAccount", {"ResourceID": 1042}, IBAN=GERMAN, BIC="TESTDEFF")
    state = office.state("synergy")
    office.put(
        "synergy",
        {
            **state,
            "Resource": [*state["Resource"], card(1055)],
            "RoleMember": [*state["RoleMember"], role(1055)],
        },
    )
    run = office.people()
    assert said(office, run, 1055)[0] == "created"
    (paid,) = office.in_payroll("sepaBankPayments", 1042)
    assert (paid["iban"], paid["bic"]) == (GERMAN, "TESTDEFF")


BANKS: list[tuple[dict[str, Any], str, dict[str, Any] | None]] = [
    ({"IBAN": "NL12BANK0123456789", "BIC": "BANKNL2A"}, "", {"iban": "NL12BANK0123456789"}),
    ({"IBAN": None}, "BANK_ACCOUNT_KEPT", {"iban": IBAN}),
    ({"IBAN": "BE53123456789012", "BIC": None}, "", {"iban": "BE53123456789012"}),
    ({"IBAN": "nl91 abna 0417 1643 00"}, "", {"iban": IBAN}),
    ({"IBAN": GERMAN, "IsDefault": False}, "BANK_ACCOUNT_KEPT", {"iban": IBAN}),
    ({"IBAN": "NL91ABNA0417164301"}, "IBAN_NOT_VALID", {"iban": IBAN}),
]


@pytest.mark.requirement("PE-7")
@pytest.mark.parametrize(("changed", "code", "paid"), BANKS)
def test_a_bank_account_is_sent_as_payroll_takes_it_or_stays(
    office: Delft, changed: dict[str, Any], code: str, paid: dict[str, Any]
) -> None:
    """(PW-29)"""
    office.settle(card())
    office.edit("synergy", "BankAccount", {"ResourceID": 1042}, **changed)
    assert said(office, office.people())[1] == code
    (row,) = office.in_payroll("sepaBankPayments", 1042)
    assert row["iban"] == paid["iban"]
    assert row.get("bic") is None


@pytest.mark.requirement("PE-4", "SEC-1")
def test_a_bsn_is_checked_masked_and_belongs_to_one_person(office: Delft) -> None:
    """(PW-30)"""
    office.hire(card(SocialSecurityNumber="123456789"), card(1077))
    run = office.people()
    assert said(office, run) == ("blocked", "VALUE_NOT_VALID")
    assert "123456789" not in str(office.stored(run))
    office.card(1042, SocialSecurityNumber="123456782")
    run = office.people()
    assert said(office, run)[0] == "created"
    assert "123456782" not in str(office.stored(run))
    assert said(office, office.people()) == ("unchanged", "STILL_CONCEPT")
    office.card(1077, SocialSecurityNumber="1234.56.782")
    run = office.people()
    assert said(office, run, 1077) == ("blocked", "SAME_SOCIAL_SECURITY_NUMBER")
    why = office.records(run)["employee:1077"].reason
    assert "employee 1042 (Hanneke de Graaf)" in why.message
    assert "123456782" not in why.message


@pytest.mark.requirement("PE-9")
def test_a_recoded_person_is_refused_and_a_deleted_one_deletes_nothing(office: Delft) -> None:
    office.settle(card())
    recoded = card(2042, SocialSecurityNumber=bsn(1042))
    office.put("synergy", hr.office(recoded))
    run = office.people(full=True)
    assert said(office, run, 2042) == ("blocked", "RESOURCE_RECODED")
    assert said(office, run, 1042) == ("skipped", "GONE_FROM_SYNERGY")
    assert len(office.in_payroll("employees", 1042)) == 1
    assert office.in_payroll("conceptEmployees", 2042) == []


@pytest.mark.requirement("PE-1")
def test_the_number_of_somebody_else_in_payroll_is_not_overwritten(office: Delft) -> None:
    there = {"employeeId": "1042", "nickname": "Ola", "birthName": "Hansen", "dateOfBirth": "1961-05-02"}
    office.fill(hr.office(card()), {"employees": [there]})
    run = office.people()
    assert said(office, run) == ("blocked", "OTHER_PERSON_THERE")
    why = office.records(run)["employee:1042"].reason
    assert "Hanneke de Graaf" in why.message
    assert "Ola Hansen" in why.message


# --- who falls out ---------------------------------------------------------------------------------------


@pytest.mark.requirement("PE-1", "PE-3")
def test_a_hire_that_was_moved_is_sent_and_one_that_was_called_off_is_named(office: Delft) -> None:
    """(PW-11)"""
    start, later = date(2027, 1, 1), date(2027, 2, 1)
    office.hire(card(1080, EmployeeStatus="H", StartDate=edm(start)), Contract=[contract(1080, start)])
    office.people()
    office.card(1080, StartDate=edm(later))
    run = office.people()
    (change,) = office.records(run)["employee:1080"].changes
    assert (change.field, change.new) == ("employed", "2027-02-01")
    office.card(1080, EmployeeStatus="R")
    run = office.people()
    assert said(office, run, 1080) == ("blocked", "FELL_OUT")
    why = office.records(run)["employee:1080"].reason
    assert "Rejected" in why.message
    assert "concept employee 1080 (Employer, HRM, Sollicitanten)" in why.message


@pytest.mark.requirement("PE-1")
def test_who_loses_the_role_is_blocked_until_somebody_has_seen_to_it(office: Delft) -> None:
    office.settle(card())
    office.put("synergy", {**office.state("synergy"), "RoleMember": []})
    for _ in range(2):
        assert said(office, office.people()) == ("blocked", "FELL_OUT")
    office.put("synergy", {**office.state("synergy"), "RoleMember": [role()]})
    assert said(office, office.people()) == ("unchanged", "")


# --- ends ------------------------------------------------------------------------------------------------


def two_contracts() -> dict[str, list[dict[str, Any]]]:
    return {"Contract": [contract(end=MAY_31), contract(start=SECOND)]}


@pytest.mark.requirement("PE-5", "PE-8", "PE-4")
def test_a_leaver_with_two_contracts(office: Delft) -> None:
    """(PW-07)"""
    office.settle(card(), **two_contracts())
    state = office.state("payroll_plus")
    state["employments"] = [
        {
            "employeeId": "1042",
            "payrollNoEE": 2,
            "employed": "2021-09-01",
            "jobTitle": "Controller",
            "costCentre": "001",
        },
        {"employeeId": "1042", "payrollNoEE": 1, "employed": "2020-01-01", "termDate": "2021-05-31"},
    ]
    office.put("payroll_plus", state)
    at(office, 2026, 12, 1, 5, 0)
    office.card(1042, InactiveDate=edm(DEC_31), ContractEnd=edm(DEC_31))
    state = office.state("synergy")
    state["Contract"][-1]["EndDate"] = edm(DEC_31)
    office.put("synergy", state)
    office.people()
    assert {row["payrollNoEE"]: row["termDate"] for row in office.in_payroll("employments", 1042)} == {
        1: "2021-05-31",
        2: "2026-12-31",
    }
    office.card(1042, StartDate=edm(date(2020, 2, 1)))
    office.people()
    assert {row["payrollNoEE"]: row["employed"] for row in office.in_payroll("employments", 1042)} == {
        1: "2020-02-01",
        2: "2021-09-01",
    }


@pytest.mark.requirement("PE-2", "PE-8")
def test_an_end_that_is_entered_on_the_last_day_is_sent_the_morning_after(office: Delft) -> None:
    """(PW-10)"""
    office.settle(card())
    at(office, 2026, 12, 14, 15, 10)
    inactive(office, DEC_14)
    at(office, 2026, 12, 15, 4, 0)
    entered = stamp(datetime(2026, 12, 14, 15, 11, tzinfo=UTC))
    office.edit("synergy", "Resource", {"ID": 1042}, EmployeeStatus="I", ModifiedDate=entered)
    assert said(office, office.people()) == ("updated", "END_SENT")
    assert office.in_payroll("employments", 1042)[0]["termDate"] == "2026-12-14"
    office.forget_requests()
    at(office, 2026, 12, 16, 4, 0)
    assert said(office, office.people()) in [("unchanged", ""), ("skipped", "ALREADY_INACTIVE")]
    assert office.sent() == []


@pytest.mark.requirement("PE-8", "TRG-1")
@pytest.mark.parametrize("run_at", [(2026, 12, 31, 22, 30), (2026, 12, 31, 23, 30)])
def test_the_last_day_of_the_year_is_the_day_itself_before_and_after_midnight(
    office: Delft, run_at: tuple[int, ...]
) -> None:
    """(PW-09)"""
    office.settle(card())
    at(office, 2026, 12, 31, 10, 0)
    inactive(office, DEC_31)
    at(office, *run_at)
    assert said(office, office.people()) == ("updated", "END_SENT")
    assert office.in_payroll("employments", 1042)[0]["termDate"] == "2026-12-31"


@pytest.mark.requirement("PE-8")
def test_a_date_before_its_entry_is_blocked_with_the_documents_text_until_it_stands_in_payroll(
    office: Delft,
) -> None:
    office.settle(card())
    at(office, 2026, 12, 10, 5, 0)
    inactive(office, date(2026, 11, 30), status="I")
    for _ in range(2):
        run = office.people()
        assert said(office, run) == ("blocked", "SYNERGY_ONLY")
    text = (
        "Important: The inactive date you entered for this employee will be applied to all active contracts "
        "in Synergy only"
    )
    message = office.records(run)["employee:1042"].reason.message
    assert text in message
    assert "Exact Payroll Plus still employs them" in message
    assert office.in_payroll("employments", 1042)[0]["termDate"] is None
    office.edit("payroll_plus", "employments", {"employeeId": "1042"}, termDate="2026-11-30")
    assert said(office, office.people()) == ("unchanged", "")


@pytest.mark.requirement("PE-8")
def test_somebody_who_comes_back_is_blocked_with_what_a_person_does(office: Delft) -> None:
    """(PW-08)"""
    office.settle(card())
    office.edit("payroll_plus", "employments", {"employeeId": "1042"}, termDate="2025-12-31")
    at(office, 2026, 12, 1, 5, 0)
    state = office.state("synergy")
    state["Contract"].append(contract(start=date(2026, 12, 1), ModifiedDate=stamp(office.clock())))
    office.put("synergy", state)
    run = office.people()
    assert said(office, run) == ("blocked", "ALL_EMPLOYMENTS_INACTIVE")
    assert said(office, office.people("preview")) == ("blocked", "ALL_EMPLOYMENTS_INACTIVE")
    office.edit("payroll_plus", "employments", {"employeeId": "1042"}, termDate=None)
    assert said(office, office.people()) == ("unchanged", "")


# --- how much is read ------------------------------------------------------------------------------------


@pytest.mark.requirement("RUN-11")
def test_only_what_moved_is_read_and_a_week_later_everything(office: Delft) -> None:
    office.settle(*(card(2000 + number) for number in range(5)))
    at(office, 2026, 3, 4, 5, 0)
    office.people()
    office.forget_requests()
    office.card(2003, Fax="015")
    office.people()
    read = [str(one["path"]).partition("?")[0].rpartition("/")[2] for one in office.requests("synergy")]
    assert sorted(read) == ["BankAccount", "Contract", "Resource", "RoleMember"]
    assert office.sent() == ["change employees"]
    assert len(office.requests("payroll_plus")) <= 4
    office.edit("payroll_plus", "employees", {"employeeId": "2001"}, fax="changed by hand")
    run = office.people(full=True)
    assert said(office, run, 2001) == ("updated", "CHANGED_IN_PAYROLL_PLUS")
    assert office.in_payroll("employees", 2001)[0].get("fax") is None


@pytest.mark.requirement("RUN-11", "PE-7")
def test_an_account_that_is_removed_is_seen_although_no_card_was_saved(office: Delft) -> None:
    office.settle(card())
    at(office, 2026, 3, 10, 5, 0)
    office.people()
    office.put("synergy", {**office.state("synergy"), "BankAccount": []})
    assert said(office, office.people()) == ("unchanged", "BANK_ACCOUNT_KEPT")


@pytest.mark.requirement("RUN-11", "PE-8")
def test_contracts_are_read_once_more_when_an_end_depends_on_them(office: Delft) -> None:
    """One of two contracts was deleted, which no list shows: an end that is entered then is by the other."""
    office.settle(card(), **two_contracts())
    at(office, 2026, 3, 10, 5, 0)
    office.people()
    state = office.state("synergy")
    earlier = stamp(SAVED + timedelta(minutes=1))
    office.put("synergy", {**state, "Contract": [contract(ModifiedDate=earlier)]})
    office.card(1042, Fax="015")
    office.forget_requests()
    office.people()
    assert sum("/Contract" in str(one["path"]) for one in office.requests("synergy")) == 1
    office.card(1042, InactiveDate=edm(DEC_31))
    run = office.people()
    assert said(office, run) == ("updated", "END_SENT")


@pytest.mark.requirement("RUN-8", "RUN-11")
def test_of_very_many_who_moved_each_page_reads_its_own(
    office: Delft, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(moved, "MOST_KEPT", 2)
    office.settle(*(card(2000 + number) for number in range(5)))
    at(office, 2026, 3, 10, 5, 0)
    office.people()
    office.forget_requests()
    for number in range(2000, 2004):
        office.card(number, Fax="015")
    assert (office.people().counts or {})["updated"] == 4
    assert {row.get("fax") for row in office.state("payroll_plus")["employees"]} == {"015", None}


@pytest.mark.requirement("RUN-4")
def test_what_a_busy_synergy_answers_stops_nothing_for_good(office: Delft) -> None:
    office.hire(card())
    office.faults("synergy", errors=[503], error_rate=0.5, seed=3)
    office.people()
    office.calm("synergy")
    office.people()
    assert len(office.in_payroll("conceptEmployees", 1042)) == 1


__all__ = ["SAVED", "account"]


# --- what the eye finds ----------------------------------------------------------------------------------


@pytest.mark.requirement("PE-3", "PE-5")
def test_a_concept_with_an_end_and_without_an_account_gets_all_of_it_once_converted(office: Delft) -> None:
    """(PW-04)"""
    office.hire(card(InactiveDate=edm(DEC_31)), BankAccount=[], Contract=[contract(end=DEC_31)])
    office.people()
    office.convert(1042)
    assert said(office, office.people()) == ("updated", "END_SENT")
    (employment,) = office.in_payroll("employments", 1042)
    assert (employment["jobTitle"], employment["termDate"]) == ("Controller", "2026-12-31")


@pytest.mark.requirement("PE-5", "PE-8")
def test_the_end_of_somebody_without_contracts_is_that_of_the_card(office: Delft) -> None:
    office.settle(card(), Contract=[])
    at(office, 2026, 12, 10, 5, 0)
    office.card(1042, InactiveDate=edm(DEC_31))
    run = office.people()
    assert said(office, run) == ("updated", "END_SENT")
    assert office.records(run)["employee:1042"].reason.message == (
        "Employee 1042 (Hanneke de Graaf): Important: The date you entered for an employee will be applied "
        "to all active contracts of that employee. The inactive date 2026-12-31 is sent."
    )
    assert office.in_payroll("employments", 1042)[0]["termDate"] == "2026-12-31"


@pytest.mark.requirement("PE-8")
def test_a_date_that_is_moved_carries_the_documents_text(office: Delft) -> None:
    office.settle(card())
    at(office, 2026, 12, 1, 5, 0)
    inactive(office, DEC_31)
    office.people()
    inactive(office, date(2026, 12, 20))
    run = office.people()
    assert said(office, run) == ("updated", "END_CHANGED")
    assert (
        "Note that by changing the inactive date of the employee, you need to manually make sure the "
        "contract information is correct, either by adding a new contract or by adjusting an existing "
        "contract"
    ) in office.records(run)["employee:1042"].reason.message


@pytest.mark.requirement("PE-4", "PE-5")
@pytest.mark.parametrize("field", ["InactiveDate", "CountryCode"])
def test_an_end_or_a_country_that_can_not_be_seen_is_none_that_was_emptied(office: Delft, field: str) -> None:
    """(PW-05)"""
    office.settle(card())
    at(office, 2026, 12, 1, 5, 0)
    inactive(office, DEC_31)
    office.people()
    settings = office.state("synergy")["settings"]
    settings[0]["left_out"] = [f"Resource.{field}"]
    office.put("synergy", {**office.state("synergy"), "settings": settings})
    outcome = "blocked" if field == "CountryCode" else "unchanged"
    assert said(office, office.people(full=True)) == (outcome, "FIELD_NOT_SHOWN")
    assert office.in_payroll("employments", 1042)[0]["termDate"] == "2026-12-31"


@pytest.mark.requirement("PE-7")
def test_a_new_name_or_city_goes_to_the_account_too(office: Delft) -> None:
    office.settle(card())
    office.card(1042, FullName="Hanneke van Schaik", City="Breda")
    assert said(office, office.people()) == ("updated", "")
    (paid,) = office.in_payroll("sepaBankPayments", 1042)
    assert (paid["iban"], paid["beneficiary"], paid["city"]) == (IBAN, "Hanneke van Schaik", "Breda")


@pytest.mark.requirement("PE-4")
def test_a_number_that_was_corrected_belongs_to_nobody_any_more(office: Delft) -> None:
    """(PW-30) Somebody had another's social security number by mistake."""
    office.settle(card(1042, SocialSecurityNumber=bsn(1077)))
    office.card(1042, SocialSecurityNumber=bsn(1042))
    office.people()
    state = office.state("synergy")
    state["Resource"].append(card(1077))
    state["RoleMember"].append({"ResourceID": 1077, "RoleCode": "PAYROLLPLUS"})
    office.put("synergy", state)
    run = office.people()
    assert office.records(run)["employee:1077"].outcome == "created"


@pytest.mark.requirement("PE-4", "SEC-1")
def test_a_birth_date_is_shown_as_changed_and_no_more(office: Delft) -> None:
    office.settle(card())
    office.card(1042, BirthDate=edm(date(1985, 4, 26)))
    (change,) = office.records(office.people())["employee:1042"].changes
    assert (change.field, change.old, change.new) == ("dateOfBirth", MASK, MASK)


@pytest.mark.requirement("PE-4", "PE-8")
def test_the_start_of_somebody_who_came_back_is_not_given_to_an_employment_that_ended(office: Delft) -> None:
    """(PW-07)"""
    back = date(2026, 3, 2)
    office.settle(card())
    office.edit("payroll_plus", "employments", {"employeeId": "1042"}, termDate="2025-12-31")
    state = office.state("payroll_plus")
    state["employments"].append({"employeeId": "1042", "payrollNoEE": 2, "employed": "2026-03-02"})
    office.put("payroll_plus", state)
    office.card(1042, StartDate=edm(back))
    office.people()
    assert [row["employed"] for row in office.in_payroll("employments", 1042)] == ["2020-01-01", "2026-03-02"]


# --- diagnosis -------------------------------------------------------------------------------------------


@pytest.mark.requirement("PE-1", "OPS-3")
def test_the_diagnosis_tells_each_condition_what_was_sent_and_which_requests_wait(office: Delft) -> None:
    office.settle(card())
    office.card(1042, CountryCode="BE")
    state = office.state("synergy")
    office.put("synergy", {**state, "Request": [hr.request(90017, "HOURS", date(2026, 1, 5))]})
    checks = {check.name: check for check in office.opening(office.start("payroll_sync")).diagnose("1042")}
    assert [name for name, check in checks.items() if not check.passed] == [
        "Country is NL",
        "request 90017 (HOURS) is processed",
        "Employee 1042 is in step",
    ]
    assert checks["was sent before"].seen == "as employee"
    assert checks["request 90017 (HOURS) is processed"].seen == "Realised, from 2026-01-05 on"


@pytest.mark.requirement("PE-9", "RUN-9")
def test_somebody_who_is_asked_for_twice_is_looked_at_once(office: Delft) -> None:
    """DynamoDB takes no transaction that writes one item twice."""
    office.settle(card())
    run = office.people(employees=["1042", "1042"])
    assert (run.status, run.total) == ("succeeded", 1)
