"""Writing invoices, bills and credit notes: the rules that each has to keep, and what is made of it."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

from local.sandbox.frame.refusals import Refused
from local.sandbox.frame.room import Row

from .amounts import decimal, is_text_only, line_amount, totals, with_amounts
from .contacts import active_contact
from .shapes import Listed, guid, is_guid
from .store import Books

MODES = ("Exclusive", "Inclusive", "NoTax")
NEW_STATUSES = ("DRAFT", "SUBMITTED", "AUTHORISED")
GONE = ("VOIDED", "DELETED")
_ENDINGS = {"DRAFT": "DELETED", "SUBMITTED": "DELETED", "AUTHORISED": "VOIDED"}
# By an account's class, the member of a tax rate that says whether it applies.
APPLIES = {
    "REVENUE": "CanApplyToRevenue",
    "EXPENSE": "CanApplyToExpenses",
    "ASSET": "CanApplyToAssets",
    "LIABILITY": "CanApplyToLiabilities",
    "EQUITY": "CanApplyToEquity",
}
_LONGEST_NUMBER = _LONGEST_REFERENCE = 255
_LONGEST_DESCRIPTION = 4000
UNIQUE = {"Invoices": "Invoice # must be unique.", "CreditNotes": "Credit note # must be unique."}


@dataclass
class Writer:
    """Takes documents of one resource for one tenant. `updates` is POST: what is there may be overwritten."""

    books: Books
    resource: Listed
    tenant: str
    updates: bool
    unit_digits: int
    now: str

    def write(self, given: Row) -> tuple[Row | None, list[str]]:
        """The stored document, or why it is refused."""
        resource = self.resource
        given = {name: value for name, value in given.items() if name in resource.written}
        old = self._old(given)
        if given.get(resource.id) and old is None:
            return None, [f"The {resource.id} names no document; PUT takes none."]
        if old and old["Status"] not in _ENDINGS:
            return None, ["The document is not of valid status for modification"]
        row = {**(old or {}), **given}
        if row.get("Type") not in resource.types:
            errors = [f"The Type must be one of {', '.join(resource.types)}"]
        else:
            errors = self._wrong_head(row, old)
        errors += self._wrong_lines(row)
        contact, why = self._contact(row.get("Contact") or {})
        if errors or contact is None:
            return None, [*why, *errors]
        return self._stored(row, contact), []

    def _old(self, given: Row) -> Row | None:
        if not self.updates:
            return None
        resource, key = self.resource, given.get(self.resource.id)
        if key:
            return self.books.find(resource.name, self.tenant, resource.id, key)
        return self._taken(given.get("Type"), given.get(resource.number))

    def _taken(self, type_: Any, number: str | None) -> Row | None:
        """The standing document of this type that has the number, where numbers are unique."""
        if not number or not self.resource.types.get(str(type_)):
            return None
        rows = self.books.rows(self.resource.name, self.tenant)
        standing = (row for row in rows if row["Type"] == type_ and row["Status"] not in GONE)
        return next(
            (row for row in standing if row[self.resource.number].casefold() == number.casefold()), None
        )

    def _wrong_head(self, row: Row, old: Row | None) -> list[str]:
        resource, number, status = self.resource, row.get(self.resource.number), row.get("Status", "DRAFT")
        allowed = (*NEW_STATUSES, _ENDINGS[old["Status"]]) if old else NEW_STATUSES
        taken = self._taken(row["Type"], number)
        mode, currency = row.get("LineAmountTypes", "Exclusive"), row.get("CurrencyCode")
        due = resource.name == "Invoices" and not row.get("DueDate")
        rules = {
            UNIQUE[resource.name]: not taken or (old is not None and taken[resource.id] == old[resource.id]),
            f"{resource.number} is longer than {_LONGEST_NUMBER} characters": (
                len(number or "") <= _LONGEST_NUMBER
            ),
            f"LineAmountTypes must be one of {', '.join(MODES)}": mode in MODES,
            f"The status {status} is not valid here; valid are {', '.join(allowed)}": status in allowed,
            "Reference is for ACCREC only": row["Type"] != "ACCPAY" or not row.get("Reference"),
            "SentToContact can be set on approved documents only": (
                not row.get("SentToContact") or status == "AUTHORISED"
            ),
            "The DueDate is needed on an approved document": not due or status != "AUTHORISED",
            "The CurrencyCode is not valid": currency is None or _is_currency(currency),
            f"Organisation is not subscribed to currency {currency}": (
                currency is None or currency in self.books.currencies(self.tenant)
            ),
            f"Reference is longer than {_LONGEST_REFERENCE} characters": (
                len(row.get("Reference") or "") <= _LONGEST_REFERENCE
            ),
            **self._locks(row.get("Date") or self.now[:10]),
            "The Url must be a valid absolute address": not row.get("Url") or _is_address(row["Url"]),
        }
        return [message for message, holds in rules.items() if not holds]

    def _locks(self, day: str) -> dict[str, bool]:
        """Whether both lock dates leave a day open."""
        organisation = self.books.organisation(self.tenant)
        locks = {"PeriodLockDate": "period lock date", "EndOfYearLockDate": "end of year lock date"}
        return {
            f"The document date cannot be before the {words}": day > (organisation.get(name) or "")
            for name, words in locks.items()
        }

    def _wrong_lines(self, row: Row) -> list[str]:
        lines = row.get("LineItems")
        if not lines:
            return ["One or more line items must be specified"]
        approved = row.get("Status") == "AUTHORISED"
        return list(dict.fromkeys(error for line in lines for error in self._wrong_line(line, approved)))

    def _wrong_line(self, line: Row, approved: bool) -> list[str]:
        errors = [] if line.get("Description") else ["Description must be at least 1 character"]
        if len(line.get("Description") or "") > _LONGEST_DESCRIPTION:
            errors.append(f"Description is longer than {_LONGEST_DESCRIPTION} characters")
        if is_text_only(line):
            return errors
        code, tax_type = line.get("AccountCode"), line.get("TaxType")
        account = self.books.find("Accounts", self.tenant, "Code", code) if code else None
        if code and not _takes_lines(account):
            errors.append(f"Account code '{code}' is not a valid code for this document.")
        if approved and not code:
            errors.append("An AccountCode is needed on every line of an approved document")
        if tax_type and not self._applies(tax_type, account):
            words = f"The TaxType code '{tax_type}' does not exist or cannot be used"
            errors.append(f"{words} for this type of transaction.")
        amounts = [line.get("UnitAmount"), line.get("LineAmount")]
        if None not in amounts and line_amount(line, self.unit_digits) != decimal(line["LineAmount"]):
            errors.append("The line total does not match the expected line total")
        if len(line.get("Tracking") or ()) > 2:
            errors.append("A line takes two tracking categories at most")
        return errors

    def _applies(self, tax_type: str, account: Row | None) -> bool:
        rate = self.books.find("TaxRates", self.tenant, "TaxType", tax_type)
        if rate is None or rate["Status"] != "ACTIVE":
            return False
        return account is None or rate.get(APPLIES.get(account["Class"], "")) is True

    def _contact(self, named: Row) -> tuple[Row | None, list[str]]:
        """The contact by id; by name an existing one, or else one that is made."""
        key, name = named.get("ContactID"), named.get("Name")
        if key:
            if not is_guid(key):
                raise Refused("Failed")
            found = self.books.find("Contacts", self.tenant, "ContactID", key)
            if found is None:
                return None, ["The contact with the specified ContactID could not be found"]
            is_active = found["ContactStatus"] == "ACTIVE"
            return (found, []) if is_active else (None, ["The contact is archived"])
        if not name:
            return None, ["A Contact must be specified for this type of transaction"]
        made = {"ContactID": guid(self.tenant, "contact", name), "Name": name, "ContactStatus": "ACTIVE"}
        flags = {"IsCustomer": False, "IsSupplier": False, "UpdatedDateUTC": self.now}
        found = active_contact(self.books, self.tenant, name)
        return found or {**made, **flags, "tenantId": self.tenant}, []

    def _stored(self, row: Row, contact: Row) -> Row:
        side = "IsSupplier" if row["Type"].startswith("ACCPAY") else "IsCustomer"
        if not contact[side] or (self.tenant, contact["ContactID"]) not in self.books["Contacts"]:
            self.books.put("Contacts", {**contact, side: True})
        resource = self.resource
        number = row.get(resource.number) or (self._next_number() if resource.types[row["Type"]] else "")
        parts = (self.tenant, resource.name, number, str(self.books.version), self.now)
        whole = {
            "Status": "DRAFT",
            "Date": self.now[:10],
            **row,
            resource.id: row.get(resource.id) or guid(*parts),
            resource.number: number,
            "Contact": {"ContactID": contact["ContactID"]},
            "UpdatedDateUTC": self.now,
            "tenantId": self.tenant,
        }
        stored = completed(self.books, whole, self.unit_digits)
        self.books.put(resource.name, stored)
        return stored

    def _next_number(self) -> str:
        prefix, rows = self.resource.prefix, self.books.rows(self.resource.name, self.tenant)
        numbers = (row[self.resource.number].removeprefix(prefix) for row in rows)
        return f"{prefix}{max((int(one) for one in numbers if one.isdecimal()), default=0) + 1:04d}"


def completed(books: Books, row: Row, unit_digits: int) -> Row:
    """A document with the defaults, its lines' amounts and its totals; without lines its totals stand."""
    mode, tenant = row.get("LineAmountTypes", "Exclusive"), row["tenantId"]
    row = {
        "CurrencyCode": books.organisation(tenant)["BaseCurrency"],
        "SentToContact": False,
        **row,
        "LineAmountTypes": mode,
    }
    if not row.get("LineItems"):
        total = row.get("Total", 0.0)
        return {"SubTotal": total, "TotalTax": 0.0, "Total": total, **row, "LineItems": []}
    lines = []
    for number, given in enumerate(row["LineItems"]):
        tax = given.get("TaxType")
        if tax is None and not is_text_only(given):
            tax = _default_tax(books, tenant, given.get("AccountCode"))
        kept = with_amounts({**given, "TaxType": tax}, mode, _rate_of(books, tenant, tax), unit_digits)
        key = given.get("LineItemID") or guid(tenant, str(row.get("Contact")), str(row), str(number))
        lines.append({**kept, "LineItemID": key})
    return {**row, "LineItems": lines, **totals(lines, mode)}


def _rate_of(books: Books, tenant: str, tax_type: str | None) -> Decimal:
    """A tax type's rate in per cent; nothing where there is none."""
    row = books.find("TaxRates", tenant, "TaxType", tax_type) if tax_type else None
    return decimal(row["EffectiveRate"]) if row else Decimal(0)


def _default_tax(books: Books, tenant: str, code: str | None) -> Any:
    """The tax type that belongs to an account."""
    account = books.find("Accounts", tenant, "Code", code) if code else None
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
