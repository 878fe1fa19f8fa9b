"""Stands in for the AWS tool, so that nothing has to be installed: one command against the local stack.

It is stricter than the tool where that would say nothing: a function that failed ends with 1, too. And it
reads the patterns of log lines itself, since the emulator knows none of those in JSON.
"""

import json
import os
import re
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jmespath  # type: ignore[import-untyped]
from botocore.exceptions import ClientError

from local.stack.clients import client

from .aws_command import AwsCommand

REFUSED = 254
_ONE_PAGE = ("max-", "limit")
_CONDITION = re.compile(r'\$\.(\w+) (!?=) ("[^"]*"|\d+)')


def main(words: Sequence[str]) -> int:
    """Run one command and print its answer; the tool's own exit status when it is refused."""
    command = AwsCommand.read(words)
    try:
        answer = _answer(command)
    except ClientError as error:
        print(f"aws: {error}", file=sys.stderr)
        return REFUSED
    answer.pop("ResponseMetadata", None)
    if command.operation == "invoke":
        Path(words[-1]).write_bytes(answer.pop("Payload").read())
    _print(answer, command.options)
    return 1 if "FunctionError" in answer else 0


def _answer(command: AwsCommand) -> dict[str, Any]:
    """What the service answers: all pages, as the tool asks for, unless fewer are wanted."""
    service = client(command.service, os.environ["AWS_ENDPOINT_URL"])
    operation, arguments = command.operation.replace("-", "_"), command.arguments()
    pattern = str(arguments.get("filterPattern", ""))
    if pattern.startswith("{"):
        del arguments["filterPattern"]
        every = service.get_paginator(operation).paginate(**arguments).build_full_result()["events"]
        return {"events": [event for event in every if matches(event["message"], pattern)]}
    if service.can_paginate(operation) and not any(name.startswith(_ONE_PAGE) for name in command.options):
        found: dict[str, Any] = service.get_paginator(operation).paginate(**arguments).build_full_result()
        return found
    return dict(getattr(service, operation)(**arguments))


def matches(line: str, pattern: str) -> bool:
    """Whether a log line fits a pattern such as `{ $.message = "call" && $.http_status != 200 }`."""
    conditions = pattern.strip("{} ").split(" && ")
    found = [_CONDITION.fullmatch(condition) for condition in conditions]
    try:
        fields = json.loads(line)
    except ValueError:
        return False
    if not isinstance(fields, dict) or None in found:
        return False
    wanted = [(one[1], one[2] == "=", json.loads(one[3])) for one in found if one]
    return all(name in fields and (fields[name] == value) is same for name, same, value in wanted)


def _print(answer: Any, options: dict[str, list[str]]) -> None:
    if "query" in options:
        answer = jmespath.search(options["query"][0], answer)
    if options.get("output") == ["text"]:
        rows = answer if isinstance(answer, list) else [answer]
        for row in rows:
            print("\t".join(map(str, row)) if isinstance(row, list) else row)
    else:
        print(json.dumps(answer, indent=2, default=str))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
