"""The calls to Bulletin for one board."""

from __future__ import annotations

from typing import Any

from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused
from payrelay.systems.http.answers import Answer, error_of_unreadable
from payrelay.systems.http.door import Door, DoorOptions
from payrelay.systems.registry import allowed_hosts
from payrelay.systems.rows import Listed

from .models import NOTES, PINS, Note, Pin

SYSTEM = "bulletin"


class BulletinClient:
    """One board, with the token of its owner. Errors are those of `payrelay.errors`."""

    def __init__(self, base_url: str, token: Secret, *, options: DoorOptions | None = None) -> None:
        if not token:
            raise CredentialsRefused(SYSTEM, "not given: the token of the board's owner")
        self._door = Door(
            SYSTEM,
            base_url,
            allowed_hosts(SYSTEM),
            secret_headers={"Authorization": Secret(f"Bearer {token.reveal()}")},
            explain=_explain,
            options=options or DoorOptions(),
        )

    def organisation(self) -> str:
        """The board's name."""
        match self._door.get("/board"):
            case {"name": str(name)}:
                return name
        raise error_of_unreadable(SYSTEM, "a board without a name", safe=True)

    def notes(self) -> Listed[Note]:
        """All notes; a board has some dozens."""
        return Listed(*NOTES.read(self._rows("/notes")))

    def pins(self) -> Listed[Pin]:
        """All that is pinned to the board."""
        return Listed(*PINS.read(self._rows("/pins")))

    def pin(self, note_id: str, text: str) -> None:
        """Pin a text under a note's id; doing so again changes nothing."""
        pinned = self._door.send("PUT", "/pins/{id}", values={"id": note_id}, body={"text": text}, safe=False)
        if not isinstance(pinned, dict) or pinned.get("id") != note_id:
            raise error_of_unreadable(SYSTEM, "not what was pinned", safe=False)

    def _rows(self, path: str) -> list[Any]:
        match self._door.get(path):
            case {"items": list(rows)}:
                return rows
        raise error_of_unreadable(SYSTEM, "not a list of rows", safe=True)


def _explain(answer: Answer) -> tuple[str, str]:
    """`{"code", "message"}`."""
    try:
        body = answer.json()
    except ValueError:
        return "", ""
    match body:
        case {"code": str(code), "message": str(message)}:
            return code, message
    return "", ""
