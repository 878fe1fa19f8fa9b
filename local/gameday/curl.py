"""Stands in for `curl`, so that nothing has to be installed: one call, and its answer in one line.

It is stricter: what is refused ends with 22, as `curl --fail` does.
"""

import json
import sys
from collections.abc import Sequence

import requests

REFUSED = 22


def main(words: Sequence[str]) -> int:
    """Make the call that the words `-X`, `-H`, `-d` and an address ask for."""
    method, headers, body, url = "GET", dict[str, str](), None, ""
    rest = iter(words)
    for word in rest:
        if word == "-X":
            method = next(rest)
        elif word == "-H":
            name, _, value = next(rest).partition(": ")
            headers[name] = value
        elif word == "-d":
            body = next(rest)
        else:
            url = word
    answer = requests.request(method, url, headers=headers, data=body, timeout=60)
    print(json.dumps(answer.json(), ensure_ascii=False) if answer.content else answer.status_code)
    return 0 if answer.ok else REFUSED


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
