"""What has been built: how large it is, and whether it has its bytecode."""

from __future__ import annotations

from pathlib import Path

from local.artifacts.build import BuildError
from local.artifacts.runtime import NAMED, VERSION

# Of a function with its layers, unzipped; AWS refuses more.
LARGEST = 250
WITHOUT = f"""
WITHOUT BYTECODE: no Python {VERSION} was found here. What is built is right and can be deployed, but every
cold start compiles its modules again and takes far longer. Install Python {VERSION}, or name one; build anew:
  make sam-build {NAMED}=/path/to/python{VERSION}"""


def megabytes(folder: Path) -> float:
    """What the files of a folder take, unzipped."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def compiled(folder: Path) -> bool:
    """Whether every module has its bytecode for Lambda's Python."""
    modules = [path for path in folder.rglob("*.py") if path.is_file()]
    tag = f"cpython-{VERSION.replace('.', '')}"
    return all((path.parent / "__pycache__" / f"{path.stem}.{tag}.pyc").is_file() for path in modules)


def report(built: Path) -> str:
    """Sizes of the layers and of the largest function; loud where the bytecode is missing."""
    folders = sorted(path for path in built.iterdir() if path.is_dir())
    if not folders:
        raise BuildError(f"{built} is empty: `make sam-build` first.")
    layers = {path.name: megabytes(path) for path in folders if path.name.endswith("Layer")}
    functions = {path.name: megabytes(path) for path in folders if path.name not in layers}
    largest = max(functions.values(), default=0)
    together = sum(layers.values()) + largest
    if together > LARGEST:
        raise BuildError(
            f"Layers and largest function are {together:.0f} MB unzipped, and Lambda takes {LARGEST}."
        )
    lines = [f"{name}: {size:.1f} MB unzipped" for name, size in layers.items()]
    lines.append(
        f"{len(functions)} functions: at most {largest:.1f} MB, with the layers {together:.1f} of {LARGEST}"
    )
    if all(compiled(folder) for folder in folders):
        lines.append(f"With the bytecode of Python {VERSION}.")
    else:
        lines.append(WITHOUT)
    return "\n".join(lines)
