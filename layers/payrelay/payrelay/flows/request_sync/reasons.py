"""The reasons that the request sync alone gives (RQ-1 to RQ-8)."""

from __future__ import annotations

from collections.abc import Mapping

from payrelay.domain.reasons import reasons_with

# Letter by letter as the document has it.
NO_PERIOD = "No payroll period found for this employee with the request start date & end date"

# code: (message, remedy); the messages name the values.
REASONS: Mapping[str, tuple[str, str]] = {
    "NO_PAYROLL_PERIOD": (
        f"{NO_PERIOD}",
        (
            "Re-open {label} in Exact Synergy, and make one request for each payroll period: {start} to "
            "{end} does not lie in one period of this employee."
        ),
    ),
    "PAYROLL_PERIOD_CLOSED": (
        (
            "{label}: the payroll period {period} is {status} in Exact Payroll Plus, and takes nothing any "
            "more{held}."
        ),
        (
            "Withdraw the run of {period} in Exact Payroll Plus, or re-open the request in Exact Synergy "
            "and date it in {open}. It is never moved by itself."
        ),
    ),
    "END_DATE_MISSING": (
        "{label} has no end date, which its type must have.",
        "Re-open the request in Exact Synergy, fill in End date, and realise it again.",
    ),
    "END_BEFORE_START": (
        "{label} ends on {end}, before it starts on {start}.",
        "Re-open the request in Exact Synergy, correct its dates, and realise it again.",
    ),
    "VALUE_MISSING": (
        "{label} has no {field}.",
        "Re-open the request in Exact Synergy, fill in {field}, and realise it again.",
    ),
    "VALUE_TOO_FINE": (
        "{label}: {field} {seen}, and Exact Payroll Plus takes two decimals.",
        "Re-open the request in Exact Synergy, enter {field} with two decimals, and realise it again.",
    ),
    "ITEM_MISSING": (
        "{label} has no item, which tells the payroll component.",
        "Re-open the request in Exact Synergy, choose an Item, and realise it again.",
    ),
    "ITEM_UNKNOWN": (
        "{label} has the item {item}, which Exact Synergy does not have any more.",
        "Re-open the request in Exact Synergy, choose another Item, and realise it again.",
    ),
    "COMPONENT_MISSING": (
        (
            "{label}: free text field 1 of the item {item} is blank, so that its payroll component is not "
            "known."
        ),
        (
            "Enter the component code of Exact Payroll Plus in free text field 1 of the item {item} in "
            "Exact Synergy."
        ),
    ),
    "COMPONENT_UNKNOWN": (
        (
            "{label}: the item {item} has the component {value} in free text field 1, which Exact Payroll "
            "Plus does not have."
        ),
        (
            "Correct free text field 1 of the item {item} in Exact Synergy, or add the component in Exact "
            "Payroll Plus."
        ),
    ),
    "COMPONENT_OF_ANOTHER_KIND": (
        (
            "{label}: the component {value} of the item {item} belongs to {kind} in Exact Payroll Plus, and"
            " a request of this type goes to {place}."
        ),
        (
            "Choose another item for this request, or correct free text field 1 of the item {item} in Exact"
            " Synergy."
        ),
    ),
    "REQUEST_TYPE_WITHOUT_STEPS": (
        "{label}: its request type has no {step} step, so that it takes no part.",
        (
            "Give the request type the steps Realise and Process in Exact Synergy (Workflow, Setup, Request"
            " types)."
        ),
    ),
    "REQUEST_TYPE_UNKNOWN": (
        "{label} is of the type {value}, which is none of those that go to Exact Payroll Plus.",
        "Nothing to do.",
    ),
    "NOT_IN_PAYROLL_PLUS": (
        "{label}: Exact Payroll Plus does not have {person}.",
        (
            "Run the payroll sync, which says what keeps them out; the request goes by itself once they are"
            " there."
        ),
    ),
    "REQUEST_WAITS_FOR_CONCEPT": (
        "{label} waits: {person} is still a concept employee in Exact Payroll Plus.",
        (
            "Make them an employee in Exact Payroll Plus (Employer, HRM, Sollicitanten); the request then "
            "goes by itself."
        ),
    ),
    "REQUEST_WAITS_FOR_EMPLOYMENT": (
        "{label} waits: every employment of {person} in Exact Payroll Plus has ended (the last on {date}).",
        (
            "In Exact Payroll Plus take the term date away, or add an employment; the request then goes by "
            "itself."
        ),
    ),
    "ORGANIZATIONAL_ENTITY_MISSING": (
        "{label}: {person} has no Deviding unit in Exact Payroll Plus.",
        (
            "Enter one in Exact Payroll Plus (Employee, Home, Organizational entity); the next run sends "
            "the request."
        ),
    ),
    "SHIFT_MISSING": (
        "{label}: {person} has no Shift in Exact Payroll Plus.",
        "Enter it in Exact Payroll Plus (Employee, Home, Work details); the next run sends the request.",
    ),
    "STARTS_BEFORE_ANOTHER": (
        (
            "{label} of {person} starts on {start}, and {other} is in force from {other_start} on: one that "
            "starts before, or on the day of, one that is in force can not end it."
        ),
        "Correct the start date of one of the two: re-open a request in Exact Synergy and realise it again.",
    ),
    "RECORD_BY_HAND": (
        (
            "{label}: Exact Payroll Plus has {component} from {other_start} on, which was entered there by "
            "hand and is still in force on {start}."
        ),
        "End it in Exact Payroll Plus on {until} ({place}); the next run sends the request.",
    ),
    "PAYMENT_REMAINS": (
        "{label} was re-opened; what it sent remains in Exact Payroll Plus ({what}).",
        "If it is not to be paid any more, end it in Exact Payroll Plus ({place}).",
    ),
    "NO_WAGE_IN_FORCE": (
        (
            "{label} was re-opened, and its basic wage is set to zero: from {start} on no basic wage is in "
            "force for {person}."
        ),
        "Correct the request and realise it again, or make another for this employee.",
    ),
    "ENDS_ANOTHER": (
        "{label} ends {other} on {until}, in Exact Payroll Plus and in Exact Synergy.",
        "Nothing to do.",
    ),
    "EDITED_MEANWHILE": (
        "{label} was changed in Exact Synergy while it was being sent, and is not set to Processed.",
        "Nothing to do: the next run sends it as it is now.",
    ),
    "EDITED_AS_PROCESSED": (
        (
            "{label} was changed in Exact Synergy at the moment when it was set to Processed, and Exact "
            "Payroll Plus has it as it was before."
        ),
        "Re-open the request in Exact Synergy and realise it again; the next run sends it as it is then.",
    ),
    "DELETED_MEANWHILE": (
        "{label} was deleted in Exact Synergy while it was sent, and is in Exact Payroll Plus ({what}).",
        (
            "If it is not to be paid, set it to zero in Exact Payroll Plus ({place}); no run looks at a "
            "deleted request again."
        ),
    ),
    "NO_RIGHT_TO_PROCESS": (
        (
            "{label} is in Exact Payroll Plus, and Exact Synergy does not let this connection's user "
            "process it: {problem}"
        ),
        (
            "Give the user of this connection the right to process this request type in Exact Synergy, then"
            " replay it."
        ),
    ),
}

reason = reasons_with(REASONS)
