"""Delft Techniek of the tests as its HR and payroll see it: people, contracts and requests, row by row."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from local.memory.ledger import MemoryLedger
from payrelay.domain.runs import Connection, Run
from tests.worlds.exact import Exact, connected
from tests.worlds.run import Clock

Row = dict[str, Any]
IBAN, GERMAN = "NL91ABNA0417164300", "DE58123456780123456789"
OVERTIME = "Uren ovw 150% (overwerk)"
SAVED = datetime(2026, 2, 1, 9, 0, tzinfo=UTC)
START = date(2020, 1, 1)


class Delft(Exact):
    """One connection of Exact Synergy and Exact Payroll Plus."""

    def connect(self, **settings: Any) -> Connection:
        return super().connect(**{"brake": {"people": 1000, "share": 1}, **settings})

    def people(self, mode: str = "sync", **options: Any) -> Run:
        """One payroll sync to its end."""
        return self.run("payroll_sync", mode, options=options)

    def requests_run(self, mode: str = "sync", **options: Any) -> Run:
        """One request sync to its end."""
        return self.run("request_sync", mode, options=options)

    # --- what is in the systems --------------------------------------------------------------------------

    def fill(self, synergy: Mapping[str, list[Row]], payroll: Mapping[str, list[Row]] | None = None) -> None:
        """These rows, and nothing else."""
        self.put("synergy", synergy)
        self.put("payroll_plus", payroll or {})

    def hire(self, *cards: Row, **more: list[Row]) -> None:
        """These people in Synergy, each with the role, a contract and an account; nobody in payroll."""
        self.fill(office(*cards, **more))

    def card(self, number: int, **values: Any) -> None:
        """Somebody saves a person card."""
        self.edit("synergy", "Resource", {"ID": number}, ModifiedDate=stamp(self.clock()), **values)

    def convert(self, number: int) -> None:
        """A clerk makes a concept an employee in Payroll Plus."""
        self.edit("payroll_plus", "conceptEmployees", {"employeeId": str(number)}, status="Converted")

    def settle(self, *cards: Row, **more: list[Row]) -> None:
        """These people, sent and made employees, with their accounts paid; nothing is left to do."""
        self.hire(*cards, **more)
        self.people()
        for card in cards:
            self.convert(card["ID"])
        self.people()
        self.forget_requests()

    def in_payroll(self, resource: str, number: int, **match: Any) -> list[Row]:
        """A person's rows of a resource in Payroll Plus."""
        return [
            row
            for row in self.state("payroll_plus")[resource]
            if row["employeeId"] == str(number) and all(row.get(name) == one for name, one in match.items())
        ]

    def sent(self, system: str = "payroll_plus") -> list[str]:
        """The writing calls since the last `forget_requests`."""
        return [str(one["operation"]) for one in self.requests(system) if one["writes"]]


def card(number: int = 1042, **changed: Any) -> Row:
    """A person card: Hanneke de Graaf, an active employee."""
    row = {
        "ID": number,
        "Initials": "H.",
        "FirstName": "Hanneke",
        "MiddleName": "de",
        "LastName": "Graaf",
        "FullName": "Hanneke de Graaf",
        "Gender": "V",
        "BirthDate": edm(date(1985, 4, 25)),
        "Email": f"p{number}@acme.example",
        "Mobile": "0612345678",
        "City": "Delft",
        "CountryCode": "NL",
        "SocialSecurityNumber": bsn(number),
        "MaritalStatus": "M",
        "EmployeeType": "E",
        "EmployeeStatus": "A",
        "JobTitle": "Controller",
        "CostCenter": "001",
        "StartDate": edm(START),
        "AnnualSalary": "42000.00",
        "ModifiedDate": stamp(SAVED),
    }
    return {**row, **changed}


def contract(number: int = 1042, start: date = START, end: date | None = None, **changed: Any) -> Row:
    """A contract."""
    row = {"ResourceID": number, "StartDate": edm(start), "EndDate": edm(end) if end else None}
    return {**row, "ModifiedDate": stamp(SAVED), **changed}


def account(number: int = 1042, iban: str | None = IBAN, **changed: Any) -> Row:
    """Bank Account 1."""
    return {"ResourceID": number, "SequenceNumber": 1, "IsDefault": True, "IBAN": iban, **changed}


def role(number: int = 1042) -> Row:
    """The role Payroll Plus employee."""
    return {"ResourceID": number, "RoleCode": "PAYROLLPLUS"}


def request(
    hid: int, kind: str = "HOURS", start: date = date(2026, 3, 2), end: date | None = None, **changed: Any
) -> Row:
    """A realised request of 1042, of one day where no end is given."""
    row = {
        "HID": hid,
        "RequestTypeCode": kind,
        "StatusCode": "Realised",
        "ResourceID": 1042,
        "StartDate": edm(start),
        "EndDate": edm(end) if end else None,
        "ModifiedDate": stamp(SAVED),
    }
    return {**row, **changed}


def office(*cards: Row, **more: list[Row]) -> dict[str, list[Row]]:
    """Synergy with these people; `more` replaces what each has by default."""
    numbers = [one["ID"] for one in cards]
    rows = {
        "Resource": list(cards),
        "RoleMember": [role(number) for number in numbers],
        "Contract": [contract(number) for number in numbers],
        "BankAccount": [account(number) for number in numbers],
    }
    return {**rows, **more}


def edm(day: date) -> str:
    """A day on the wire."""
    return stamp(datetime(day.year, day.month, day.day, tzinfo=UTC))


def stamp(at: datetime) -> str:
    """A moment on the wire."""
    return f"/Date({int(at.timestamp() * 1000)})/"


def bsn(number: int) -> str:
    """A BSN that passes the elfproef, another one for each number."""
    for last in range(10):
        text = f"{number:08d}{last}"
        weights = (9, 8, 7, 6, 5, 4, 3, 2, -1)
        if sum(int(a) * b for a, b in zip(text, weights, strict=True)) % 11 == 0:
            return text
    return bsn(number + 7000)


def delft(urls: Mapping[str, str], clock: Clock, memory: MemoryLedger | None = None) -> Delft:
    """A connection, with nobody in it."""
    return connected(Delft, urls, clock, memory)
