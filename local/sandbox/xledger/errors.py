"""How Xledger says no: messages with a top-level code and extensions."""

from typing import Any

Error = dict[str, Any]

INVALID_VALUE = "INVALID_VALUE"
WRONG_ARGUMENT = "ARGUMENTS_OF_CORRECT_TYPE"
UNKNOWN_FIELD = "FIELDS_ON_CORRECT_TYPE"
SYNTAX = "SYNTAX_ERROR"
TOKEN_FORM = 'Bad format for API Token. Expected header: "Authorization: token <your-token>"'


class InvalidValueError(Exception):
    """A value in one node that Xledger refuses; the message names it."""


class RefusedError(Exception):
    """A refused field of the operation, with all its errors; `written` is what was done nonetheless."""

    def __init__(self, errors: list[Error], written: dict[str, Any] | None = None) -> None:
        super().__init__(errors[0]["message"])
        self.errors = errors
        self.written = written


def error(message: str, why: str | None = None, *, code: str = "BAD_REQUEST", **extensions: object) -> Error:
    """One error as it stands in `errors`; `why` becomes `extensions.code`."""
    given = {"code": why, **extensions} if why else extensions
    return {"message": message, "code": code, "extensions": given}


def invalid(message: str, client_id: str | None = None) -> Error:
    """A refused value, with the clientId of its node when there is one."""
    return (
        error(message, INVALID_VALUE)
        if client_id is None
        else error(message, INVALID_VALUE, clientId=client_id)
    )
