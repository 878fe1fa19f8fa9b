"""How AutoVu says no: `{"Code", "Message", "Field"}`."""

from local.sandbox.frame.calls import Answer, json_answer

_SERVER = {
    429: ("TooMany", "Too many requests."),
    500: ("ServerError", "The server failed."),
    503: ("Unavailable", "The server is busy."),
}


class RefusedError(Exception):
    """A call that AutoVu refuses; the answer says why."""

    def __init__(self, status: int, code: str, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.field = status, code, field

    def answer(self, retry_after: int | None = None) -> Answer:
        """The refusal on the wire."""
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        body = {"Code": self.code, "Message": str(self), "Field": self.field}
        return json_answer(self.status, body, headers)


def invalid(field: str | None, message: str) -> RefusedError:
    """What was sent does not fit."""
    return RefusedError(400, "Invalid", message, field)


def not_found(what: str) -> RefusedError:
    """No such thing."""
    return RefusedError(404, "NotFound", f"{what} was not found.")


def of_the_server(status: int) -> RefusedError:
    """An HTTP failure that has nothing to do with what was sent."""
    return RefusedError(status, *_SERVER[status])
