"""The reasons that the payroll sync alone gives (PE-1 to PE-9).

The messages that Exact Synergy itself shows when an inactive date is saved are given letter by letter as its
document has them, typing errors and all.
"""

from __future__ import annotations

from collections.abc import Mapping

from payrelay.domain.reasons import reasons_with

# What Exact Synergy says, in the section "Inactivate employment end date" of its document.
ALL_CONTRACTS = (
    "Important: The date you entered for an employee will be applied to all active contracts of that "
    "employee."
)
SYNERGY_ONLY = (
    "Important: The inactive date you entered for this employee will be applied to all active contracts in "
    "Synergy only"
)
BEFORE_START = (
    "The inactive date is before the start date of one or more contracts. Please check the contracts and "
    "adjust where necessary."
)
BY_HAND = (
    "Note that by changing the inactive date of the employee, you need to manually make sure the contract "
    "information is correct, either by adding a new contract or by adjusting an existing contract"
)
_CARD = "the person card in Exact Synergy (HRM, Person)"

# code: (message, remedy); the messages name the values.
REASONS: Mapping[str, tuple[str, str]] = {
    "NOT_PAYROLL_PLUS_EMPLOYEE": (
        "{label} does not have the role Payroll Plus employee in Exact Synergy.",
        (
            "Nothing to do for somebody who is paid elsewhere; else give them the role in Exact Synergy "
            "(System, Role, Member)."
        ),
    ),
    "TYPE_NOT_SYNCED": (
        "{label} is of the type {value} in Exact Synergy, which is not synchronised.",
        (
            "Nothing to do; if the type is wrong, correct Type on the person card in Exact Synergy (HRM, "
            "Person)."
        ),
    ),
    "STATUS_NOT_SYNCED": (
        "{label} has the status {value} in Exact Synergy, and only Active and Hired are synchronised.",
        (
            "Nothing to do; if the status is wrong, correct it on the person card in Exact Synergy (HRM, "
            "Person)."
        ),
    ),
    "ALREADY_INACTIVE": (
        "{label} is inactive in Exact Synergy, and was before: somebody inactive is not synchronised.",
        "Nothing to do; what is still to be changed for them is changed in Exact Payroll Plus.",
    ),
    "COUNTRY_NOT_NL": (
        "{label} has the country {value} in Exact Synergy, and only NL is synchronised.",
        (
            "Nothing to do; if the country is wrong, correct Country on the person card in Exact Synergy "
            "(HRM, Person)."
        ),
    ),
    "FELL_OUT": (
        "{label} is not synchronised any more ({why}), and still stands in Exact Payroll Plus: {what}.",
        "{cure}, or correct the cause in Exact Synergy; Payrelay removes nobody from Exact Payroll Plus.",
    ),
    "PERSON_NOT_FOUND": (
        "{label} is not in Exact Synergy.",
        "Correct the ID that was asked for, or create the person in Exact Synergy (HRM, Person).",
    ),
    "GONE_FROM_SYNERGY": (
        "{label} was deleted in Exact Synergy, and stays in Exact Payroll Plus.",
        (
            "If they have left, end the employment in Exact Payroll Plus; a deleted person deletes nothing "
            "there."
        ),
    ),
    "RESOURCE_RECODED": (
        (
            "{label} has the social security number of {other}, who was sent before and is not in Exact "
            "Synergy any more. A resource whose ID was changed can not be synchronised."
        ),
        (
            "Give {label} the ID {number} again in Exact Synergy, or move them to the new one in Exact "
            "Payroll Plus."
        ),
    ),
    "SAME_SOCIAL_SECURITY_NUMBER": (
        "{label} has the same social security number as {other}: one person is not sent twice.",
        (
            "Correct Social security no. of one of the two on the person card in Exact Synergy (HRM, "
            "Person), or take the role from one of them."
        ),
    ),
    "OTHER_PERSON_THERE": (
        "{label}: Exact Payroll Plus has another person under this number, {other} ({what}).",
        (
            "Compare the two. If it is one person, correct what differs on either side; else give one "
            "another ID."
        ),
    ),
    "CODE_UNKNOWN": (
        "{label}: {field} is {value}, which Exact Payroll Plus has no word for.",
        "Choose another {field} on the person card in Exact Synergy (HRM, Person).",
    ),
    "IBAN_NOT_VALID": (
        "{label}: the IBAN of Bank Account 1 is not valid ({problem}).",
        "Correct the IBAN of Bank Account 1 of this person in Exact Synergy.",
    ),
    "BANK_ACCOUNT_KEPT": (
        "{label}: {problem}; nothing is sent, and the account in Exact Payroll Plus stays as it is.",
        (
            "To have another account paid, give Bank Account 1 an IBAN and set it as the default in Exact "
            "Synergy."
        ),
    ),
    "STILL_CONCEPT": (
        (
            "{label} is a concept employee in Exact Payroll Plus. Until they are made an employee there "
            "waits: {what}."
        ),
        (
            "Make them an employee in Exact Payroll Plus (Employer, HRM, Sollicitanten); the next run then "
            "sends the rest by itself."
        ),
    ),
    "SYNERGY_ONLY": (
        (
            f"{{label}}: {SYNERGY_ONLY}. The inactive date {{date}} lies before {{entered}}, the day on "
            f"which the person card was last saved; {{there}}."
        ),
        "Enter the end in Exact Payroll Plus by hand (Employee, Home, Term date).",
    ),
    "INACTIVE_BEFORE_START": (
        f"{{label}}: {BEFORE_START} The inactive date is {{date}}, and a contract starts on {{start}}.",
        (
            "Correct the inactive date on the person card in Exact Synergy (HRM, Person), or the contract's"
            " dates."
        ),
    ),
    "ENTRY_DAY_UNKNOWN": (
        (
            "{label} has the inactive date {date}, and Exact Synergy does not tell when it was entered; "
            "{there}."
        ),
        (
            "Save the person card in Exact Synergy (HRM, Person) once more; or enter the end in Exact "
            "Payroll Plus by hand (Employee, Home, Term date)."
        ),
    ),
    "CONTRACT_WITHOUT_EMPLOYMENT": (
        (
            "{label}: Exact Payroll Plus has no employment that starts on {start}, as the contract in Exact"
            " Synergy does."
        ),
        (
            "Give the contract and the employment the same start date, or add the employment in Exact "
            "Payroll Plus; the next run then sends its end."
        ),
    ),
    "ALL_EMPLOYMENTS_INACTIVE": (
        (
            "{label} is active in Exact Synergy, and every employment in Exact Payroll Plus has ended (the "
            "last on {date}): somebody who comes back is made active there by hand."
        ),
        (
            "In Exact Payroll Plus take the term date away, or add an employment from {start} on; then run "
            "again."
        ),
    ),
    "CHANGED_IN_PAYROLL_PLUS": (
        (
            "{label}: what was changed in Exact Payroll Plus since it was last sent is overwritten: "
            "{fields}.{left}"
        ),
        (
            f"Nothing to do if Exact Synergy is right; else change it there, on {_CARD}: what is "
            "changed in Exact Payroll Plus does not come back to Exact Synergy."
        ),
    ),
    "TERM_DATE_KEPT": (
        (
            "{label}: the term date {date} in Exact Payroll Plus is not the one that was last sent, and is "
            "left alone."
        ),
        (
            "Exact Synergy has {wanted}. If that is right, enter it in Exact Payroll Plus (Employee, Home, "
            "Term date); there a blank is an emptied field."
        ),
    ),
    "END_SENT": (
        f"{{label}}: {ALL_CONTRACTS} The inactive date {{date}} is sent.",
        "Nothing to do.",
    ),
    "END_CHANGED": (
        f"{{label}}: {BY_HAND}. The inactive date {{date}} is sent.",
        "Compare the contracts in Exact Synergy with the term dates in Exact Payroll Plus.",
    ),
    "NOTE_CONTRACTS_BY_HAND": (
        f"{{label}}: {BY_HAND}. Nothing is sent.",
        (
            "Look at the contracts in Exact Synergy and at the term date in Exact Payroll Plus, which is "
            "{date}."
        ),
    ),
    "FIELD_NOT_SHOWN": (
        (
            "{label}: Exact Synergy does not show {field} to this connection's user; what was sent before "
            "stays."
        ),
        "Give the user of this connection the right to see {field} in Exact Synergy.",
    ),
}

reason = reasons_with(REASONS)
