"""The reasons that the pull of documents alone gives (DOC-1 to DOC-4)."""

from __future__ import annotations

from collections.abc import Mapping

from payrelay.domain.reasons import reasons_with

# Letter by letter as the document has them.
NO_TYPE = (
    "Reason = Error in retrieving settings from ESE. Error: Exact Payroll Plus setting(s) not defined in ESE "
    "HRM Settings"
)
NO_RESOURCE = (
    "No document synchronization for Exact Payroll Plus employees (Employee number : {number}) due to unable "
    "to find ESE resource ID"
)

# code: (message, remedy); the messages name the values.
REASONS: Mapping[str, tuple[str, str]] = {
    "DOCUMENT_TYPE_MISSING": (
        NO_TYPE,
        (
            "In Exact Synergy open Modules, HRM, Setup, General, Settings, press Edit, and fill in "
            "{field} under Exact Payroll Plus; the next run then stores {label}."
        ),
    ),
    "UNKNOWN_EMPLOYEE": (
        NO_RESOURCE,
        (
            "If the person has a card in Exact Synergy under another ID, correct the employee ID in Exact "
            "Payroll Plus to that one. If they have none, create it; the next run then stores {label}. "
            "The others go on."
        ),
    ),
    "DOCUMENT_BLANK": (
        "{label} is still blank in Exact Payroll Plus, as one is right after an employee was created.",
        "Nothing to do. The next run looks at it again by itself.",
    ),
    "STATEMENT_OUT_OF_DATE": (
        (
            "{label} is out of date: {run} was calculated again after the year {year} was closed, and "
            "Exact Payroll Plus still has version {version} of the statement."
        ),
        (
            "Make the annual statement of this employee for {year} again in Exact Payroll Plus. The next "
            "run stores it beside the one that is in the dossier, which stays."
        ),
    ),
    "VERSION_HOLDS": (
        (
            "{label}: version {version} is stored beside version {before}, which stays in the dossier. "
            "Version {version} holds."
        ),
        "Nothing to do.",
    ),
    "CONTENT_NOT_ANNOUNCED": (
        (
            "{label} is not stored: its content is not the document announced. Exact Payroll Plus "
            "announces the checksum {announced}, and the content that it gives ({size} bytes) has {seen}."
        ),
        (
            "It may be another person's document, or broken off. Make the document again in Exact Payroll "
            "Plus, or report it to Exact with its number {id}. The next run looks at it again by itself."
        ),
    ),
    "CONTENT_NO_PDF": (
        "{label} is not stored: the content that Exact Payroll Plus gives ({size} bytes) is no PDF.",
        (
            "Make the document again in Exact Payroll Plus, or report it to Exact with its number {id}. "
            "The next run looks at it again by itself."
        ),
    ),
    "DOCUMENT_WITHDRAWN": (
        "{label} is listed in Exact Payroll Plus, and its content is not there any more.",
        (
            "If its payroll run was withdrawn, approve the calculation again in Exact Payroll Plus once "
            "it is right; the next run then takes the document from there."
        ),
    ),
    "DOCUMENT_NOT_ASKED_FOR": (
        (
            "{label} is not stored: Exact Payroll Plus lists it among the documents of {group} in the "
            "language {language}, and says itself that it is {what}."
        ),
        (
            "Make the document again in Exact Payroll Plus, or report it to Exact with its number {id}. "
            "The next run looks at it again by itself."
        ),
    ),
    "DOCUMENT_ANNOUNCED_TWICE": (
        (
            "{label} is not stored: Exact Payroll Plus lists the document {id} twice in {group}, with "
            "different persons, versions or checksums."
        ),
        (
            "Report it to Exact with its number {id}: nobody can tell which of them is right. The next "
            "run looks at it again by itself."
        ),
    ),
    "DOCUMENT_ID_UNUSABLE": (
        "{label} is not stored: its number {id} ends as that of another version of a document would.",
        "Report it to Exact with this number; it can be put into the dossier by hand.",
    ),
    "EMPLOYEE_SPELLED_TWICE": (
        (
            "{label} is not stored: in {group} Exact Payroll Plus has the same person of Exact Synergy "
            "under several spellings of the employee ID, of which this is {number}."
        ),
        (
            "Find out in Exact Payroll Plus whose pay each of them is, and correct the employee ID of the "
            "other to that of their own card in Exact Synergy. The next run looks at it again by itself."
        ),
    ),
    "DOCUMENT_OF_ANOTHER_PERSON": (
        (
            "{label} is not stored: the document {id} is in the dossier of {other} already, and Exact "
            "Payroll Plus says now that it is of employee {number}."
        ),
        (
            "Look at the document in the dossier of {other} in Exact Synergy, and remove it there if it "
            "is not theirs; then make the document again in Exact Payroll Plus under a number of its own."
        ),
    ),
    "FILED_FOR_ANOTHER_PERSON": (
        (
            "{label} is not stored: Exact Synergy has a document with the key {key} in free text field 1 "
            "in the dossier of {other}."
        ),
        (
            "Look at that document in Exact Synergy: remove it if it is not of {other}, or empty its free "
            "text field 1. The next run looks at it again by itself."
        ),
    ),
    "DOCUMENT_CHANGED": (
        (
            "{label}: Exact Payroll Plus announces another content (checksum {announced}) than the one "
            "that was stored ({seen}), and still calls it version {version}."
        ),
        (
            "Approve the calculation again in Exact Payroll Plus, so that the document gets a version of "
            "its own; the next run then stores it beside the one that is in the dossier."
        ),
    ),
    "RUN_WITHDRAWN": (
        (
            "{label} is not approved any more in Exact Payroll Plus: nothing is pulled, and what is "
            "stored stays."
        ),
        (
            "Nothing now: once the calculation is approved again in Exact Payroll Plus, the next run "
            "takes its slips."
        ),
    ),
    "NO_DOCUMENTS": (
        "{label} has no documents in Exact Payroll Plus yet.",
        "Nothing to do. The next run looks at it again by itself.",
    ),
    "NO_DOCUMENTS_IN_LANGUAGE": (
        (
            "{label} has no documents in the language {language} in Exact Payroll Plus, and has some in "
            "{other}."
        ),
        (
            "Set the language of the documents in Exact Payroll Plus, or document_language of this "
            "connection to {other}."
        ),
    ),
}

reason = reasons_with(REASONS)
