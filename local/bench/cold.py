"""Cold starts as deployed: what `make sam-build` makes, on Lambda's Python, beside Lambda's own boto3."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from local.artifacts.build import compile_all, install
from local.artifacts.report import megabytes
from local.artifacts.runtime import VERSION, runtime_python
from local.bench.figures import Figure, within
from local.bench.imports import Handler, starts
from local.bench.memory import ROOT
from local.bench.story import Say
from local.stack.template import read_template

BUILT = ROOT / ".aws-sam" / "build"
MOST = 1.15
# Of a handler that imports nothing of others.
ALONE_SECONDS = 0.1
# What Lambda's runtime brings, in the versions that are pinned here.
RUNTIME = ("boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "six", "urllib3")
# Of these it is also measured what they would take without their bytecode.
WITHOUT = ("api/api", "login_hook/login_hook", "employee_export/list_pages")


def measure(rounds: int, say: Say) -> Iterator[Figure]:
    """The cold start of every handler beside its third-party imports, and what the bytecode spares."""
    python = runtime_python()
    if python is None:
        yield Figure("cold starts", f"not measured: there is no Python {VERSION} here", "measured", False)
        return
    say("make sam-build")
    done = subprocess.run(
        ["make", "sam-build", f"VENV={os.path.relpath(sys.prefix, ROOT)}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    found = handlers(python, runtime_packages())
    say(f"importing {len(found)} handlers, {rounds} times each")
    for name, start in sorted(starts(found, rounds).items()):
        if not start.has_others:
            shown = f"{start.whole * 1000:.0f} ms, all of it our own"
            most = f"≤ {ALONE_SECONDS * 1000:.0f} ms"
            yield Figure(f"cold start of {name}", shown, most, start.whole <= ALONE_SECONDS)
            continue
        figure = within(f"cold start of {name}", start.ratio, MOST)
        shown = f"{figure.measured} ({start.whole * 1000:.0f} ms over {start.others * 1000:.0f} ms)"
        yield Figure(figure.what, shown, figure.target, figure.reached)
    yield from _without_bytecode([one for one in found if one.name in WITHOUT], rounds, say)
    for layer in ("DependenciesLayer", "PayrelayLayer"):
        yield Figure(f"size of {layer}, unzipped", f"{megabytes(BUILT / layer):.1f} MB")


def handlers(python: str, runtime: Path) -> list[Handler]:
    """Every handler of the template as it was built."""
    layers = (BUILT / "DependenciesLayer" / "python", runtime)
    found = []
    for name, resource in read_template(ROOT / "template.yaml")["Resources"].items():
        if resource["Type"] == "AWS::Serverless::Function":
            folder, module = (
                resource["Properties"]["CodeUri"],
                resource["Properties"]["Handler"].split(".")[0],
            )
            own = BUILT / "PayrelayLayer" / "python"
            found.append(Handler(f"{Path(folder).name}/{module}", python, BUILT / name, own, layers))
    return found


def runtime_packages() -> Path:
    """The folder with what Lambda's runtime brings; made once for each set of versions."""
    packages = re.split(r"\n(?=[a-z])", (ROOT / "requirements" / "local.txt").read_text())
    pins = "\n".join(one for one in packages if one.split("==")[0] in RUNTIME)
    folder = ROOT / "build" / "runtime" / hashlib.sha256(pins.encode()).hexdigest()[:16]
    if not folder.is_dir():
        draft = folder.with_name(f"{folder.name}.{os.getpid()}")
        draft.mkdir(parents=True)
        (draft / "requirements.txt").write_text(pins)
        install(draft / "requirements.txt", draft)
        compile_all(draft, "/var/lang")
        draft.rename(folder)
    return folder


def _without_bytecode(found: list[Handler], rounds: int, say: Say) -> Iterator[Figure]:
    """The same handlers from the same files, each process compiling them; what Lambda brings is compiled."""
    say(f"importing {len(found)} of them without bytecode")
    with tempfile.TemporaryDirectory() as place:
        bare = Path(place, "build")
        shutil.copytree(BUILT, bare, ignore=shutil.ignore_patterns("__pycache__"))
        moved = [
            replace(
                one,
                folder=bare / one.folder.name,
                own=bare / one.own.relative_to(BUILT),
                others=(bare / one.others[0].relative_to(BUILT), *one.others[1:]),
            )
            for one in found
        ]
        for name, start in starts(moved, min(rounds, 3)).items():
            yield Figure(f"the same without bytecode: {name}", f"{start.whole * 1000:.0f} ms")
