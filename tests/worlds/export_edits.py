"""What people do to Simployer One and to Xledger: every field of every kind of row (RUN-11)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from tests.worlds.people import (
    CENTRES,
    EXIT_REASONS,
    GROUPS,
    PERMANENT,
    TEMPORARY,
    TYPES,
    in_xledger,
    moment,
    person,
    row_id,
    simployer,
    ssn_of,
    whole,
    xledger,
)
from tests.worlds.twins import Edit, Row, State

DAYS = (
    "2020-01-01",
    "2024-02-19",
    "2026-03-01",
    "2026-03-04",
    "2026-03-20",
    "2026-10-25",
    "2026-10-27",
    "2027-06-30",
)
NAMES = ("Kari", "Ola", "Åse", "A\u030ase", "Anne  Marie", "KARI")
FREE = [str(number) for number in range(9150, 9160)]
# So many records are on a page of a full comparison, which judges them together.
PAGE = 8

# By the field of an employee in Simployer One: what is entered there; None is nothing.
SOURCE: dict[str, Sequence[Any]] = {
    "active": (True, True, False),
    "companyId": (row_id("company", 1), row_id("company", 1), None),
    "title": ("Controller", "Sjef", " Sjef ", None),
    "firstName": NAMES,
    "lastName": ("Nordmann", "Hansen", "Ødegård"),
    "workEmail": ("kari@acme.example", "KARI@acme.example", "ola@acme.example", None),
    "privateEmail": ("hjem@post.example", None),
    "workPhone": ("+4740000009", None),
    "privatePhone": ("+4790000009", "90000009", None),
    "hireDate": (*map(moment, DAYS), None),
    "endDate": (*map(moment, DAYS), None, None, None),
    "birthDate": (moment("1990-01-01"), moment("1985-12-31"), None),
    "gender": ("female", "male", "other", None),
    "ssn": (ssn_of("101"), ssn_of("102"), "31128512345", None),
    "bankAccount": ({"iban": "NO9386011117947"}, {"iban": "NO93 8601 1117 947"}, {"number": "8601"}, None),
    "homeAddress": (
        {"street": "Storgata 2", "postalCode": "0002", "city": "Oslo", "country": "NO"},
        {"street": "Storgata 2"},
        None,
    ),
    "custom": ({"probationEndDate": "2026-08-19"}, {"exitReason": "Ufrivillig"}, {"exitReason": 7}, None),
    "costCenterId": (*(row_id("centre", one) for one in (310, 320, 990)), None),
    "employmentTypeId": (*(row_id("type", number) for number in range(len(TYPES))), None),
    "nationality": ("NO", "SE", None),
}
EMPLOYMENT: dict[str, Sequence[Any]] = {
    "typeId": [row_id("type", number) for number in range(len(TYPES))],
    "startDate": list(map(moment, DAYS)),
    "endDate": (*map(moment, DAYS), None),
    "rate": (100, 80),
    "terminated": (True, False),
    "country": ("NO", "SE"),
}
PAY: dict[str, Sequence[Any]] = {"payoutPeriod": ("MONTHLY", "HOURLY"), "amount": (42000, 43000)}
# By the field of an employee in Xledger, and of a contact there: what somebody enters by hand.
EMPLOYEE: dict[str, Sequence[Any]] = {
    "description": ("By Hand", "Kari Nordmann"),
    "email": ("by.hand@acme.example", None),
    "employmentFrom": DAYS[:3],
    "employmentTo": (*DAYS[3:], None),
    "dateFrom": ("2010-01-01", None),
    "dateTo": ("2026-02-01", "2026-03-04", "2027-01-01", None),
    "trialTo": ("2024-09-01", None),
    "bankAccount": ("NO0000000000000", None),
    "employeeGroup": ({"code": "FAST"}, {"code": "VIKAR"}, None),
    "glObject1": (*({"code": code} for code in CENTRES), None),
    "exitReason": ({"code": "Frivillig"}, None),
    "employmentType": ({"code": "ORD"}, {"code": "FRIL"}, None),
    "noticeDate": ("2026-03-03", None),
}
CONTACT: dict[str, Sequence[Any]] = {
    "firstName": ("Hånd", "Kari"),
    "lastName": ("Skrevet",),
    "initials": ("HS", None),
    "birthday": ("1990-01-02", "1985-12-31", None),
    "gender": ({"code": "M"}, {"code": "F"}, None),
    "jobTitle": ("By hand", None),
    "phone": ("+4711111111", None),
    "phone2": ("+4722222222", None),
    "email": ("hand@acme.example", None),
    "email2": ("hand@post.example", None),
    "homeAddress": (
        {"streetAddress": "Other 1", "zipCode": "9999", "place": "Alta", "country": {"code": "SE"}},
        None,
    ),
    "socialSec": ("31128512345", None),
}


def company(people: int, first: int = 101) -> tuple[State, State]:
    """So many people at the source, of whom most are for export; a few were entered at the target by hand."""
    known = []
    for number in range(first, first + people):
        make = whole if number % 3 else person
        more: Row = {} if number % 7 else {"kind": TEMPORARY}
        known.append(make(str(number), **more))
    there = [in_xledger(one, dbId=str(60001 + n)) for n, one in enumerate(known[::5])]
    return simployer(known), xledger(*there)


# --- what happens at the source -----------------------------------------------------------------------------


def _some(dice: Random, rows: Sequence[Row], key: str) -> Row:
    """A row, whatever their order."""
    return dice.choice(sorted(rows, key=lambda row: str(row.get(key))))


def _enter(dice: Random, row: Row, values: dict[str, Sequence[Any]]) -> str:
    name = dice.choice(sorted(values))
    value = dice.choice(values[name])
    row[name] = value
    if value is None:
        del row[name]
    return f"{name} = {value!r}"


def person_saved(dice: Random, source: State, target: State) -> str:
    """Somebody's field in Simployer One."""
    del target
    row = _some(dice, source["employee"], "id")
    return f"source {row.get('employeeNumber')}: {_enter(dice, row, SOURCE)}"


def employment_saved(dice: Random, source: State, target: State) -> str:
    del target
    row = _some(dice, source["employment"], "id")
    return f"source employment of {row['employeeId'][-4:]}: {_enter(dice, row, EMPLOYMENT)}"


def employment_added(dice: Random, source: State, target: State) -> str:
    del target
    row = _some(dice, source["employment"], "id")
    number = 1000 + len(source["employment"])
    ends = dice.choice((None, moment("2026-03-10")))
    new = {**row, "id": row_id("employment", number), "startDate": moment(dice.choice(DAYS)), "endDate": ends}
    source["employment"].append({name: one for name, one in new.items() if one is not None})
    return f"source employment of {row['employeeId'][-4:]}: another from {new['startDate']} to {ends}"


def employment_gone(dice: Random, source: State, target: State) -> str:
    del target
    row = _some(dice, source["employment"], "id")
    source["employment"] = [one for one in source["employment"] if one["id"] != row["id"]]
    for one in source["employee"]:
        if one.get("employmentId") == row["id"]:
            del one["employmentId"]
    return f"source employment of {row['employeeId'][-4:]}: gone"


def pay_saved(dice: Random, source: State, target: State) -> str:
    del target
    row = _some(dice, source["compensation"], "id")
    return f"source pay of {row['employeeId'][-4:]}: {_enter(dice, row, PAY)}"


def numbers_swapped(dice: Random, source: State, target: State) -> str:
    """Two people swap what only one of them should have."""
    del target
    first, second = dice.sample(sorted(source["employee"], key=lambda row: str(row["id"])), 2)
    name = dice.choice(("employeeNumber", "workEmail", "ssn"))
    values = first.get(name), second.get(name)
    for row, value in ((first, values[1]), (second, values[0])):
        row[name] = value
        if value is None:
            del row[name]
    return f"source: {name} of {first['id'][-4:]} and {second['id'][-4:]} swapped"


def number_changed(dice: Random, source: State, target: State) -> str:
    """Another number, one that somebody else on the page has, or the same spelled otherwise."""
    del target
    rows = sorted(source["employee"], key=lambda row: str(row["id"]))
    place = dice.randrange(len(rows))
    start = place // PAGE * PAGE
    row, other = rows[place], dice.choice(rows[start : start + PAGE])
    old, theirs = str(row.get("employeeNumber") or ""), str(other.get("employeeNumber") or "")
    free = _free(dice, source)
    new = dice.choice((free, theirs, f" {old}", f"{old}\u00a0", f"0{old}", old.strip(), None))
    row["employeeNumber"] = new
    if not new:
        del row["employeeNumber"]
    return f"source: number {old!r} -> {new!r}"


def _free(dice: Random, source: State) -> str:
    """A number that nobody has."""
    taken = {str(row.get("employeeNumber", "")).strip().lstrip("0") for row in source["employee"]}
    return dice.choice([number for number in FREE if number not in taken] or ["9999"])


def hired(dice: Random, source: State, target: State) -> str:
    """Somebody new, whose id comes last or between those of others."""
    del target
    taken = {row["id"] for row in source["employee"]}
    number, first = _free(dice, source), dice.choice((60, 95, 120, 300))
    record = next(one for one in range(first, 900) if row_id("employee", one) not in taken)
    known = {row["id"] for row in source["employment"]} | {row["id"] for row in source["compensation"]}
    if {row_id("employment", record), row_id("pay", record)} & known:
        return "nobody hired"
    made = whole(number, record=record)
    source["employee"].append(made.employee)
    source["compensation"].append(made.pay)
    source["employment"] += [made.employment] if made.employment else []
    return f"source: {number} hired as {record}"


def deleted(dice: Random, source: State, target: State) -> str:
    del target
    row = _some(dice, source["employee"], "id")
    for name in ("employee", "employment", "compensation"):
        key = "id" if name == "employee" else "employeeId"
        source[name] = [one for one in source[name] if one[key] != row["id"]]
    for one in source["employee"]:
        if one.get("managerEmployeeId") == row["id"]:
            del one["managerEmployeeId"]
    return f"source: {row.get('employeeNumber')} deleted"


def relation_renamed(dice: Random, source: State, target: State) -> str:
    """A cost centre or an employment type is called otherwise; no employee moves by that."""
    del target
    if dice.random() < 0.6:
        row = _some(dice, source["cost-center"], "id")
        row["code"] = dice.choice(("310", "320", "990", "777"))
        return f"source: cost centre {row['id'][-4:]} has the code {row['code']}"
    row = _some(dice, source["employment-type"], "id")
    row["name"] = dice.choice((PERMANENT, *TYPES))
    return f"source: employment type {row['id'][-4:]} is called {row['name']}"


# --- what happens at the target by hand ---------------------------------------------------------------------


def employee_by_hand(dice: Random, source: State, target: State) -> str:
    del source
    if not target["employees"]:
        return "nobody there"
    row = _some(dice, target["employees"], "code")
    return f"target {row['code']}: {_enter(dice, row, EMPLOYEE)}"


def contact_by_hand(dice: Random, source: State, target: State) -> str:
    del source
    if not target["employees"]:
        return "nobody there"
    employee = _some(dice, target["employees"], "code")
    (row,) = [one for one in target["contacts"] if one["dbId"] == employee["contactDbId"]]
    return f"target contact of {employee['code']}: {_enter(dice, row, CONTACT)}"


def code_by_hand(dice: Random, source: State, target: State) -> str:
    """A code is changed, or two are swapped, or the contacts of two."""
    del source
    if len(target["employees"]) < 2:
        return "nobody there"
    first, second = dice.sample(sorted(target["employees"], key=lambda row: str(row["code"])), 2)
    name = dice.choice(("code", "contactDbId", ""))
    if name:
        told = f"target: {name} of {first['code']} and {second['code']} swapped"
        first[name], second[name] = second[name], first[name]
        return told
    taken = {row["code"] for row in target["employees"]}
    new = dice.choice([one for one in (*FREE, f"0{first['code']}") if one not in taken] or [first["code"]])
    told = f"target: code {first['code']} -> {new}"
    first["code"] = new
    return told


def added_by_hand(dice: Random, source: State, target: State) -> str:
    """Somebody of the source, or of nowhere, is entered by hand."""
    taken = {row["code"] for row in target["employees"]}
    people = [row for row in source["employee"] if row.get("employeeNumber") not in (None, *taken)]
    people = [row for row in people if {"firstName", "workEmail", "hireDate", "lastName"} <= row.keys()]
    if not people:
        return "nobody to add"
    row = _some(dice, people, "id")
    code = dice.choice((row["employeeNumber"], row["employeeNumber"], dice.choice(FREE)))
    if code in taken:
        return "nobody to add"
    target["employees"].append(
        {
            "code": code,
            "description": f"{row['firstName']} {row['lastName']}",
            "email": row["workEmail"],
            "firstName": row["firstName"],
            "lastName": row["lastName"],
            "employmentFrom": row["hireDate"][:10],
        }
    )
    return f"target: {code} added by hand"


def deleted_by_hand(dice: Random, source: State, target: State) -> str:
    """An employee is deleted in Xledger, which no list of changes shows."""
    del source
    if not target["employees"]:
        return "nobody there"
    row = _some(dice, target["employees"], "code")
    target["employees"] = [one for one in target["employees"] if one is not row]
    target["contacts"] = [one for one in target["contacts"] if one["dbId"] != row["contactDbId"]]
    for one in target["employees"]:
        if one.get("superior", {}).get("dbId") == row["dbId"]:
            one["superior"] = None
    return f"target: {row['code']} deleted by hand"


def lookup_by_hand(dice: Random, source: State, target: State) -> str:
    """A group, a cost centre or an exit reason has another code, mostly with a new one in its place."""
    del source
    resource = dice.choice(("employeeGroups", "objectValues", "exitReasons"))
    row = _some(dice, target[resource], "dbId")
    old, new = row["code"], dice.choice(("VIKAR", "777", "320", "Y"))
    if new in {one["code"] for one in target[resource]}:
        return f"target: {resource} have {new}"
    _recode(target, resource, row, new)
    if dice.random() < 0.7:
        number = str(max(int(one["dbId"]) for one in target[resource]) + 1)
        target[resource].append({"dbId": number, "code": old, "description": old})
    return f"target: {resource} {old} -> {new}, {len(target[resource])} in all"


def mended(dice: Random, source: State, target: State) -> str:
    """What stood in the way of many is put right: codes of objects, employees, and half of the people."""
    for resource, codes in (
        ("employeeGroups", GROUPS),
        ("objectValues", CENTRES),
        ("exitReasons", EXIT_REASONS),
    ):
        for row in target[resource]:
            _recode(target, resource, row, f"old {row['dbId']}")
        for row in target[resource]:
            own = [code for code, db_id in codes.items() if db_id == row["dbId"]]
            _recode(target, resource, row, own[0] if own else row["code"])
    for row in source["cost-center"]:
        row["code"] = str(int(row["id"][4:], 16))
    for number, row in enumerate(sorted(source["employment-type"], key=lambda one: str(one["id"]))):
        row["name"] = TYPES[number]
    people = sorted(source["employee"], key=lambda one: str(one["id"]))
    for row in dice.sample(people, len(people) // 2):
        record = int(row["id"][4:], 16)
        new = whole(str(record), record=record)
        for name, own, key in (
            ("employee", new.employee, "id"),
            ("employment", new.employment, "employeeId"),
            ("compensation", new.pay, "employeeId"),
        ):
            others = [one for one in source[name] if one[key] != row["id"]]
            source[name] = [*others, *([own] if own else [])]
    _codes_put_right(target)
    return "much is put right"


def _codes_put_right(target: State) -> None:
    """Whose address tells the number has that number."""
    told = {row["dbId"]: (row.get("email") or "")[5:].partition("@")[0] for row in target["employees"]}
    wanted = {db_id: text for db_id, text in told.items() if text.isdigit()}
    right = {db_id: text for db_id, text in wanted.items() if list(wanted.values()).count(text) == 1}
    taken = {row["code"] for row in target["employees"] if row["dbId"] not in right}
    for row in target["employees"]:
        number = right.get(row["dbId"])
        if number and number not in taken:
            row["code"] = number


def _recode(target: State, resource: str, row: Row, new: str) -> None:
    """Rows show the codes of what they refer to."""
    fields = {"employeeGroups": "employeeGroup", "objectValues": "glObject1", "exitReasons": "exitReason"}
    name = fields[resource]
    for one in target["employees"]:
        if one.get(name) and one[name]["dbId"] == row["dbId"]:
            one[name] = {"dbId": row["dbId"]}
    row["code"] = row["description"] = new


EDITS: tuple[tuple[Callable[[Random, State, State], str], int], ...] = (
    (person_saved, 10),
    (employment_saved, 4),
    (employment_added, 1),
    (employment_gone, 1),
    (pay_saved, 1),
    (numbers_swapped, 1),
    (number_changed, 2),
    (hired, 2),
    (deleted, 2),
    (relation_renamed, 2),
    (employee_by_hand, 6),
    (contact_by_hand, 6),
    (code_by_hand, 1),
    (added_by_hand, 1),
    (lookup_by_hand, 1),
    (mended, 2),
)


def some_edits(dice: Random, most: int = 7) -> list[Edit]:
    """What happens between two runs."""
    edits, shares = zip(*EDITS, strict=True)
    return dice.choices(edits, shares, k=dice.randint(0, most))
