"""The alarms of template.yaml, judged as CloudWatch would, by what the running stack has measured.

The emulator makes no metrics of what it holds, so they are read where they come from: the lines in the
embedded metric format that the functions log, and the depth of the queue.
"""

import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local.stack.home import ROOT
from local.stack.stack import Stack
from local.stack.template import read_template

from .failing import must

_STATISTICS: Mapping[str, Callable[[Sequence[float]], float]] = {
    "Sum": sum,
    "Maximum": max,
    "SampleCount": len,
}
_COMPARISONS: Mapping[str, tuple[str, Callable[[float, float], bool]]] = {
    "GreaterThanThreshold": ("more than", lambda value, limit: value > limit),
    "GreaterThanOrEqualToThreshold": ("at least", lambda value, limit: value >= limit),
    "LessThanThreshold": ("less than", lambda value, limit: value < limit),
}
_PATIENCE_SECONDS = 20


@dataclass(frozen=True)
class Datum:
    """One value of a metric, at a moment (seconds since the epoch)."""

    at: float
    value: float


@dataclass(frozen=True)
class Alarm:
    """An alarm as the template defines it.

    `says` begins its mail, `whose` is the command that tells whose it is, `anchor` its entry of the runbook.
    """

    name: str
    says: str
    whose: str
    anchor: str
    properties: Mapping[str, Any]

    @classmethod
    def read(cls, name: str) -> "Alarm":
        """From template.yaml, by its name there."""
        resource = read_template(ROOT / "template.yaml")["Resources"].get(name, {})
        must(resource.get("Type") == "AWS::CloudWatch::Alarm", f"template.yaml has no alarm {name}")
        properties = resource["Properties"]
        says, _, more = properties["AlarmDescription"].partition(". Whose: ")
        whose, _, link = more.partition(". What to do: ")
        return cls(name, says, whose, link.partition("#")[2], properties)

    @property
    def watches(self) -> str:
        """The metric and the condition, in words."""
        p = self.properties
        words, _ = _COMPARISONS[p["ComparisonOperator"]]
        times = f", {p['EvaluationPeriods']} times in a row" if p["EvaluationPeriods"] > 1 else ""
        condition = f"{words} {p['Threshold']}{times}"
        return f"{p['Statistic'].lower()} of {p['MetricName']} in {p['Period']} s {condition}"

    def judge(self, data: Sequence[Datum]) -> float | None:
        """The value of the newest period that breaches; None where the condition is not met."""
        p = self.properties
        periods: dict[int, list[float]] = defaultdict(list)
        for datum in data:
            periods[int(datum.at // p["Period"])].append(datum.value)
        values = {number: _STATISTICS[p["Statistic"]](found) for number, found in periods.items()}
        _, breaches = _COMPARISONS[p["ComparisonOperator"]]
        for number in sorted(values, reverse=True):
            row = [values.get(number - back) for back in range(p["EvaluationPeriods"])]
            if all(value is not None and breaches(value, p["Threshold"]) for value in row):
                return values[number]
        return None


@dataclass(frozen=True)
class Watcher:
    """Looks at the measures of a running stack."""

    stack: Stack

    def value(self, alarm: Alarm, since: float) -> float | None:
        """The value that meets an alarm's condition, of what was measured since; None where none does."""
        p = alarm.properties
        if p["Namespace"] == "AWS/SQS":
            return alarm.judge([self._depth()])
        wanted = {one["Name"]: one["Value"] for one in p["Dimensions"]}
        return alarm.judge(list(self._measured(p["Namespace"], p["MetricName"], wanted, since)))

    def await_value(self, alarm: Alarm, since: float) -> float:
        """The same, once it is there: a log line takes a moment to arrive."""
        until = time.monotonic() + _PATIENCE_SECONDS
        while (value := self.value(alarm, since)) is None:
            must(time.monotonic() < until, f"{alarm.name} stays silent: no {alarm.watches}")
            time.sleep(0.2)
        return value

    def _depth(self) -> Datum:
        """How many dead letters can be seen, which is what AWS/SQS measures."""
        name = "ApproximateNumberOfMessages"
        found = self.stack.client("sqs").get_queue_attributes(
            QueueUrl=self.stack.outputs["DeadLetterQueueUrl"], AttributeNames=[name]
        )
        return Datum(time.time(), float(found["Attributes"][name]))

    def _measured(
        self, namespace: str, metric: str, dimensions: Mapping[str, str], since: float
    ) -> Iterator[Datum]:
        pages = (
            self.stack.client("logs")
            .get_paginator("filter_log_events")
            .paginate(
                logGroupName=self.stack.outputs["LogGroup"],
                filterPattern=f'"{metric}"',
                startTime=int(since * 1000),
            )
        )
        for page in pages:
            for event in page["events"]:
                yield from _data(event["message"], namespace, metric, dimensions)


def _data(line: str, namespace: str, metric: str, dimensions: Mapping[str, str]) -> Iterator[Datum]:
    """The values of a metric in a line of the embedded metric format; none in any other line."""
    try:
        found = json.loads(line)
        described = found["_aws"]["CloudWatchMetrics"]
    except (ValueError, KeyError, TypeError):
        return
    for one in described:
        told_apart = [set(names) for names in one["Dimensions"]]
        if (
            one["Namespace"] == namespace
            and metric in [measured["Name"] for measured in one["Metrics"]]
            and set(dimensions) in told_apart
            and all(found[name] == value for name, value in dimensions.items())
        ):
            values = found[metric] if isinstance(found[metric], list) else [found[metric]]
            for value in values:
                yield Datum(found["_aws"]["Timestamp"] / 1000, float(value))
