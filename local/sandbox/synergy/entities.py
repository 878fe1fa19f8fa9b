"""The entities: their fields with types, their keys, and what may be written."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .edm import BOOLEAN, CODE, DECIMAL, DOUBLE, GUID, INT32, TEXT, TIME, Edm

REQUEST_STATUSES = ("Draft", "Approved", "Realised", "Processed", "Reopened", "Rejected")


@dataclass(frozen=True)
class Entity:
    """One entity. `needed` must be in a row of a state; `create` and `change` name what may be sent.

    `create_needed` is what a new one can't do without.
    """

    name: str
    key: str
    fields: Mapping[str, Edm]
    needed: tuple[str, ...] = ()
    create: tuple[str, ...] = ()
    create_needed: tuple[str, ...] = ()
    change: tuple[str, ...] = ()
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def type_name(self) -> str:
        """`Exact.Metadata.Entity.Resource`."""
        return f"Exact.Metadata.Entity.{self.name}"


def _texts(*names: str) -> dict[str, Edm]:
    return dict.fromkeys(names, TEXT)


def _times(*names: str) -> dict[str, Edm]:
    return dict.fromkeys(names, TIME)


_RESOURCE: dict[str, Edm] = {
    "ID": INT32,
    **_texts("Initials", "FirstName", "MiddleName", "LastName", "BirthPrefix", "MaidenName", "FullName"),
    "Gender": TEXT,
    "BirthDate": TIME,
    **_texts("BirthPlace", "Email", "Phone", "Mobile", "Fax", "JobTitle", "CostCenter", "CostUnit"),
    "ManagerID": INT32,
    **_texts("CompanyCode", "AddressLine1", "AddressHouseNumber", "PostCode", "City", "CountryCode"),
    **_texts("SocialSecurityNumber", "Nationality", "MaritalStatus"),
    "DateOfDeath": TIME,
    **_texts("EmployeeType", "EmployeeStatus"),
    **_times("StartDate", "ContractEnd", "InactiveDate"),
    "AnnualSalary": DECIMAL,
    **_times("ModifiedDate", "CreatedDate"),
}
_DOCUMENT: dict[str, Edm] = {
    "DocumentType": INT32,
    "Subject": TEXT,
    "ResourceID": INT32,
    "DocumentDate": TIME,
    **_texts("FileName", "Content", "TextFreeField1"),
}
_REPORT: dict[str, Edm] = {
    **dict.fromkeys(("ResourceID", "Year", "Period"), INT32),
    **_texts("Component", "Description"),
    "Amount": DECIMAL,
}

ENTITIES: Mapping[str, Entity] = {
    entity.name: entity
    for entity in (
        Entity("Resource", "ID", _RESOURCE, ("ID",)),
        Entity(
            "RoleMember",
            "ID",
            {"ID": GUID, "ResourceID": INT32, "RoleCode": CODE, **_texts("RoleDescription", "Level")},
            ("ResourceID", "RoleCode"),
        ),
        Entity(
            "License",
            "ID",
            {"ID": GUID, "Code": TEXT, "Option": INT32, "Active": BOOLEAN},
            ("Code", "Option"),
        ),
        Entity(
            "Contract",
            "ID",
            {
                "ID": GUID,
                "ResourceID": INT32,
                **_times("StartDate", "EndDate"),
                **_texts("JobTitle", "CostCenter"),
                "Active": BOOLEAN,
                "ModifiedDate": TIME,
            },
            ("ResourceID", "StartDate"),
        ),
        Entity(
            "BankAccount",
            "ID",
            {
                "ID": GUID,
                **dict.fromkeys(("ResourceID", "SequenceNumber"), INT32),
                "IsDefault": BOOLEAN,
                **_texts("IBAN", "BIC"),
            },
            ("ResourceID",),
        ),
        Entity(
            "Request",
            "HID",
            {
                "HID": INT32,
                **_texts("RequestTypeCode", "StatusCode"),
                "ResourceID": INT32,
                **_times("StartDate", "EndDate"),
                "ItemCode": CODE,
                "Quantity": DOUBLE,
                "Amount": DECIMAL,
                **dict.fromkeys(("NumberFreeField1", "NumberFreeField2", "NumberFreeField3"), DOUBLE),
                "ApplySalaryScale": BOOLEAN,
                "ModifiedDate": TIME,
            },
            ("HID", "RequestTypeCode", "StatusCode", "ResourceID"),
            change=("StatusCode",),
            values={"StatusCode": REQUEST_STATUSES},
        ),
        Entity(
            "Item",
            "ItemCode",
            {"ItemCode": CODE, **_texts("Description", "TextFreeField1")},
            ("ItemCode",),
        ),
        Entity(
            "HRMSetting",
            "ID",
            {
                "ID": GUID,
                **dict.fromkeys(("PayrollSlipDocumentType", "AnnualStatementDocumentType"), INT32),
            },
        ),
        Entity(
            "Document",
            "ID",
            {"ID": GUID, **_DOCUMENT},
            ("DocumentType", "ResourceID"),
            create=tuple(_DOCUMENT),
            create_needed=("DocumentType", "Subject", "ResourceID"),
        ),
        Entity(
            "PayrollPlusReport",
            "ID",
            {"ID": GUID, **_REPORT},
            ("ResourceID", "Year", "Period", "Component", "Amount"),
            create=tuple(_REPORT),
            create_needed=("ResourceID", "Year", "Period", "Component", "Amount"),
            change=tuple(_REPORT),
        ),
    )
}


def misfits(entity: Entity, row: Mapping[str, object]) -> list[tuple[str, str]]:
    """Name and message of each known field whose value does not fit."""
    found = []
    for name, value in row.items():
        kind = entity.fields.get(name)
        if kind is None:
            continue
        try:
            kept = None if value is None and name != entity.key else kind.take(value)
        except ValueError:
            found.append((name, f"must be {kind.words}"))
            continue
        if name in entity.values and kept not in entity.values[name]:
            found.append((name, f"must be one of {', '.join(entity.values[name])}"))
    return found


def kept(entity: Entity, row: Mapping[str, object]) -> dict[str, object]:
    """The fields of a fitting row as they are kept."""
    return {name: None if value is None else entity.fields[name].take(value) for name, value in row.items()}
