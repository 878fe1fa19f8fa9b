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
homeAddress { streetAddress zipCode place country { code } }
"""
ABSENCE = "dbId fromDate toDate text leavePercent absenceCode { code } employee { dbId }"
LOOKUP = "dbId code description"
# The connections of reference objects.
LOOKUPS = ("employeeGroups", "employmentTypes", "exitReasons", "absenceCodes", "objectValues")
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
EMPLOYEES_BY_ID = _page(
    "employees", EMPLOYEE, "filter: {dbId_in: $dbIds}, objectStatus: ALL", ", $dbIds: [Int64String!]"
)
CONTACTS_BY_ID = _page(
    "contacts", CONTACT, "filter: {dbId_in: $dbIds}, objectStatus: ALL", ", $dbIds: [Int64String!]"
)


def absences(starting_from: date, starting_to: date, employee_db_ids: Sequence[str] | None) -> str:
    """A query for absences by their first day. Values stand in the text: the filter's types are unknown."""
    conditions = [f'fromDate_gte: "{starting_from}"', f'fromDate_lte: "{starting_to}"']
    if employee_db_ids is not None:
        if not all(db_id.isascii() and db_id.isdigit() for db_id in employee_db_ids):
            raise ValueError("a dbId is a number")
        conditions.append(f"employeeDbId_in: [{', '.join(employee_db_ids)}]")
    return _page("absences", ABSENCE, f"filter: {{{', '.join(conditions)}}}")


def lookup(name: str, status: str) -> str:
    """A query for one page of one kind of reference object."""
    return _page(name, LOOKUP, f"objectStatus: {status}")


def all_lookups(first: int, status: str) -> str:
    """The first page of every kind of reference object, in one query."""
    arguments = f"first: {first}, objectStatus: {status}"
    parts = (_connection(name, LOOKUP, arguments) for name in LOOKUPS)
    return f"query {{ {' '.join(parts)} }}"


def mutation(name: str, input_type: str, fields: str) -> str:
    """A mutation over a list of `{clientId, node}`."""
    return (
        f"mutation($inputs: [{input_type}!]!) "
        f"{{ {name}(inputs: $inputs) {{ edges {{ clientId node {{ {fields} }} }} }} }}"
    )


def removal(name: str) -> str:
    """A mutation that removes objects by dbId."""
    return f"mutation($dbIds: [Int64String!]!) {{ {name}(dbIds: $dbIds) {{ numAffected skippedDbIds }} }}"
