"""`python -m local.artifacts`: builds a layer or a function for `sam build`; tells what is built."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from local.artifacts.build import BuildError, build_function, build_layer
from local.artifacts.report import report


def main() -> int:
    """0 when it is built, 1 with the reason when it is not."""
    parser = argparse.ArgumentParser(prog="python -m local.artifacts", description=__doc__)
    kinds = parser.add_subparsers(dest="kind", required=True)
    for kind in ("layer", "function"):
        one = kinds.add_parser(kind)
        one.add_argument("source", type=Path)
        one.add_argument("artifacts", type=Path)
    kinds.add_parser("report").add_argument("built", type=Path)
    asked = parser.parse_args()
    try:
        match asked.kind:
            case "layer":
                build_layer(asked.source, asked.artifacts)
            case "function":
                build_function(asked.source, asked.artifacts)
            case _:
                print(report(asked.built))
    except BuildError as problem:
        print(problem, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
