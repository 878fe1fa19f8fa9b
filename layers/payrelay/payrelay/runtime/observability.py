"""Logs and metrics: structured, with connection, run, page and record ids, and no personal data (OPS-5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from threading import Lock
from typing import TYPE_CHECKING

from aws_lambda_powertools import Logger, Metrics, single_metric
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

if TYPE_CHECKING:
    from payrelay.domain.records import Record

NAMESPACE = "Payrelay"
SERVICE = "payrelay"
ERROR_STATUS = 400
THROTTLED_STATUS = 429

logger = Logger(service=SERVICE)
_one_at_a_time = Lock()
metrics = Metrics(namespace=NAMESPACE, service=SERVICE)


def measure(values: Mapping[str, float], /, **by: str) -> None:
    """Add `values`, by name, to what is measured in all, and `by` flow or by system (OPS-4)."""
    emitted = EphemeralMetrics(namespace=NAMESPACE, service=SERVICE)
    for name, value in values.items():
        unit = MetricUnit.Seconds if name.endswith("Seconds") else MetricUnit.Count
        emitted.add_metric(name=name, unit=unit, value=value)
    if by:
        emitted.add_dimensions(service=SERVICE, **by)
    emitted.flush_metrics()


def count_call(system: str, method: str, path: str, status: int, seconds: float) -> None:
    """Log and count one call to an outside system: path template, status and time; never its content."""
    # Calls are made side by side, and two who write to standard output at once spoil each other's line.
    with _one_at_a_time:
        _count_call(system, method, path, status, round(seconds * 1000))


def _count_call(system: str, method: str, path: str, status: int, milliseconds: int) -> None:
    logger.info(
        "call",
        extra={"system": system, "method": method, "path": path, "http_status": status, "ms": milliseconds},
    )
    failed = status == 0 or status >= ERROR_STATUS
    with single_metric(
        name="VendorCallMilliseconds", unit=MetricUnit.Milliseconds, value=milliseconds, namespace=NAMESPACE
    ) as metric:
        metric.add_dimension(name="system", value=system)
        if failed:
            metric.add_metric(name="VendorErrors", unit=MetricUnit.Count, value=1)
    if status == THROTTLED_STATUS:
        measure({"VendorThrottled": 1}, system=system)


def journal(records: Sequence[Record]) -> None:
    """A line for each record: what became of it, for which reason, and by which call; no values (OPS-5)."""
    for record in records:
        request = record.request
        logger.info(
            "record",
            extra={
                "record_id": record.record_id,
                "outcome": record.outcome.value,
                "reason": record.reason.code if record.reason else None,
                "failed_call": f"{request.method} {request.path}" if request else None,
                "http_status": request.status if request else None,
            },
        )
