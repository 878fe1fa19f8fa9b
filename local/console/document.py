"""docs/console.md: what each view is for, and its pictures."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass

from local.stack.home import ROOT

from .views import VIEWS, View

DOCUMENT = ROOT / "docs" / "console.md"
PICTURES = ROOT / "docs" / "console"
WIDTH = 118
HEAD = """# The console

Pages for the people who work with Payrelay every day: a client of the API, and of nothing else. `make up`
prints its address on this machine, the people who can sign in there, and their password; elsewhere it is the
output `ConsoleUrl` of the stack. Every view has an address of its own, to keep and to send to others. A view
that somebody may not see says so, and names the role that it takes.

`make screenshots` takes these pictures anew, of a stack on which the demo's stories have happened.
"""


@dataclass(frozen=True)
class Size:
    """A window, and how wide its pictures are shown."""

    name: str
    width: int
    height: int
    shown: int

    def file(self, view: View, scheme: str = "light") -> str:
        """What the picture of a view is called."""
        return f"{view.name}-{self.name}{'-dark' if scheme == 'dark' else ''}.webp"


SIZES = (Size("wide", 1440, 900, 620), Size("narrow", 390, 844, 168))


def document() -> str:
    """The document, with the pictures that there are."""
    return "\n".join([HEAD, *(_of(view) for view in VIEWS)])


def _of(view: View) -> str:
    rows = [
        [
            f'<img src="console/{file}" width="{size.shown}" alt="{view.title}, {size.name}{night}">'
            for size in SIZES
            if (PICTURES / (file := size.file(view, scheme))).is_file()
        ]
        for scheme, night in (("light", ""), ("dark", ", at night"))
    ]
    pictures = "".join(f"\n{chr(10).join(row)}\n" for row in rows if row)
    about = textwrap.fill(view.about, WIDTH, break_on_hyphens=False)
    return f"## {view.title}\n\n{about}\n{pictures}"
