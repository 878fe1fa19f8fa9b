"""How Xledger says no: messages with a top-level code and extensions."""

from typing import Any

from local.sandbox.frame.refusals import Refused

Error = dict[str, Any]

INVALID_VALUE = "INVALID_VALUE"
WRONG_ARGUMENT = "ARGUMENTS_OF_CORRECT_TYPE"
UNKNOWN_FIELD = "FIELDS_ON_CORRECT_TYPE"
SYNTAX = "SYNTAX_ERROR"


class RefusedError(Refused):
    """A refused field of the operation, with all its errors; `written` is what was done nonetheless."""

    def __init__(self, errors: list[Error], written: dict[str, Any] | None = None) -> None:
        super().__init__("request", errors[0]["message"], beside=errors)
        self.errors, self.written = errors, written


def error(message: str, why: str | None = None, *, code: str = "BAD_REQUEST", **extensions: object) -> Error:
    """One error as it stands in `errors`; `why` becomes `extensions.code`."""
    given = {"code": why, **extensions} if why else extensions
    return {"message": message, "code": code, "extensions": given}


def invalid(message: str, client_id: str | None = None) -> Error:
    """A refused value, with the clientId of its node when there is one."""
    label = {} if client_id is None else {"clientId": client_id}
    return error(message, INVALID_VALUE, **label)
