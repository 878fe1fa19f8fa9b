"""How Attaché says no: `{"Code", "Message", "CorrelationId"}`."""

from uuid import uuid4

from local.sandbox.frame.calls import Answer, json_answer

_SERVER = {
    429: ("TooManyRequests", "Too many requests for this organisation."),
    500: ("ServerError", "The server failed."),
    503: ("OrganisationOffline", "The organisation's payroll can't be reached."),
}


class RefusedError(Exception):
    """A call that Attaché refuses; the answer says why."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code = status, code

    def answer(self, retry_after: int | None = None) -> Answer:
        """The refusal on the wire."""
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        body = {"Code": self.code, "Message": str(self), "CorrelationId": str(uuid4())}
        return json_answer(self.status, body, headers)


def invalid(message: str) -> RefusedError:
    """What was sent does not fit."""
    return RefusedError(400, "InvalidValue", message)


def not_found(what: str) -> RefusedError:
    """No such thing."""
    return RefusedError(404, "NotFound", f"{what} was not found.")


def token_expired() -> RefusedError:
    """There is one refusal for every token that opens nothing."""
    return RefusedError(401, "TokenExpired", "The access token is missing, wrong or expired.")


def pay_in_progress() -> RefusedError:
    """Balances are on the move."""
    return RefusedError(409, "PayInProgress", "A pay is being processed: balances are recalculated.")


def of_the_server(status: int) -> RefusedError:
    """An HTTP failure that has nothing to do with what was sent."""
    return RefusedError(status, *_SERVER[status])
