"""The console's files: what is in its folder, under one version of all, and the page that begins it."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Mapping
from hashlib import sha256
from html import escape
from pathlib import Path
from typing import NamedTuple

PAGE = "index.html"
# What the page is reached as, too: a vendor's consent comes back to it.
PAGES = frozenset({"", "consent", PAGE})
MEDIA = {
    "": "text/plain; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".md": "text/plain; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".woff2": "font/woff2",
}
# What is compressed already.
AS_IT_IS = frozenset({".png", ".woff2"})
LINK = re.compile(r'\b(href|src)="([^"]+)"')
SETTINGS = '<meta name="payrelay" content="{}">'
VERSION = re.compile(r"[0-9a-f]{16}")


class File(NamedTuple):
    """One file as it is sent. `lasting` is under the version of now: its content never changes."""

    name: str
    content: bytes
    packed: bytes | None
    media: str
    tag: str
    lasting: bool


class Files:
    """The folder's files, read once. What is not among them is not there: no path leads to the disk."""

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        found = sorted(path for path in folder.rglob("*") if path.is_file())
        paths = {path.relative_to(folder).as_posix(): path for path in found}
        self._contents = {name: path.read_bytes() for name, path in paths.items() if not _hidden(name)}
        self.version = _version(self._contents)
        self._contents[PAGE] = self._page(self._contents[PAGE].decode(), settings)
        self._packed: dict[str, bytes] = {}

    def find(self, path: str) -> File | None:
        """The file of a path below the console's address, whatever version that begins with."""
        first, _, rest = path.partition("/")
        name = rest if VERSION.fullmatch(first) else path
        if name == path and name in PAGES:
            name = PAGE
        content = self._contents.get(name)
        if content is None:
            return None
        suffix = Path(name).suffix
        tag = sha256(content).hexdigest()[:16]
        packed = None if suffix in AS_IT_IS else self._pack(name, content)
        # A page that was opened before a deployment asks for the version of then, and gets what is there now.
        lasting = name != PAGE and first == self.version
        return File(name, content, packed, MEDIA[suffix], tag, lasting)

    def _pack(self, name: str, content: bytes) -> bytes:
        if name not in self._packed:
            self._packed[name] = gzip.compress(content, mtime=0)
        return self._packed[name]

    def _page(self, text: str, settings: Mapping[str, str]) -> bytes:
        """The page: its links go to the version of now, and it is told where people sign in."""

        def versioned(found: re.Match[str]) -> str:
            kind, name = found.groups()
            return f'{kind}="{self.version}/{name}"' if name in self._contents else found[0]

        told = escape(json.dumps(settings))
        if SETTINGS not in text:
            raise ValueError(f"{PAGE} has no {SETTINGS}")
        return LINK.sub(versioned, text).replace(SETTINGS, SETTINGS.replace("{}", told)).encode()


def _hidden(name: str) -> bool:
    return any(part.startswith(".") for part in name.split("/"))


def _version(contents: Mapping[str, bytes]) -> str:
    """A hash of all files; each has a type that browsers are told."""
    digest = sha256()
    for name, content in contents.items():
        if Path(name).suffix not in MEDIA:
            raise ValueError(f"{name} is of no type that the console has")
        digest.update(f"{name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:16]
