"""`python -m local.console.vendored`: fetch the console's libraries again, as npm has released them.

`console/vendor/vendored.json` names each file with the package, version and hash that it has. The same
versions are fetched, and a file of another hash is refused; with `--upgrade` the newest are, and the list is
written anew. Only this needs npm: what it fetches is kept with the code.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import TypedDict

VENDOR = Path(__file__).parents[2] / "console" / "vendor"
LIST = VENDOR / "vendored.json"


class Vendored(TypedDict):
    """One file of a library: where it comes from, where it lies, and what it is."""

    package: str
    version: str
    upgrade: str  # what `--upgrade` asks npm for: a tag or a range
    licence: str
    source: str
    file: str
    sha256: str


class VendorError(Exception):
    """The libraries cannot be fetched; the text says what to do."""


def vendored() -> list[Vendored]:
    """Every file of a library that the console has."""
    files: list[Vendored] = json.loads(LIST.read_text())
    return files


def digest(content: bytes) -> str:
    """The hash by which a file is known."""
    return hashlib.sha256(content).hexdigest()


def released(npm: str, package: str, version: str, folder: Path) -> Path:
    """A package as npm has released it."""
    where = f"--pack-destination={folder}"
    command = [npm, "pack", "--silent", "--ignore-scripts", where, f"{package}@{version}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise VendorError(f"npm has not packed {package} {version}:\n{done.stderr.strip()}")
    return folder / done.stdout.split()[-1]


def fetched(npm: str, file: Vendored, folder: Path, *, upgrade: bool) -> tuple[Vendored, bytes]:
    """A file out of its package, and what the list shall say about it."""
    wanted = file["upgrade"] if upgrade else file["version"]
    with tarfile.open(released(npm, file["package"], wanted, folder)) as package:
        contents = {}
        for name in ("package.json", file["source"]):
            member = package.extractfile(f"package/{name}")
            if member is None:
                raise VendorError(f"{file['package']} {wanted} has no file {name}.")
            contents[name] = member.read()
    about = json.loads(contents["package.json"])
    content = contents[file["source"]]
    if not upgrade and digest(content) != file["sha256"]:
        raise VendorError(f"{file['file']} of {file['package']} {wanted} is not the file that was reviewed.")
    now = {"version": about["version"], "licence": about["license"], "sha256": digest(content)}
    return Vendored(**{**file, **now}), content  # type: ignore[typeddict-item]


def renew(*, upgrade: bool) -> None:
    """Write all files and their list."""
    npm = shutil.which("npm")
    if npm is None:
        raise VendorError("The console's libraries were left as they are: `npm` (of Node.js) fetches them.")
    with tempfile.TemporaryDirectory() as folder:
        files = [fetched(npm, file, Path(folder), upgrade=upgrade) for file in vendored()]
    for file, content in files:
        path = VENDOR / file["file"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    LIST.write_text(json.dumps([file for file, _ in files], indent=2) + "\n")


if __name__ == "__main__":
    try:
        renew(upgrade="--upgrade" in sys.argv[1:])
    except VendorError as error:
        sys.exit(str(error))
