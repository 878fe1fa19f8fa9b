"""The runbook as the console shows it: entries of plain blocks, and the alarms that lead to them."""

from __future__ import annotations

import re
from typing import Any

from local.gameday.runbook import PATH, Entry, Runbook
from local.stack.home import ROOT
from local.stack.template import read_template

BLOCK = re.compile(r"```\w*\n(?P<code>.*?)^```$|(?P<text>(?:(?!```)[^\n]+\n?)+)", re.MULTILINE | re.DOTALL)
INLINE = re.compile(
    r"`(?P<code>[^`]+)`|\*\*(?P<bold>.+?)\*\*|\[(?P<text>(?:[^\]`]|`[^`]*`)+)\]\((?P<to>[^)\s]+)\)", re.DOTALL
)


def runbook() -> dict[str, Any]:
    """`entries`: `{id, title, means, body}`; `alarms`: `{says, whose, entry}`.

    A block of a body is `["p", inline]`, `["ul", [inline, …]]`, `["code", text]` or `["table", head, rows]`.
    Inline, as cells are, is a list of texts and of `["b", text]`, `["code", text]` and `["a", text, entry]`.
    """
    book = Runbook.read()
    head = PATH.read_text().partition("\n## ")[0].partition("\n")[2]
    entries = [Entry("The runbook", head), *book.entries]
    ids = {entry.anchor for entry in entries}
    resources = read_template(ROOT / "template.yaml")["Resources"]
    alarms = [one["Properties"] for one in resources.values() if one["Type"] == "AWS::CloudWatch::Alarm"]
    return {
        "entries": [_entry(entry, ids) for entry in entries],
        "alarms": [_alarm(properties["AlarmDescription"]) for properties in alarms],
    }


def _alarm(description: str | dict[str, str]) -> dict[str, str]:
    """What an alarm's mail says, taken apart; the group of the logs is called as in the runbook."""
    text = description if isinstance(description, str) else description["Fn::Sub"]
    says, _, more = text.partition(". Whose: ")
    whose, _, link = more.partition(". What to do: ")
    whose = whose.replace("/payrelay/${AWS::StackName}", '"$LOGS"')
    return {"says": says, "whose": whose, "entry": link.partition("#")[2]}


def _entry(entry: Entry, ids: set[str]) -> dict[str, Any]:
    told = entry.text.strip().startswith("**For the customer**")
    body = _body(entry.text, ids)[told:]
    return {
        "id": entry.anchor,
        "title": entry.title,
        "means": _plain(entry.means) if told else "",
        "body": body,
    }


def _body(text: str, ids: set[str]) -> list[Any]:
    return [
        ["code", found["code"].rstrip("\n")] if found["code"] is not None else _paragraph(found["text"], ids)
        for found in BLOCK.finditer(text)
    ]


def _paragraph(text: str, ids: set[str]) -> list[Any]:
    if text.startswith("| "):
        head, _, *rows = (
            [_inline(cell, ids) for cell in line.strip("| ").split(" | ")] for line in text.splitlines()
        )
        return ["table", head, rows]
    if text.startswith("- "):
        return ["ul", [_inline(item, ids) for item in re.split(r"^- ", text, flags=re.MULTILINE)[1:]]]
    return ["p", _inline(text, ids)]


def _inline(text: str, ids: set[str]) -> list[Any]:
    """Text with its marks. A link to another document than this one is only its words."""
    text = " ".join(text.split())
    parts: list[Any] = []
    place = 0
    for found in INLINE.finditer(text):
        parts.append(text[place : found.start()])
        place = found.end()
        if found["code"]:
            parts.append(["code", found["code"]])
        elif found["bold"]:
            parts.append(["b", found["bold"]])
        else:
            entry = found["to"].removeprefix("#")
            words = found["text"].replace("`", "")
            parts.append(["a", words, entry] if entry in ids else words)
    parts.append(text[place:])
    return _joined([part for part in parts if part])


def _joined(parts: list[Any]) -> list[Any]:
    """Texts side by side are one text."""
    joined: list[Any] = []
    for part in parts:
        if joined and isinstance(part, str) and isinstance(joined[-1], str):
            joined[-1] += part
        else:
            joined.append(part)
    return joined


def _plain(text: str) -> str:
    return INLINE.sub(lambda found: found["code"] or found["bold"] or found["text"], text)
