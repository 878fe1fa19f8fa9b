"""Writing invoices, bills and credit notes: the rules that each has to keep, and what is made of it."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from local.sandbox.frame.room import Row

from .amounts import decimal, is_text_only, line_amount, totals, with_amounts
from .resources import ACCOUNTS, CONTACTS, TAX_RATES, DocumentResource
from .shapes import RefusedError, guid, is_guid, plain
from .store import Store

MODES = ("Exclusive", "Inclusive", "NoTax")
NEW_STATUSES = ("DRAFT", "SUBMITTED", "AUTHORISED")
GONE = ("VOIDED", "DELETED")
_ENDINGS = {"DRAFT": "DELETED", "SUBMITTED": "DELETED", "AUTHORISED": "VOIDED"}
_APPLIES = {
    "REVENUE": "CanApplyToRevenue",
    "EXPENSE": "CanApplyToExpenses",
    "ASSET": "CanApplyToAssets",
    "LIABILITY": "CanApplyToLiabilities",
    "EQUITY": "CanApplyToEquity",
}
_LONGEST_NUMBER = 255
UNIQUE = {
    "Invoices": "Invoice # must be unique.",
    "CreditNotes": "Credit note # must be unique.",
}


class Writer:
    """Takes documents of one resource for one tenant. `updates` is POST: what is there may be overwritten."""

    def __init__(
        self,
        store: Store,
        resource: DocumentResource,
        tenant: str,
        *,
        updates: bool,
        unit_digits: int,
        today: str,
        now: str,
    ) -> None:
        self.store, self.resource, self.tenant = store, resource, tenant
        self.updates, self.unit_digits, self.today, self.now = updates, unit_digits, today, now

    def write(self, given: Row) -> tuple[Row | None, list[str]]:
        """The stored document, or why it is refused."""
        given = {name: value for name, value in given.items() if name not in self.resource.made}
        old = self._old(given)
        errors = self._wrong_identity(given, old)
        if errors:
            return None, errors
        row = {**(old or {}), **given}
        errors = [*self._wrong_head(row, old), *self._wrong_lines(row)]
        contact, why = self._contact(row)
        if errors or contact is None:
            return None, [*why, *errors]
        return self._stored(row, contact), []

    def _old(self, given: Row) -> Row | None:
        if not self.updates:
            return None
        key, number = given.get(self.resource.key), given.get(self.resource.number)
        if key:
            return self.store.find(self.resource, self.tenant, self.resource.key, key)
        return self._taken(given.get("Type"), number)

    def _taken(self, type_: Any, number: str | None) -> Row | None:
        """The standing document of this type that has the number, where numbers are unique."""
        if not number or not self.resource.unique.get(str(type_)):
            return None
        rows = self.store.rows(self.resource, self.tenant)
        return next(
            (
                row
                for row in rows
                if row["Type"] == type_
                and row["Status"] not in GONE
                and row[self.resource.number].casefold() == number.casefold()
            ),
            None,
        )

    def _wrong_identity(self, given: Row, old: Row | None) -> list[str]:
        if given.get(self.resource.key) and old is None:
            return [f"The {self.resource.key} names no document; PUT takes none."]
        if old and old["Status"] not in _ENDINGS:
            return ["The document is not of valid status for modification"]
        return []

    def _wrong_head(self, row: Row, old: Row | None) -> list[str]:
        type_, number = row.get("Type"), row.get(self.resource.number)
        errors = []
        if type_ not in self.resource.unique:
            return [f"The Type must be one of {', '.join(self.resource.unique)}"]
        taken = self._taken(type_, number)
        if taken and (old is None or taken[self.resource.key] != old[self.resource.key]):
            errors.append(UNIQUE[self.resource.name])
        if number and len(number) > _LONGEST_NUMBER:
            errors.append(f"{self.resource.number} is longer than {_LONGEST_NUMBER} characters")
        if row.get("LineAmountTypes", "Exclusive") not in MODES:
            errors.append(f"LineAmountTypes must be one of {', '.join(MODES)}")
        status = row.get("Status", "DRAFT")
        allowed = (*NEW_STATUSES, _ENDINGS[old["Status"]]) if old else NEW_STATUSES
        if status not in allowed:
            errors.append(f"The status {status} is not valid here; valid are {', '.join(allowed)}")
        if type_ == "ACCPAY" and row.get("Reference"):
            errors.append("Reference is for ACCREC only")
        if row.get("SentToContact") and status != "AUTHORISED":
            errors.append("SentToContact can be set on approved documents only")
        if "DueDate" in self.resource.written and status == "AUTHORISED" and not row.get("DueDate"):
            errors.append("The DueDate is needed on an approved document")
        if row.get("CurrencyCode") is not None and not _is_currency(row["CurrencyCode"]):
            errors.append("The CurrencyCode is not valid")
        if row.get("Url") and not _is_address(row["Url"]):
            errors.append("The Url must be a valid absolute address")
        return errors

    def _wrong_lines(self, row: Row) -> list[str]:
        lines = row.get("LineItems")
        if not lines:
            return ["One or more line items must be specified"]
        approved = row.get("Status") == "AUTHORISED"
        return list(dict.fromkeys(error for line in lines for error in self._wrong_line(line, approved)))

    def _wrong_line(self, line: Row, approved: bool) -> list[str]:
        errors = [] if line.get("Description") else ["Description must be at least 1 character"]
        if is_text_only(line):
            return errors
        code = line.get("AccountCode")
        account = self.store.find(ACCOUNTS, self.tenant, "Code", code) if code else None
        if code and not _takes_lines(account):
            errors.append(f"Account code '{code}' is not a valid code for this document.")
        if approved and not code:
            errors.append("An AccountCode is needed on every line of an approved document")
        tax_type = line.get("TaxType")
        if tax_type and not self._applies(tax_type, account):
            errors.append(
                f"The TaxType code '{tax_type}' does not exist or cannot be used"
                " for this type of transaction."
            )
        amounts = [line.get("UnitAmount"), line.get("LineAmount")]
        if None not in amounts and line_amount(line, self.unit_digits) != decimal(line["LineAmount"]):
            errors.append("The line total does not match the expected line total")
        if len(line.get("Tracking") or ()) > 2:
            errors.append("A line takes two tracking categories at most")
        return errors

    def _applies(self, tax_type: str, account: Row | None) -> bool:
        rate = self.store.find(TAX_RATES, self.tenant, "TaxType", tax_type)
        if rate is None or rate["Status"] != "ACTIVE":
            return False
        return account is None or rate.get(_APPLIES.get(account["Class"], "")) is True

    def _contact(self, row: Row) -> tuple[Row | None, list[str]]:
        """The contact by id; by name an existing one, or else one that is made."""
        named = row.get("Contact") or {}
        key, name = named.get("ContactID"), named.get("Name")
        if key:
            if not is_guid(key):
                raise RefusedError(plain(500, "An error occurred"))
            found = self.store.find(CONTACTS, self.tenant, "ContactID", key)
            if found is None:
                return None, ["The contact with the specified ContactID could not be found"]
            if found["ContactStatus"] != "ACTIVE":
                return None, ["The contact is archived"]
            return found, []
        if not name:
            return None, ["A Contact must be specified for this type of transaction"]
        active = [one for one in self.store.rows(CONTACTS, self.tenant) if one["ContactStatus"] == "ACTIVE"]
        found = next((one for one in active if one["Name"].casefold() == name.casefold()), None)
        made = {"ContactID": guid(self.tenant, "contact", name), "Name": name, "ContactStatus": "ACTIVE"}
        flags = {"IsCustomer": False, "IsSupplier": False, "UpdatedDateUTC": self.now}
        return found or {**made, **flags, "tenantId": self.tenant}, []

    def _stored(self, row: Row, contact: Row) -> Row:
        side = "IsSupplier" if row["Type"].startswith("ACCPAY") else "IsCustomer"
        if not contact[side] or self.store.table(CONTACTS, self.tenant).get(contact["ContactID"]) is None:
            self.store.put(CONTACTS, {**contact, side: True})
        resource = self.resource
        number = row.get(resource.number) or (self._next_number() if resource.unique[row["Type"]] else "")
        key = row.get(resource.key) or guid(
            self.tenant, resource.name, number, str(self.store.version), self.now
        )
        stored = completed(
            {
                "Status": "DRAFT",
                "Date": self.today,
                **row,
                resource.key: key,
                resource.number: number,
                "Contact": {"ContactID": contact["ContactID"]},
                "UpdatedDateUTC": self.now,
                "tenantId": self.tenant,
            },
            lambda tax_type: rate_of(self.store, self.tenant, tax_type),
            lambda code: default_tax(self.store, self.tenant, code),
            self.unit_digits,
        )
        self.store.put(resource, stored)
        return stored

    def _next_number(self) -> str:
        prefix, taken = self.resource.prefix, set()
        for row in self.store.rows(self.resource, self.tenant):
            digits = row[self.resource.number].removeprefix(prefix)
            if digits.isdecimal():
                taken.add(int(digits))
        return f"{prefix}{max(taken, default=0) + 1:04d}"


def completed(
    row: Row, rate: Callable[[str | None], Decimal], tax: Callable[[Any], str | None], unit_digits: int
) -> Row:
    """A document with the defaults, its lines' amounts and its totals; without lines its totals stand."""
    mode = row.get("LineAmountTypes", "Exclusive")
    row = {"CurrencyCode": "GBP", "SentToContact": False, **row, "LineAmountTypes": mode}
    if not row.get("LineItems"):
        total = row.get("Total", 0.0)
        return {"SubTotal": total, "TotalTax": 0.0, "Total": total, **row, "LineItems": []}
    lines = []
    for number, line in enumerate(row["LineItems"]):
        if not is_text_only(line) and line.get("TaxType") is None:
            line = {**line, "TaxType": tax(line.get("AccountCode"))}  # noqa: PLW2901 - the line as it is kept
        line_id = line.get("LineItemID") or guid(
            row["tenantId"], str(row.get("Contact")), str(row), str(number)
        )
        kept = with_amounts(line, mode, rate(line.get("TaxType")), unit_digits)
        lines.append({**kept, "LineItemID": line_id})
    return {**row, "LineItems": lines, **totals(lines, mode)}


def rate_of(store: Store, tenant: str, tax_type: str | None) -> Decimal:
    """A tax type's rate in per cent; nothing where there is none."""
    row = store.find(TAX_RATES, tenant, "TaxType", tax_type) if tax_type else None
    return decimal(row["EffectiveRate"]) if row else Decimal(0)


def default_tax(store: Store, tenant: str, code: Any) -> str | None:
    """The tax type that belongs to an account."""
    account = store.find(ACCOUNTS, tenant, "Code", code) if code else None
    return account.get("TaxType") if account else None


def _takes_lines(account: Row | None) -> bool:
    return (
        account is not None
        and account["Status"] == "ACTIVE"
        and account["Type"] != "BANK"
        and not account.get("SystemAccount")
    )


def _is_currency(text: str) -> bool:
    return len(text) == 3 and text.isascii() and text.isupper()


def _is_address(text: str) -> bool:
    parts = urlsplit(text)
    return parts.scheme in ("http", "https") and bool(parts.netloc)
