"""The board of a kitchen."""

from .state import State


def bulletin_state() -> State:
    """Three notes, one of them empty; one pin is there, and old."""
    notes = [{"id": "n1", "text": "Buy milk"}, {"id": "n2", "text": " Tea "}, {"id": "n3", "text": " "}]
    return {"board": [{"name": "Kitchen"}], "notes": notes, "pins": [{"id": "n1", "text": "Buy bread"}]}
