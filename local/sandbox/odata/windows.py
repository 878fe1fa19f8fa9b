"""A service behind Windows' own web server: sign-in, rights, pages for people, and how long it takes."""

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any, ClassVar

from local.sandbox.frame.calls import Answer, Call, DroppedError
from local.sandbox.frame.kinds import FLAG, Fields, listed, one_of, whole
from local.sandbox.frame.oauth import basic
from local.sandbox.frame.refusals import Refused
from local.sandbox.frame.resources import Resource
from local.sandbox.frame.room import Description, no_pause
from local.sandbox.frame.routes import Asked

from .entities import Entity
from .service import OData, segment

# Refusals by the web server, before the service sees the call: pages for people.
PAGES: Mapping[str, tuple[int, str]] = {
    "SignIn": (401, "Unauthorized: Access is denied due to invalid credentials."),
    "NoRight": (403, "Forbidden: Access is denied."),
    "Restarting": (503, "Service Unavailable: The application pool is restarting."),
}
# The write is done, and its answer does not come: the connection stays open as long as a time-out does.
AFTER_WRITE = "after_write_timeout"


def settings(entities: Iterable[Entity], more: Fields, defaults: Mapping[str, Any]) -> Resource:
    """What a tester may set.

    `page_size` is that of every list; `ntlm` takes Windows' own sign-in only; the user has no right on the
    entities in `no_right`; `answer_ms` is how long a call takes, so that several can meet.
    """
    return Resource(
        "settings",
        (),
        {
            "page_size": whole(1),
            "ntlm": FLAG,
            "no_right": listed(one_of(*(entity.name for entity in entities))),
            **more,
            "answer_ms": whole(0),
        },
        defaults={"page_size": 100, "ntlm": False, "no_right": [], **defaults, "answer_ms": 0},
        single=True,
    )


class Windows(OData):
    """One server over one store, which has `settings`. A token of the options is `user:password`."""

    # The refusals that are pages.
    pages: ClassVar[Mapping[str, tuple[int, str]]] = PAGES
    realm: ClassVar[str]
    tokens = frozenset({"payrelay-sandbox:sandbox-password"})

    def admit(self, call: Call) -> str:
        user = ":".join(basic(call.headers.get("authorization", "")))
        told = self.store.one("settings")
        if told["ntlm"]:
            raise Refused("SignIn", headers={"WWW-Authenticate": "NTLM"})
        if user not in self.let_in:
            raise Refused("SignIn")
        if self.entity_of(call) in told["no_right"]:
            raise Refused("NoRight")
        return user

    def entity_of(self, call: Call) -> str:
        """The entity that a call names."""
        return segment(call)

    def counted(self, asked: Asked) -> str:  # noqa: ARG002
        return "server"

    def answer(self, call: Call, pause: Callable[[], None] = no_pause) -> Answer:
        def longer() -> None:
            pause()
            time.sleep(self.store.one("settings")["answer_ms"] / 1000)

        return super().answer(call, longer)

    def worded(self, refused: Refused) -> Answer:
        if refused.code not in self.pages:
            return super().worded(refused)
        sign_in = {"WWW-Authenticate": f'Basic realm="{self.realm}"'} if refused.code == "SignIn" else {}
        title = f"{refused.status} - {refused.message}"
        page = f"<!DOCTYPE html><html><head><title>{title}</title></head><body><h2>{title}</h2></body></html>"
        headers = {"Content-Type": "text/html", **sign_in, **refused.headers}
        return Answer(refused.status, page.encode(), headers)

    def page_size(self) -> int:
        return int(self.store.one("settings")["page_size"])

    # --- an answer that does not come -----------------------------------------------------------------------

    def can_suffer(self, fault: str, call: Call, description: Description) -> bool:
        fits = fault != AFTER_WRITE or description.writes
        return fits and super().can_suffer(fault, call, description)

    def suffer(self, fault: str, call: Call, reset_in_seconds: int) -> Answer:
        if fault != AFTER_WRITE:
            return super().suffer(fault, call, reset_in_seconds)
        self.answer(call)
        threading.Event().wait(self.options.hold_seconds)
        raise DroppedError
