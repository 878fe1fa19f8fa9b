"""What differs, what would be written, and what stands in the way of one employee (EX-3, EX-4)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest
from msgspec.structs import replace

from payrelay.domain.records import Record, Risk, Write
from payrelay.domain.runs import Link
from payrelay.domain.sensitive import UNREADABLE, BankAccount, SocialSecurityNumber
from payrelay.flows.employee_export.compare import Comparer, Payload
from payrelay.flows.employee_export.mapping import References, Target
from payrelay.flows.employee_export.records import gone
from payrelay.flows.employee_export.rules import SelectionRule
from payrelay.flows.employee_export.selection import Rivals, giving_way, judge
from payrelay.flows.employee_export.settings import ExportSettings
from payrelay.systems.rows import BadRow, Day, Unusable
from payrelay.systems.simployer.models import (
    BankDetails,
    Compensation,
    CostCenter,
    Employee,
    Employment,
    EmploymentType,
    HomeAddress,
)
from payrelay.systems.xledger.models import Code, ContactAddress, ContactNode, DbId, EmployeeNode, Reference

TODAY = date(2026, 3, 2)
SETTINGS = ExportSettings(compensation_types={"MONTHLY": "MONTH"})
PERMANENT = EmploymentType("t1", "permanent_employment")
KARI = Employee(
    id="e1",
    active=True,
    company_id="c1",
    employee_number="101",
    title="Controller",
    first_name="Kari",
    last_name="Nordmann",
    work_email="kari@acme.example",
    private_phone="+4790000001",
    hire_date=Day(2024, 2, 19),
    birth_date=Day(1990, 1, 1),
    gender="female",
    ssn=SocialSecurityNumber("01819012345"),
    bank_account=BankDetails(iban=BankAccount("NO9386011117947")),
    home_address=HomeAddress("Storgata 1", "0001", "Oslo", "NO"),
    custom={"probationEndDate": "2024-08-19T00:00:00.000Z", "exitReason": "Frivillig"},
    cost_center=CostCenter("cc1", "310"),
    employment_type=PERMANENT,
    compensation=Compensation("p1", "MONTHLY"),
)
NODE = EmployeeNode(
    db_id=DbId("70001"),
    code="101",
    description="Kari Nordmann",
    email="kari@acme.example",
    modified_at="2026-01-05T06:01:12",
    contact_db_id=DbId("81001"),
    employment_from=date(2024, 2, 19),
    trial_to=date(2024, 8, 19),
    social_security_masked="018190*****",
    employee_group=Reference("11"),
    exit_reason=Reference("31"),
    gl_object1=Reference("310310"),
)
CONTACT = ContactNode(
    db_id=DbId("81001"),
    first_name="Kari",
    last_name="Nordmann",
    initials="KN",
    birthday=date(1990, 1, 1),
    phone="+4790000001",
    email="kari@acme.example",
    job_title="Controller",
    gender=Code("F"),
    home_address=ContactAddress("Storgata 1", "0001", "Oslo", Code("NO")),
)
THERE = Target(NODE, CONTACT)
CODES = {
    "employee_groups": {"11": "FAST"},
    "employment_types": {"21": "ORD"},
    "cost_centres": {"310310": "310", "310320": "320"},
    "exit_reasons": {"31": "Frivillig", "32": "Ufrivillig"},
}


def references(**lost: BadRow) -> References:
    """What Xledger has; by kind a row that can't be used."""
    return References(
        CODES,
        {kind: Unusable([lost[kind]] if kind in lost else [], lambda row: row.number) for kind in CODES},
    )


def compare(
    employee: Employee = KARI,
    target: Target = THERE,
    link: Link | None = None,
    settings: ExportSettings = SETTINGS,
    shown: References | None = None,
) -> Write[Payload] | Record | None:
    return Comparer(settings, shown or references(), b"k" * 32, TODAY).compare(employee, target, link)


def written(found: Write[Payload] | Record | None) -> Write[Payload]:
    assert isinstance(found, Write)
    return found


def blocked(found: Write[Payload] | Record | None) -> tuple[str, str]:
    """The reason's code and message."""
    assert isinstance(found, Record)
    assert found.outcome == "blocked"
    assert found.reason
    return found.reason.code, found.reason.message


def known(employee: Employee = KARI) -> Link:
    """The link of someone who was exported as they are."""
    digests = written(compare(employee, Target(None, None))).digests
    return Link("employee", employee.id, employee.employee_number or "", NODE.db_id, digests)


def changes(found: Write[Payload] | Record | None) -> dict[str, tuple[str | None, str | None]]:
    return {one.field: (one.old, one.new) for one in written(found).record.changes}


@pytest.mark.requirement("EX-4")
def test_someone_without_a_difference_is_not_written() -> None:
    assert compare(link=known()) is None
    untidy = replace(KARI, title=" Controller ", first_name="Kari ")
    assert compare(untidy, link=known()) is None, "a blank around a value is no difference"


EDITS: list[tuple[str, Mapping[str, Any], Mapping[str, Any], tuple[str | None, str | None]]] = [
    ("employee.description", {"description": "Somebody"}, {}, ("Somebody", "Kari Nordmann")),
    ("employee.email", {"email": None}, {}, (None, "kari@acme.example")),
    ("employee.employmentFrom", {"employment_from": date(2020, 1, 1)}, {}, ("2020-01-01", "2024-02-19")),
    ("employee.employmentTo", {"employment_to": date(2026, 1, 1)}, {}, ("2026-01-01", None)),
    ("employee.trialTo", {"trial_to": None}, {}, (None, "2024-08-19")),
    ("employee.glObject1", {"gl_object1": Reference("310320")}, {}, ("320", "310")),
    ("employee.glObject1", {"gl_object1": Reference("5")}, {}, ("dbId 5", "310")),
    ("employee.exitReason", {"exit_reason": None}, {}, (None, "Frivillig")),
    ("employee.socialSec", {"social_security_masked": "311299*****"}, {}, ("*****", "*****45")),
    ("contact.jobTitle", {}, {"job_title": "Sjef"}, ("Sjef", "Controller")),
    ("contact.gender", {}, {"gender": Code("M")}, ("M", "F")),
    ("contact.initials", {}, {"initials": None}, (None, "KN")),
    (
        "contact.homeAddress.country",
        {},
        {"home_address": replace(CONTACT.home_address, country=None)},
        (None, "NO"),
    ),
]


@pytest.mark.requirement("EX-3", "EX-4")
@pytest.mark.parametrize(("name", "node", "contact", "values"), EDITS, ids=[row[0] for row in EDITS])
def test_an_edit_in_xledger_is_put_right_and_told_with_the_value_that_was_there(
    name: str,
    node: Mapping[str, Any],
    contact: Mapping[str, Any],
    values: tuple[str | None, str | None],
) -> None:
    target = Target(replace(NODE, **node), replace(CONTACT, **contact))
    assert changes(compare(target=target, link=known())) == {name: values}


@pytest.mark.requirement("EX-4")
def test_only_what_differs_is_sent_and_an_address_as_a_whole() -> None:
    moved = replace(KARI, home_address=HomeAddress("Kirkeveien 2", "0001", "Oslo", "NO"))
    found = written(compare(moved, link=known()))
    address = {"streetAddress": "Kirkeveien 2", "zipCode": "0001", "place": "Oslo", "country": "NO"}
    assert found.payload == Payload(None, {"homeAddress": address}, "81001", "2026-01-05T06:01:12")
    assert found.target_id == "70001"


@pytest.mark.requirement("EX-3", "EX-4")
@pytest.mark.parametrize(
    ("change", "name", "shown"),
    [
        ({"bank_account": BankDetails(number=BankAccount("86011117948"))}, "employee.bankAccount", "*****48"),
        ({"bank_account": None}, "employee.bankAccount", None),
        ({"ssn": SocialSecurityNumber("01819054321")}, "employee.socialSec", "*****21"),
        ({"ssn": None}, "employee.socialSec", None),
        ({"compensation": None}, "employee.compensationType", None),
    ],
)
def test_what_xledger_does_not_show_is_compared_with_what_was_last_sent(
    change: Mapping[str, Any], name: str, shown: str | None
) -> None:
    """What was never sent may be there all the same: nobody calls that a change (oncall OC-41)."""
    assert changes(compare(replace(KARI, **change), link=known())) == {name: ("*****", shown)}
    never_sent = replace(known(), digests={})
    assert changes(compare(link=never_sent))[name][0] == UNREADABLE


@pytest.mark.requirement("EX-4")
def test_someone_new_is_created_under_their_number() -> None:
    found = written(compare(target=Target(None, None)))
    assert (found.record.outcome, found.target_id) == ("created", None)
    assert found.payload.employee
    assert found.payload.employee["code"] == "101"
    assert found.payload.employee["exitReason"] == {"description": "Frivillig"}
    assert "employmentTo" not in found.payload.employee, "a blank of a new employee needs no word"


RISKS: list[tuple[str, Mapping[str, Any], Mapping[str, Any], list[Risk]]] = [
    ("the end of the employment", {"end_date": Day(2026, 6, 30)}, {}, [Risk.END]),
    ("another end", {"end_date": Day(2026, 6, 30)}, {"employment_to": date(2026, 1, 1)}, [Risk.EMPLOYMENT]),
    ("no end any more", {}, {"employment_to": date(2026, 1, 1)}, [Risk.EMPLOYMENT]),
    ("a field emptied", {"work_email": None}, {}, [Risk.EMPTY]),
    ("another account", {"bank_account": BankDetails(iban=BankAccount("NO8330001234567"))}, {}, [Risk.BANK]),
    ("another title", {"title": "CFO"}, {}, []),
]


@pytest.mark.requirement("RUN-10")
@pytest.mark.parametrize(
    ("change", "node", "risks"), [row[1:] for row in RISKS], ids=[row[0] for row in RISKS]
)
def test_the_brake_sees_what_a_change_does_to_a_person(
    change: Mapping[str, Any], node: Mapping[str, Any], risks: list[Risk]
) -> None:
    found = compare(replace(KARI, **change), Target(replace(NODE, **node), CONTACT), known())
    assert list(written(found).risks) == risks


BLOCKED: list[tuple[str, Mapping[str, Any], str, str]] = [
    ("cost centre", {"cost_center": CostCenter("cc9", "990")}, "COST_CENTRE_UNKNOWN", "cost centre 990"),
    ("exit reason", {"custom": {"exitReason": "Pensjon"}}, "REFERENCE_UNKNOWN", "exit reason Pensjon"),
    (
        "employment type",
        {"employment_type": EmploymentType("t2", "apprenticeship")},
        "EMPLOYMENT_TYPE_NOT_MAPPED",
        "apprenticeship",
    ),
    ("no employment type", {"employment_type": None}, "EMPLOYMENT_TYPE_NOT_MAPPED", "(none)"),
    (
        "a custom day",
        {"custom": {"probationEndDate": "soon"}},
        "VALUE_NOT_VALID",
        "custom.probationEndDate has a value that is not valid: it is not a day such as 2024-08-19",
    ),
    (
        "a custom number",
        {"custom": {"exitReason": 5}},
        "VALUE_NOT_VALID",
        "custom.exitReason has a value that is not valid: it is not a text",
    ),
]


@pytest.mark.requirement("EX-4", "RUN-4")
@pytest.mark.parametrize(
    ("change", "code", "words"), [row[1:] for row in BLOCKED], ids=[row[0] for row in BLOCKED]
)
@pytest.mark.parametrize("link", [None, known()], ids=["new", "known"])
def test_what_can_not_be_written_is_blocked_with_its_value(
    link: Link | None, change: Mapping[str, Any], code: str, words: str
) -> None:
    found, message = blocked(compare(replace(KARI, **change), link=link))
    assert found == code
    assert "Employee 101" in message
    assert words in message
    assert "soon" not in message


@pytest.mark.requirement("EX-4")
@pytest.mark.parametrize(
    ("settings", "code", "words"),
    [
        ({"employee_groups": {"permanent_employment": "GONE"}}, "EMPLOYEE_GROUP_UNKNOWN", "GONE"),
        ({"hard_coded": {"employment_type": "GONE"}}, "REFERENCE_UNKNOWN", "employment type GONE"),
    ],
)
def test_a_setting_that_names_what_xledger_does_not_have_blocks_too(
    settings: Mapping[str, Any], code: str, words: str
) -> None:
    found, message = blocked(compare(settings=ExportSettings.model_validate(settings)))
    assert found == code
    assert words in message


@pytest.mark.requirement("EX-4", "RUN-4")
@pytest.mark.parametrize(
    ("kind", "label"), [("cost_centres", "Cost centre"), ("exit_reasons", "Exit reason")]
)
@pytest.mark.parametrize("number", ["990", ""], ids=["the one needed", "one that does not tell its code"])
def test_a_reference_that_xledger_shows_unreadably_is_not_said_to_be_missing(
    kind: str, label: str, number: str
) -> None:
    lost = references(**{kind: BadRow("7", number, "description", "is no text")})
    needs = {
        "cost_centres": {"cost_center": CostCenter("c", "990")},
        "exit_reasons": {"custom": {"exitReason": "990"}},
    }
    code, message = blocked(compare(replace(KARI, **needs[kind]), shown=lost))
    assert code == "VALUE_NOT_VALID"
    assert f"{label} {number or 7} of Employee 101 (Kari Nordmann): description" in message
    assert compare(link=known(), shown=lost) is None, "who does not need it is not concerned"


@pytest.mark.requirement("RUN-4")
def test_someone_whom_xledger_shows_unreadably_is_neither_written_nor_made_twice() -> None:
    target = Target(None, None, BadRow("70001", "101", "employmentFrom", "is no day"))
    for link in (None, known()):
        code, message = blocked(compare(target=target, link=link))
        assert (code, "employmentFrom" in message) == ("VALUE_NOT_VALID", True)


@pytest.mark.requirement("EX-4")
@pytest.mark.parametrize(
    ("db_id", "comparable"),
    [(None, False), ("70009", False), ("70001", True)],
    ids=["nobody has the new number", "somebody else has it", "the code was changed there, too"],
)
def test_someone_whose_number_changed_is_compared_once_the_code_was_changed(
    db_id: str | None, comparable: bool
) -> None:
    node = replace(NODE, db_id=DbId(db_id), code="201") if db_id else None
    found = compare(replace(KARI, employee_number="201"), Target(node, CONTACT if node else None), known())
    if comparable:
        assert found is None
    else:
        code, message = blocked(found)
        assert code == ("NUMBER_CHANGED_TO_ONE_IN_USE" if db_id else "NUMBER_CHANGED")
        assert "number 101, and now has the number 201" in message


HIRED_LATER = replace(KARI, id="e2", hire_date=Day(2025, 1, 1))


@pytest.mark.requirement("EX-6")
@pytest.mark.parametrize(
    ("employee", "rivals", "code"),
    [
        (KARI, Rivals({}, {}), None),
        (KARI, Rivals({"101": [HIRED_LATER]}, {}), None),
        (HIRED_LATER, Rivals({"101": [KARI]}, {}), "DUPLICATE_NUMBER"),
        (KARI, Rivals({}, {"101": BadRow("e9", "101", "hireDate", "is no day")}), "VALUE_NOT_VALID"),
        (KARI, Rivals({}, {"102": BadRow("e9", "102", "hireDate", "is no day")}), None),
    ],
    ids=["alone", "hired first", "hired later", "the other can not be read", "another number"],
)
def test_a_write_gives_way_to_who_was_hired_first_or_may_have_been(
    employee: Employee, rivals: Rivals, code: str | None
) -> None:
    found = giving_way([employee], rivals, TODAY)
    assert [record.reason and record.reason.code for record in found.values()] == ([code] if code else [])
    assert all(record.key == record.source_id == employee.id for record in found.values())


@pytest.mark.requirement("EX-6")
def test_selecting_tells_who_is_not_for_export() -> None:
    employment = Employment("m1", "e1", start_date=Day(2024, 2, 19), rate=100)  # type: ignore[arg-type]
    whole = replace(KARI, employments=(employment,), employment=employment)
    both = judge([whole, replace(whole, id="e2", title=None)], SelectionRule(), TODAY, {})
    assert [one.employee for one in both if one.refusal is None] == [whole]
    assert [(one.employee.id, one.refusal[0], one.refusal[1].code) for one in both if one.refusal] == [
        ("e2", "skipped", "JOB_TITLE_MISSING")
    ]


BAD_NODE = BadRow("70001", "101", "employmentTo", "is no day")


@pytest.mark.requirement("EX-4")
@pytest.mark.parametrize(
    ("held", "lost", "code"),
    [
        (NODE, None, "GONE_FROM_SOURCE"),
        (replace(NODE, employment_to=date(2026, 1, 31)), None, None),
        (replace(NODE, date_to=date(2026, 1, 31)), None, None),
        (None, None, None),
        (None, BAD_NODE, "VALUE_NOT_VALID"),
    ],
    ids=["still employed", "the employment ended", "closed", "gone in Xledger, too", "not to be read"],
)
@pytest.mark.parametrize("taken", [False, True], ids=["", "another person has the number (faults B2, B8)"])
def test_someone_gone_from_the_source_is_told_of_while_employed_in_xledger(
    held: EmployeeNode | None, lost: BadRow | None, code: str | None, taken: bool
) -> None:
    record = gone(known(), Target(held, CONTACT if held else None, lost), taken=taken)
    assert (record and record.reason and record.reason.code) == code
    if record:
        assert record.key == ("e1" if taken else "101")
        assert (code == "GONE_FROM_SOURCE") == ("Kari Nordmann" in record.reason.message)
