"""What a command ends with when it can't go on: one clear line, and an exit status."""

OK = 0
REFUSED = 1
USAGE = 2
NOT_RIGHT = 3
INTERRUPTED = 130
NOBODY_READS = 141


class ToolError(Exception):
    """A reason to stop, as one line for a person."""

    status = REFUSED


class UsageError(ToolError):
    """Something is missing or wrong in how the tool was called."""

    status = USAGE


class ApiError(ToolError):
    """The API refused, or did not answer; `passing` means that a moment later it may."""

    def __init__(self, message: str, *, passing: bool = False) -> None:
        super().__init__(message)
        self.passing = passing
