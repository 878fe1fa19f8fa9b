"""How game day ends early: it says what it did not see."""


class GameDayFailedError(Exception):
    """Something was not proved: the message says what."""


def must(condition: bool, otherwise: str) -> None:
    """Game day ends with an error when it does not see what it promised."""
    if not condition:
        raise GameDayFailedError(otherwise)
