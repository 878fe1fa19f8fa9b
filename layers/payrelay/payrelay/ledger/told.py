"""What records tell, counted: how many have each reason, by outcome, and how many change each field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct, field

from payrelay.domain.records import WRITTEN_IN_PART, Outcome, Record

# Of fields that are named after what they belong to there may be as many as records.
MOST_FIELDS = 50


class Told(Struct, frozen=True):
    """Numbers of records: by outcome and code of their reason, and by field that they change."""

    reasons: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    fields: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, records: Iterable[Record]) -> Told:
        """What these records tell."""
        reasons: dict[str, Counter[str]] = {}
        fields: Counter[str] = Counter()
        for record in records:
            if record.reason:
                reasons.setdefault(record.outcome.value, Counter())[record.reason.code] += 1
            fields.update({change.field for change in record.changes})
        return cls(reasons, fields)

    @classmethod
    def sum(cls, parts: Iterable[Mapping[str, Any]]) -> Told:
        """What several parts tell together, each as it is stored; of very many fields the most frequent.

        Each part has its own most frequent ones: of a thousand parts they would be too many for a run, which
        is shown in lists.
        """
        reasons: dict[str, Counter[str]] = {}
        fields: Counter[str] = Counter()
        for part in parts:
            for outcome, codes in part.get("reasons", {}).items():
                reasons.setdefault(outcome, Counter()).update(codes)
            fields.update(part.get("fields", {}))
        return cls(reasons, _most_frequent(fields))

    def stored(self) -> dict[str, Any]:
        """As it is stored: what is empty is left out, and of very many fields only the most frequent stay."""
        reasons = {outcome: dict(codes) for outcome, codes in self.reasons.items()}
        found: dict[str, Any] = {"reasons": reasons, "fields": _most_frequent(self.fields)}
        return {name: value for name, value in found.items() if value}

    @property
    def in_part(self) -> int:
        """How many records were written, but for a part of them: these wait for somebody, too."""
        written = (self.reasons.get(outcome, {}) for outcome in (Outcome.CREATED, Outcome.UPDATED))
        return sum(codes.get(WRITTEN_IN_PART, 0) for codes in written)


def _most_frequent(fields: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(fields.items(), key=lambda pair: (-pair[1], pair[0]))[:MOST_FIELDS])
