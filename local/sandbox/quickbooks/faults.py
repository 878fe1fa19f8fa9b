"""How QuickBooks says no: faults of one shape for content, of another for credentials and limits."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from local.sandbox.frame.calls import Answer, json_answer

ZONE = ZoneInfo("America/Los_Angeles")
_WORDS = {
    "500": "Unsupported Operation",
    "610": "Object Not Found",
    "2010": "Request has invalid or unsupported property",
    "2020": "Required param missing, need to supply the required value for the API",
    "2050": "String length is either shorter or longer than supported by specification",
    "2170": "Invalid Enumeration",
    "2500": "Invalid Reference Id",
    "4000": "Error parsing query",
    "4001": "Invalid query",
    "5010": "Stale Object Error",
    "6000": "A business validation error has occurred while processing your request",
    "6070": "Amount calculation incorrect in the request",
    "6140": "Duplicate Document Number Error",
    "6240": "Duplicate Name Exists Error",
}


@dataclass
class RefusedError(Exception):
    """A refusal of content, HTTP 400: QuickBooks' code, and what is wrong here."""

    code: str
    detail: str
    element: str = ""

    def fault(self) -> dict[str, Any]:
        """The `Fault` member of an answer or batch item."""
        words = _WORDS[self.code]
        kind = "QueryParserError : " if self.code == "4000" else ""
        error = {"Message": words, "Detail": kind + self.detail, "code": self.code, "element": self.element}
        return {"Error": [error], "type": "ValidationFault"}


def moment(now: datetime) -> str:
    """A timestamp with its offset, in QuickBooks' own zone."""
    return now.astimezone(ZONE).isoformat(timespec="seconds")


def today(now: datetime) -> str:
    """The server's own day."""
    return now.astimezone(ZONE).date().isoformat()


def stamped(now: datetime, body: dict[str, Any], status: int = 200) -> Answer:
    """An answer with its time."""
    return json_answer(status, {**body, "time": now.astimezone(ZONE).isoformat(timespec="milliseconds")})


def refused(now: datetime, error: RefusedError) -> Answer:
    """HTTP 400 with the fault."""
    return stamped(now, {"Fault": error.fault()}, 400)


def system_fault(now: datetime, status: int) -> Answer:
    """HTTP 500 or 503."""
    error = {
        "Message": "An application error has occurred while processing your request",
        "Detail": "System Failure Error",
        "code": "10000",
        "element": "",
    }
    return stamped(now, {"Fault": {"Error": [error], "type": "SystemFault"}}, status)


def lower_case(status: int, code: str, words: str, detail: str, kind: str, retry_after: int | None) -> Answer:
    """The other shape, for 401, 403 and 429."""
    error = {
        "message": f"message={words}; errorCode={int(code):06d}; statusCode={status}",
        "detail": detail,
        "code": code,
        "element": None,
    }
    body = {"warnings": None, "intuitObject": None, "fault": {"error": [error], "type": kind}}
    headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
    return json_answer(status, body, headers)


def token_refused(detail: str) -> Answer:
    """HTTP 401: the access token is unknown, expired or revoked."""
    return lower_case(401, "3200", "AuthenticationFailed", detail, "AUTHENTICATION", None)


def wrong_company() -> Answer:
    """HTTP 403: the token is not for this realm."""
    words = "ApplicationAuthorizationFailed"
    return lower_case(403, "3100", words, "The app may not reach this company", "AUTHORIZATION", None)


def throttled(retry_after: int | None = None) -> Answer:
    """HTTP 429; of its own accord QuickBooks does not say for how long."""
    return lower_case(429, "3001", "ThrottleExceeded", "Too many requests", "THROTTLE", retry_after)
