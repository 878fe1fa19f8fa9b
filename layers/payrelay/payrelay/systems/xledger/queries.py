"""The GraphQL text that Xledger is asked with: what the flows compare, field names as in its schema."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

EMPLOYEE = """
dbId code description email dateFrom dateTo modifiedAt contactDbId
employmentFrom employmentTo trialTo socialSecurityMasked
employeeGroup { dbId } employmentType { dbId } exitReason { dbId } glObject1 { dbId }
"""
CONTACT = """
dbId firstName lastName initials birthday socialSec phone phone2 email email2 jobTitle gender { code }
homeAddress { streetAddress zipCode place country { code } } modifiedAt
"""
# What tells that a row moved, and whose it is.
MOVED = {"employees": "dbId code contactDbId modifiedAt", "contacts": "dbId modifiedAt"}
ABSENCE = "dbId fromDate toDate text leavePercent absenceCode { code } employee { dbId }"
LOOKUP = "dbId code description"
# The kinds of reference objects that are known to be there under these names, and are asked for together.
TOGETHER = ("employeeGroups", "objectValues")
ORGANISATION = """
query {
  employeeGroups(first: 1, objectStatus: ALL) { edges { node { ownerDbId } } }
  employees(first: 1, objectStatus: ALL) { edges { node { ownerDbId } } }
}
"""


def _connection(name: str, fields: str, arguments: str) -> str:
    return f"{name}({arguments}) {{ pageInfo {{ hasNextPage }} edges {{ cursor node {{ {fields} }} }} }}"


def _page(name: str, fields: str, arguments: str, variables: str = "") -> str:
    """A query for one page of one connection; $first and $after say which."""
    connection = _connection(name, fields, f"first: $first, after: $after, {arguments}")
    return f"query($first: Int, $after: String{variables}) {{ {connection} }}"


EMPLOYEES_BY_CODE = _page(
    "employees", EMPLOYEE, "filter: {code_in: $codes}, objectStatus: ALL", ", $codes: [String!]"
)


def _db_ids(db_ids: Sequence[str]) -> str:
    """A list of dbIds as numbers in the text, which is right whatever type the list has in their schema.

    It is `[Int!]` at most connections and `[Int64String!]` at some, and a variable must have the very one.
    """
    if not all(db_id.isascii() and db_id.isdigit() for db_id in db_ids):
        raise ValueError("a dbId is a number")
    return f"[{', '.join(db_ids)}]"


def contacts(db_ids: Sequence[str]) -> str:
    """A query for contacts by their dbIds."""
    return _page("contacts", CONTACT, f"filter: {{dbId_in: {_db_ids(db_ids)}}}, objectStatus: ALL")


def employees(db_ids: Sequence[str]) -> str:
    """A query for employees by their dbIds, closed ones too."""
    return _page("employees", EMPLOYEE, f"filter: {{dbId_in: {_db_ids(db_ids)}}}, objectStatus: ALL")


def moved(name: str, since: str) -> str:
    """A query for what of `employees` or `contacts` was changed since a time, closed ones too."""
    return _page(name, MOVED[name], f'filter: {{modifiedAt_gte: "{since}"}}, objectStatus: ALL')


def versions(name: str, db_ids: Sequence[str]) -> str:
    """A query for when `employees` or `contacts` with these dbIds were changed last, closed ones too."""
    return _page(name, MOVED[name], f"filter: {{dbId_in: {_db_ids(db_ids)}}}, objectStatus: ALL")


def absences(starting_from: date, starting_to: date, employee_db_ids: Sequence[str] | None) -> str:
    """A query for absences by their first day."""
    conditions = [f'fromDate_gte: "{starting_from}"', f'fromDate_lte: "{starting_to}"']
    if employee_db_ids is not None:
        conditions.append(f"employeeDbId_in: {_db_ids(employee_db_ids)}")
    return _page("absences", ABSENCE, f"filter: {{{', '.join(conditions)}}}")


def lookup(name: str, status: str) -> str:
    """A query for one page of one kind of reference object."""
    return _page(name, LOOKUP, f"objectStatus: {status}")


def first_lookups(first: int, status: str) -> str:
    """The first page of each kind of reference object that is asked for together with others."""
    arguments = f"first: {first}, objectStatus: {status}"
    parts = (_connection(name, LOOKUP, arguments) for name in TOGETHER)
    return f"query {{ {' '.join(parts)} }}"


def mutation(name: str, input_type: str, fields: str) -> str:
    """A mutation over a list of `{clientId, node}`."""
    return (
        f"mutation($inputs: [{input_type}!]!) "
        f"{{ {name}(inputs: $inputs) {{ edges {{ clientId node {{ {fields} }} }} }} }}"
    )


def removal(name: str, db_ids: Sequence[str]) -> str:
    """A mutation that removes objects by dbId."""
    return f"mutation {{ {name}(dbIds: {_db_ids(db_ids)}) {{ numAffected skippedDbIds }} }}"
