"""What the API answers when it does not do what was asked: RFC 9457 problem details, one table of codes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from payrelay.errors import (
    CredentialsMissing,
    CredentialsRefused,
    Declined,
    FieldError,
    InvalidFields,
    KeysUnavailable,
    NeedsAttention,
    NoRights,
    NotShown,
    OutcomeUnknown,
    RetryLater,
    TokenMissing,
    Unauthenticated,
    VendorError,
)
from payrelay.ledger.backoff import TableBusy
from payrelay.ledger.plans import PlanExpired
from payrelay.ledger.table import ConditionFailed

# code: (status, title); the OpenAPI document lists the same codes, and a test holds the two together.
PROBLEMS: dict[str, tuple[int, str]] = {
    "BAD_REQUEST": (400, "The request can't be read"),
    "UNAUTHENTICATED": (401, "A valid token is needed"),
    "SIGNATURE_REFUSED": (401, "The message is not signed by its sender"),
    "FORBIDDEN": (403, "The role does not allow this"),
    "NO_RIGHTS": (403, "No rights"),
    "ADD_ON_NOT_ACTIVE": (403, "The add-on is not active"),
    "NOT_FOUND": (404, "There is no such thing"),
    "METHOD_NOT_ALLOWED": (405, "The path does not have this method"),
    "CONFLICT": (409, "Somebody else changed it meanwhile"),
    "NOT_CONNECTED": (409, "The connection is not connected"),
    "NOT_CONFIGURED": (409, "The connection lacks a setting that this flow needs"),
    "RUN_BY_VENDOR": (409, "The vendor's own task runs this"),
    "LAPSED": (409, "The connection has ended, since nobody used it"),
    "CONSENT_NEEDED": (409, "A person has to give consent first"),
    "CONSENT_UNKNOWN": (409, "This consent was not asked for, or too long ago"),
    "COMPANY_NOT_CHOSEN": (409, "It is open which company is meant"),
    "TWO_CODES_TO_ONE": (409, "Two accrual codes go to one category"),
    "ORGANISATION_MISMATCH": (409, "The two systems are connected to different organisations"),
    "LICENCE_MISSING": (409, "The licence for Exact Payroll Plus is missing"),
    "ORGANISATION_NOT_REACHED": (409, "The consent does not reach the organisation"),
    "ALREADY_LINKED": (409, "The account is linked already"),
    "ACCOUNT_EXISTS": (409, "The package has an account of this name"),
    "ADDRESS_CHANGED": (409, "The credentials were entered for another address"),
    "OTHER_ORGANISATION": (409, "The credentials reach another organisation than before"),
    "TOO_MANY_APPS": (409, "The tenant has as many apps as it may have"),
    "STILL_CONNECTED": (409, "The connection must be disconnected first"),
    "CONNECTION_DELETED": (409, "The connection does not exist any more"),
    "CREDENTIALS_MISSING": (409, "The connection has no credentials"),
    "CREDENTIALS_REFUSED": (409, "A system does not accept the credentials"),
    "SYSTEM_REFUSED": (409, "A system refused a call"),
    "RUN_NOT_FINISHED": (409, "The run has not finished"),
    "RUN_FINISHED": (409, "The run has finished already"),
    "RUN_IN_PROGRESS": (409, "Another run of this flow is in progress"),
    "NOTHING_TO_REPLAY": (409, "The run has no such records"),
    "NOTHING_TO_APPLY": (409, "The run has no plan to apply"),
    "ALREADY_APPLIED": (409, "The plan was applied already"),
    "LETTER_KEPT": (409, "The dead letter did not do what it was for, and is kept"),
    "PLAN_EXPIRED": (409, "The plan is not kept any more"),
    "BODY_TOO_LARGE": (413, "The body is too large"),
    "UNSUPPORTED_MEDIA_TYPE": (415, "The body must be JSON"),
    "VALIDATION_FAILED": (422, "Some fields are wrong"),
    "DIAGNOSIS_SHARE_USED": (429, "Diagnoses have used their share of the day's calls"),
    "INTERNAL_ERROR": (500, "Payrelay made a mistake"),
    "SYSTEM_UNREACHABLE": (503, "A system can't be reached"),
    "KEYS_UNAVAILABLE": (503, "Tokens can't be checked at the moment"),
}


# An answer has a limit of its own, and whoever sends very many wrong fields needs no list of all.
MOST_ERRORS = 100
LONGEST_FIELD, LONGEST_MESSAGE = 200, 1000
# After so long the table has room again, unless it is a long morning.
BUSY_SECONDS = 5


class Problem(Exception):
    """An answer that is not what was asked for. `errors` are (field, message) pairs.

    `members` are extension members of the problem, such as `remedy` (what a person does next).
    """

    def __init__(
        self,
        code: str,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        **members: Any,
    ) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        self.status, self.title = PROBLEMS[code]
        self.detail = detail
        self.errors = _told(errors)
        self.headers = dict(headers or {})
        self.members = members

    def as_dict(self) -> dict[str, Any]:
        """The body of the answer, `application/problem+json`."""
        found: dict[str, Any] = {
            "type": f"urn:payrelay:problem:{self.code.lower().replace('_', '-')}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
        }
        if self.errors:
            found["errors"] = [{"field": field, "message": message} for field, message in self.errors]
        return {**found, **self.members}


def _told(errors: Sequence[FieldError]) -> tuple[FieldError, ...]:
    """The first errors, cut where they are too long."""
    return tuple(
        (field[:LONGEST_FIELD], message[:LONGEST_MESSAGE]) for field, message in errors[:MOST_ERRORS]
    )


def invalid(errors: Sequence[FieldError]) -> Problem:
    """A body with wrong fields."""
    return Problem("VALIDATION_FAILED", "Nothing was changed. " + in_one_line(errors), errors=errors)


def in_one_line(errors: Sequence[FieldError]) -> str:
    """Field errors as one line for people; the first of them, and how many more, if there are very many."""
    left = len(errors) - MOST_ERRORS
    more = [f"and {left:,} more"] if left > 0 else []
    return "; ".join([*(f"{field}: {message}" for field, message in _told(errors)), *more])


def of_error(error: Exception) -> Problem | None:
    """The problem that an error of our own means to a caller; None if it is a mistake of ours."""
    for kind, meaning in _MEANINGS:
        if isinstance(error, kind):
            return meaning(error)
    return None


def _of_attention(error: NeedsAttention) -> Problem:
    code = error.code if error.code in PROBLEMS else "SYSTEM_REFUSED"
    return Problem(code, error.message, remedy=error.remedy)


def _of_declined(error: Declined) -> Problem:
    members: dict[str, Any] = {name: text for name in ("system", "remedy") if (text := getattr(error, name))}
    if error.choices:
        members["choices"] = [{"id": key, "name": name} for key, name in error.choices.items()]
    headers = {} if error.seconds is None else {"Retry-After": str(error.seconds)}
    return Problem(error.code, error.message, headers=headers, **members)


def _of_token(error: Unauthenticated) -> Problem:
    challenge = 'Bearer realm="payrelay"'
    if not isinstance(error, TokenMissing):
        challenge += f', error="invalid_token", error_description="{error}"'
    detail = f"The token is not accepted: {error}."
    return Problem("UNAUTHENTICATED", detail, headers={"WWW-Authenticate": challenge})


def _of_keys(_: KeysUnavailable) -> Problem:
    detail = "The keys of the token's issuer can't be read; try again in a few seconds."
    return Problem("KEYS_UNAVAILABLE", detail, headers={"Retry-After": "5"})


def _of_race(_: ConditionFailed) -> Problem:
    return Problem("CONFLICT", "It was changed by somebody else meanwhile; read it and try again.")


def _of_busy(_: TableBusy) -> Problem:
    detail = "Too much is written at the moment, and the call did not get its turn."
    remedy = f"Try again in {BUSY_SECONDS} seconds."
    return Problem("SYSTEM_UNREACHABLE", detail, headers={"Retry-After": str(BUSY_SECONDS)}, remedy=remedy)


def _of_no_credentials(_: CredentialsMissing) -> Problem:
    remedy = "Delete the connection and create it anew with its credentials."
    return Problem("CREDENTIALS_MISSING", "The connection has no stored credentials.", remedy=remedy)


def _of_no_plan(_: PlanExpired) -> Problem:
    return Problem("PLAN_EXPIRED", "The plan of this run is not kept any more.", remedy="Make a new preview.")


def _of_rights(error: NoRights) -> Problem:
    return Problem("NO_RIGHTS", f"No rights: {error}.", remedy=error.remedy)


def _of_vendor(error: VendorError) -> Problem:
    from payrelay.systems.registry import SYSTEMS, label, renewal, said  # noqa: PLC0415  (a cold start does without)

    name = label(error.system)
    if isinstance(error, RetryLater):
        return _of_later(error, name if error.system in SYSTEMS else None)
    if isinstance(error, CredentialsRefused):
        return Problem(
            "CREDENTIALS_REFUSED",
            f"{name} does not accept the credentials of this connection: {said(error)}",
            system=error.system,
            remedy=renewal(error.system),
        )
    return Problem(
        "SYSTEM_REFUSED",
        f"{name} refused the call: {error.message}",
        system=error.system,
        remedy="Check the connection's settings and the rights of its credentials, then try again.",
    )


def _of_later(error: RetryLater, name: str | None) -> Problem:
    """Busy or down; without a name it is a part of ours that is busy."""
    seconds = max(1, error.seconds)
    unknown = isinstance(error, OutcomeUnknown)
    done = "It may have been done all the same." if unknown else "Nothing was changed."
    return Problem(
        "SYSTEM_UNREACHABLE",
        f"{name} could not be reached or did not answer: {error.message}" if name else error.message,
        headers={"Retry-After": str(seconds)},
        system=error.system,
        remedy=f"{done} Try again in {seconds} seconds.",
    )


_MEANINGS: tuple[tuple[type[Exception], Callable[[Any], Problem]], ...] = (
    (Problem, lambda problem: problem),
    (Unauthenticated, _of_token),
    (KeysUnavailable, _of_keys),
    (NeedsAttention, _of_attention),
    (Declined, _of_declined),
    (InvalidFields, lambda error: invalid(error.problems)),
    (VendorError, _of_vendor),
    (ConditionFailed, _of_race),
    (TableBusy, _of_busy),
    (CredentialsMissing, _of_no_credentials),
    (PlanExpired, _of_no_plan),
    (NoRights, _of_rights),
    (NotShown, lambda error: Problem("NOT_FOUND", str(error))),
)
