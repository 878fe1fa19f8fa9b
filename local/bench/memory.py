"""Peak memory of one page worker over its imports, in a process of its own."""

from __future__ import annotations

import json
import resource
import sys
from typing import Any

from local.bench.company import FLOW, Company, Here
from payrelay.domain.runs import Mode, Page, Trigger
from payrelay.flows.engine import plan
from payrelay.flows.engine.start import Order, start_run
from payrelay.runtime.ids import run_id

ROWS = 999


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(urls: dict[str, str], employees: int) -> float:
    """Megabytes that planning one page in the middle takes over what was there after the imports."""
    company = Company(urls)
    order = Order(FLOW, Mode.PREVIEW, Trigger.MANUAL, "bench")
    run, _ = start_run(company.engine, Here(), company.connection, order, run_id())
    base: dict[str, Any] = {
        "run": {"tenant": run.tenant, "connection_id": run.connection_id, "run_id": run.run_id}
    }
    plan.open_run(company.engine, base)
    plan.list_pages(company.engine, company.opening, base)
    before = _peak()
    middle = employees // ROWS // 2
    page = Page(middle, offset=middle * ROWS, limit=ROWS)
    plan.plan(company.engine, company.opening, {**base, "page": page.as_dict()})
    return _peak() - before


if __name__ == "__main__":
    print(json.dumps(measure(json.loads(sys.argv[1]), int(sys.argv[2]))))
