"""Why a document is not posted, or not as it was told, in the order of the checks (IN-3, IN-6, IN-11)."""

from __future__ import annotations

from collections.abc import Mapping

from payrelay.domain.reasons import reasons_with

# code: (message, remedy); the messages name the values.
REASONS: Mapping[str, tuple[str, str]] = {
    "NOT_SENT": (
        "Cannot sync until marked as sent.",
        "E-mail {label} from AutoVu, or switch `Sent` to Yes in its print dialogue; then sync again.",
    ),
    "ACCOUNT_NOT_FOUND": (
        "The account {name} does not exist in {package}.",
        (
            "{alike} it (POST …/accounts/{account_id}/create), or {or_link} (POST "
            "…/accounts/{account_id}/link with its account_id); its later documents then need nothing more."
        ),
    ),
    "ACCOUNT_NOT_LINKED": (
        "The account {name} exists in {package}{which}, and is not linked yet.",
        (
            "Link this{meant} (POST …/accounts/{account_id}/link with the account_id {ids}); its later "
            "documents then need nothing more."
        ),
    ),
    "ACCOUNT_SPELLED_OTHERWISE": (
        "{package} has the account {theirs}: the same as {shown} but for {spelled}; it is not linked yet.",
        (
            "If it is the one, link it (POST …/accounts/{account_id}/link with the account_id {id}); its "
            "later documents then need nothing more. If not, give one of the two another name first."
        ),
    ),
    "ACCOUNT_INACTIVE": (
        "The account {name}{which} is not active in {package}.",
        "Make the account {theirs} active again in {package}{link}.",
    ),
    "ACCOUNTS_ID_WRONG": (
        "AccountsID ({id}) is not correct, {package} requires {wanted}",
        "Remove the wrong {link}; {then}.",
    ),
    "CARE_OF_UNKNOWN": (
        "{label} goes care of {name}, which has {problem}.",
        (
            "Enter the id that {name} has in {package} as CareOfID on its company or site record in AutoVu, "
            "or take the care-of account off the document there."
        ),
    ),
    "DUPLICATE_DOCUMENT_NUMBER": (
        "{label} can't be synced: {package} has a document with this number already ({id}).",
        (
            "Look at the document of this number in {package} ({id}). Give one of the two another number, or "
            "take this one off the list in AutoVu; nothing is overwritten or renumbered."
        ),
    ),
    "LOOKUP_REFUSED": (
        "{label} can't be synced: {package} does not look for the {what} {value}: {problem}",
        (
            "Write the {what} in AutoVu in other signs{signs}{or_link}; then sync again. No other document "
            "waits for it."
        ),
    ),
    "NOMINAL_UNKNOWN": (
        "Line {line} of {label} has the nominal code {value}, which {package} does not have for it.",
        "{create} the nominal code of the line in AutoVu.",
    ),
    "NOMINAL_AMBIGUOUS": (
        "Line {line} of {label}: several items of {package} earn to the nominal {value}: {items}.",
        (
            "Give the one that is meant the name of the nominal ({name}) in {package}, or make the others "
            "inactive there."
        ),
    ),
    "NOMINAL_WITHOUT_TAX": (
        "Line {line} of {label}: nominal {value} has no tax value in {package} (tax selector {selector}).",
        (
            "Give the nominal {value} a tax selector in AutoVu's chart of accounts, if it has none, and name "
            "the tax code of {package} for that selector in the connection's `tax_codes`."
        ),
    ),
    "LINE_WITHOUT_TEXT": (
        "{line} of {label} has {no} text.",
        "{fill_in} in AutoVu.",
    ),
    "NEGATIVE_TOTAL": (
        "{label} comes to {total}, and {package} takes no {kind} of less than nothing.",
        "{instead}.",
    ),
    "CURRENCY_NOT_TAKEN": (
        "{label} is in {currency}, and {package} keeps these books in {home} and takes no {currency}.",
        "{switch_on} the currency of the document in AutoVu.",
    ),
    "CURRENCY_OF_ACCOUNT": (
        "{label} is in {currency}, and the account {name} is in {theirs} in {package}.",
        (
            "{account}; or correct the currency of the document in AutoVu. Where {name} has documents in "
            "{theirs}, too, give those in {currency} a company or site record of their own in AutoVu, and "
            "link that one."
        ),
    ),
    "PERIOD_CLOSED": (
        "{label} is of {date}, and the books in {package} are closed until {until}.",
        (
            "Have an administrator of {package} open them ({where}), or give the document a later date in "
            "AutoVu."
        ),
    ),
    "NUMBER_MISSING": (
        "{label} has no number.",
        "Give the document a number in AutoVu.",
    ),
    "DUE_DATE_MISSING": (
        "{label} has no due date, which {package} needs.",
        "Fill in the due date of the document in AutoVu.",
    ),
    "FIELD_TOO_LONG": (
        "{field} of {label} has {length} characters, and {package} takes {longest}.",
        "Shorten it in AutoVu to {longest} characters.",
    ),
    "SIGN_NOT_TAKEN": (
        "{field} of {label} has the sign {sign}, which {package} does not take.",
        "Take the sign out in AutoVu, or write it in letters.",
    ),
    "TAX_CODE_NOT_THERE": (
        "The connection's `tax_codes` name {name} for {selector}, and {package} has no such tax code.",
        "Name one of these for {selector} in `tax_codes`, and connect again: {candidates}.",
    ),
    "TAX_CODE_UNKNOWN": (
        (
            "Line {line} of {label}: {selector} stands for {names} in the connection's `tax_codes`, and "
            "{package} has no such tax code for a {kind}."
        ),
        "Name one of these for {selector} in the connection's `tax_codes`: {candidates}.",
    ),
    "TAX_CODE_AMBIGUOUS": (
        (
            "Line {line} of {label}: {selector} with {rate} % may be any of these tax codes of {package}: "
            "{candidates}."
        ),
        "Name the one that is meant for {selector} in the connection's `tax_codes`: {candidates}.",
    ),
    "TAX_NOT_OF_RATE": (
        "Line {line} of {label}: tax {tax} on {net}, but {expected} by {name} of {package} ({rate} %).",
        (
            "Correct the tax or the tax code of the line in AutoVu; or, if another rate is right on {date}, "
            "name the tax code of {package} that has it for {selector} in the connection's `tax_codes`, "
            "beside {name}."
        ),
    ),
    "AMOUNT_TOO_FINE": (
        "{field} of line {line} of {label} is {value}, which has more than two decimals.",
        "Round it to two decimals in AutoVu, and the document's total with it.",
    ),
    "TOTALS_DIFFER": (
        "The total of {label} is {gross} in AutoVu, and {total} by {who}.",
        "Correct the lines in AutoVu so that both totals are the same; nothing was posted.",
    ),
    "FAILED_OVER_DOCUMENT": (
        "{package} fails over {label}, and takes others: {problem}",
        (
            "Look for unusual signs in its texts and type them anew in AutoVu, then sync again; it is looked "
            "up first, so that it is never posted twice. If that does not help, enter it in {package} by "
            "hand and take it off the list in AutoVu."
        ),
    ),
    "NUMBER_REPLACED": (
        "{label} was posted, and {package} gave it the number {value} instead of its own.",
        (
            "Let {package} take our numbers{where}, and give the document {value} there the number {number}; "
            "it is not posted again."
        ),
    ),
    "DOCUMENT_EDITED": (
        "{label} was {edited} in AutoVu while it was being synced; {package} has it as it was before.",
        "Compare the two, and correct {label} in {package} by hand where they differ{or_void}.",
    ),
    "DOCUMENT_DELETED": (
        "{label} was deleted in AutoVu while it was being synced; {package} has it ({id}).",
        "Void {label} in {package}, if it should not be there either.",
    ),
    "TOTAL_AS_POSTED": (
        "{label} is in {package} ({id}) with a total of {total}, but has {gross} in AutoVu.",
        "Compare {label} in {package} with AutoVu's, and correct it in {package} by hand.",
    ),
    "DOCUMENT_GONE": (
        "{label} is no longer on AutoVu's list.",
        "Nothing to do, unless it should be: then mark it for sync in AutoVu again.",
    ),
}

reason = reasons_with(REASONS)
