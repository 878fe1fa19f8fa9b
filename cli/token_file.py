"""A token or an app's key from a file: one that nobody else can read, or it is refused."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from .errors import UsageError

LONGEST = 16 * 1024
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def read_token(file: str) -> str:
    """What stands in the file. Neither its name nor its text is repeated: either might be a token."""
    try:
        # Without waiting, should it be a pipe.
        with os.fdopen(os.open(Path(file).expanduser(), os.O_RDONLY | os.O_NONBLOCK), "rb") as opened:
            kept = os.fstat(opened.fileno())
            if not stat.S_ISREG(kept.st_mode):
                raise UsageError("the token file is no file")
            if kept.st_uid != os.geteuid() or kept.st_mode & OTHERS:
                raise UsageError(
                    "others can read the token file, or it is not yours: chmod 600, and change the token"
                )
            text = opened.read(LONGEST + 1)
        found = text.decode("ascii").strip() if len(text) <= LONGEST else ""
    except UnicodeDecodeError:
        found = ""
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "not a name of a file"
        raise UsageError(f"the token file can't be read: {why.lower()}") from None
    if not found:
        raise UsageError("the token file has no token in it: it must be a single word of plain characters")
    return found
