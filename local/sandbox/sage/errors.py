"""How Sage says no: a list of errors, even for one."""

from local.sandbox.frame.calls import Answer, json_answer

REQUIRED = "This field is required."


class RefusedError(Exception):
    """A call that is refused: HTTP status, `$dataCode`, message, and the source, which is often empty."""

    def __init__(self, status: int, code: str, message: str, source: str = "") -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.source = status, code, message, source

    def answer(self) -> Answer:
        """The refusal on the wire."""
        return json_answer(self.status, [error(self.code, self.message, self.source)])


def error(code: str, message: str, source: str = "") -> dict[str, str]:
    """One error of the list."""
    return {"$severity": "error", "$dataCode": code, "$message": message, "$source": source}


def malformed(name: str) -> RefusedError:
    """A member or parameter that is not known or of another type: `sales_invoice[date]`."""
    return RefusedError(400, "Validation", f"{name} is invalid")


def invalid(message: str, source: str = "") -> RefusedError:
    """A rule of the business that is broken."""
    return RefusedError(422, "RecordInvalid", message, source)


def unknown_reference(what: str) -> RefusedError:
    """Something named in a body that is not there; Sage does not say in which member."""
    return RefusedError(422, "RecordNotFound", f"Couldn't find {what}.")


def not_found() -> RefusedError:
    """A wrong id or path."""
    return RefusedError(404, "RecordNotFound", "The record could not be found.")
