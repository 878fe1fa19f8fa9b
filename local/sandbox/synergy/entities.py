"""Synergy's entities: persons and what belongs to them, requests, documents and the payroll report."""

from local.sandbox.frame.room import Row
from local.sandbox.odata.edm import choice, fields
from local.sandbox.odata.entities import Entity, entity

from .requests import REQUEST_TYPE, STATUSES


def _named(row: Row) -> Row:
    """A person's full name is made of the parts, where nobody gave it."""
    names = (row["FirstName"], row["MiddleName"], row["LastName"])
    full = " ".join(name for name in names if name) or f"Person {row['ID']}"
    return {**row, "FullName": full if row["FullName"] is None else row["FullName"]}


_RESOURCE = {
    **fields(
        whole="ID", text="Initials FirstName MiddleName LastName BirthPrefix MaidenName FullName Gender"
    ),
    **fields(time="BirthDate", text="BirthPlace Email Phone Mobile Fax JobTitle CostCenter CostUnit"),
    **fields(whole="ManagerID", text="CompanyCode AddressLine1 AddressHouseNumber PostCode City CountryCode"),
    **fields(text="SocialSecurityNumber Nationality MaritalStatus", time="DateOfDeath"),
    **fields(text="EmployeeType EmployeeStatus", time="StartDate ContractEnd InactiveDate"),
    **fields(decimal="AnnualSalary", time="ModifiedDate CreatedDate"),
}
_REQUEST = {
    **fields(whole="HID", text="RequestTypeCode"),
    "StatusCode": choice(*STATUSES),
    **fields(whole="ResourceID", time="StartDate EndDate", code="ItemCode", double="Quantity"),
    **fields(decimal="Amount", double="NumberFreeField1 NumberFreeField2 NumberFreeField3"),
    **fields(flag="ApplySalaryScale", time="ModifiedDate"),
}
_DOCUMENT = {
    **fields(whole="DocumentType", text="Subject"),
    **fields(whole="ResourceID", time="DocumentDate", text="FileName Content TextFreeField1"),
}
_REPORT = fields(whole="ResourceID Year Period", text="Component Description", decimal="Amount")
_REPORTED = ("ResourceID", "Year", "Period", "Component", "Amount")

ENTITIES: tuple[Entity, ...] = (
    entity(
        "Resource",
        _RESOURCE,
        defaults={"EmployeeType": "E", "EmployeeStatus": "A", "CountryCode": "NL"},
        made=_named,
        # It comes with its day, and nobody saves the card for it.
        still=("EmployeeStatus",),
    ),
    entity(
        "RoleMember",
        fields(guid="ID", whole="ResourceID", code="RoleCode", text="RoleDescription Level"),
        place=2,
        needed=("ResourceID", "RoleCode"),
        indexed=("ResourceID", "RoleCode"),
    ),
    entity(
        "License",
        fields(guid="ID", text="Code", whole="Option", flag="Active"),
        place=3,
        needed=("Code", "Option"),
        defaults={"Active": True},
        usual=({"Code": "YA1740", "Option": 36, "Active": True},),
    ),
    entity(
        "Contract",
        fields(
            guid="ID",
            whole="ResourceID",
            time="StartDate EndDate",
            text="JobTitle CostCenter",
            flag="Active",
        )
        | fields(time="ModifiedDate"),
        place=4,
        needed=("ResourceID", "StartDate"),
        defaults={"Active": True},
        indexed=("ResourceID",),
    ),
    entity(
        "BankAccount",
        fields(guid="ID", whole="ResourceID SequenceNumber", flag="IsDefault", text="IBAN BIC"),
        place=5,
        needed=("ResourceID",),
        defaults={"SequenceNumber": 1, "IsDefault": True},
        indexed=("ResourceID",),
    ),
    entity(
        "Request",
        _REQUEST,
        key="HID",
        needed=("HID", "RequestTypeCode", "StatusCode", "ResourceID"),
        defaults={"ApplySalaryScale": False},
        change=("StatusCode", "EndDate"),
        required=("StatusCode",),
        indexed=("ResourceID",),
    ),
    REQUEST_TYPE,
    entity("Item", fields(code="ItemCode", text="Description TextFreeField1"), key="ItemCode"),
    entity(
        "HRMSetting",
        fields(guid="ID", whole="PayrollSlipDocumentType AnnualStatementDocumentType"),
        place=8,
    ),
    entity(
        "Document",
        fields(guid="ID") | _DOCUMENT,
        place=9,
        needed=("DocumentType", "ResourceID"),
        create=tuple(_DOCUMENT),
        required=("DocumentType", "Subject", "ResourceID"),
        folded=("TextFreeField1",),
    ),
    entity(
        "PayrollPlusReport",
        fields(guid="ID") | _REPORT,
        place=10,
        needed=_REPORTED,
        create=tuple(_REPORT),
        change=tuple(_REPORT),
        required=_REPORTED,
    ),
)
