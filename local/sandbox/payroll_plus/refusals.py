"""How Payroll Plus says no: `{"code", "message", "field", "traceId"}`."""

from uuid import uuid4

from local.sandbox.frame.calls import Answer, json_answer

_SERVER = {
    429: ("TooManyRequests", "Too many requests."),
    500: ("Unavailable", "The server failed."),
    503: ("Unavailable", "The server is busy."),
}


class RefusedError(Exception):
    """A call that Payroll Plus refuses; the answer says why."""

    def __init__(self, status: int, code: str, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.field = status, code, field

    def answer(self, retry_after: int | None = None) -> Answer:
        """The refusal on the wire."""
        headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
        body = {"code": self.code, "message": str(self), "field": self.field, "traceId": str(uuid4())}
        return json_answer(self.status, body, headers)


def invalid(field: str | None, message: str) -> RefusedError:
    """What was sent does not fit."""
    return RefusedError(400, "InvalidValue", message, field)


def refuse_misfits(found: list[tuple[str, str]]) -> None:
    """Refuse by the first thing that does not fit, if there is one."""
    for field, message in found:
        raise invalid(field or None, f"{field} {message}." if field else f"The body: {message}.")


def not_found(what: str) -> RefusedError:
    """No such thing."""
    return RefusedError(404, "NotFound", f"{what} was not found.")


def no_employee(employee_id: str) -> RefusedError:
    """No employee has this id."""
    return RefusedError(404, "EmployeeNotFound", f"There is no employee {employee_id}.", "employeeId")


def bad_credentials() -> RefusedError:
    """User name and password are not those of an account."""
    return RefusedError(401, "BadCredentials", "The user name or the password is wrong.")


def of_the_server(status: int) -> RefusedError:
    """An HTTP failure that has nothing to do with what was sent."""
    return RefusedError(status, *_SERVER[status])
