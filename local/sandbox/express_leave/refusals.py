"""How Express Leave says no: `{"Error": {"Code", "Message", "Field"}}`."""

from collections.abc import Mapping

from local.sandbox.frame.calls import Answer, json_answer

_SERVER = {
    429: ("RateLimited", "Too many requests."),
    500: ("ServerError", "The server failed."),
    503: ("Unavailable", "The server is busy."),
}


class RefusedError(Exception):
    """A call that Express Leave refuses; the answer says why. `beside` stands next to the error."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        field: str | None = None,
        beside: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.field, self.beside = status, code, field, beside or {}

    def answer(self, retry_after: int | None = None) -> Answer:
        """The refusal on the wire."""
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        error = {"Code": self.code, "Message": str(self), "Field": self.field}
        return json_answer(self.status, {"Error": error, **self.beside}, headers)


def invalid(field: str | None, message: str) -> RefusedError:
    """What was sent does not fit."""
    return RefusedError(400, "ValidationFailed", message, field)


def refuse_misfits(found: list[tuple[str, str]]) -> None:
    """Refuse by the first thing that does not fit, if there is one."""
    for field, message in found:
        raise invalid(field or None, f"{field} {message}." if field else f"The body: {message}.")


def not_found(what: str) -> RefusedError:
    """No such thing."""
    return RefusedError(404, "NotFound", f"{what} was not found.")


def of_the_server(status: int) -> RefusedError:
    """An HTTP failure that has nothing to do with what was sent."""
    return RefusedError(status, *_SERVER[status])
