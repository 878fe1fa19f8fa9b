"""What one invocation takes of memory and CPU: the real handler in a fresh process, over its imports."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.bench.company import CONNECTION, FINGERPRINT_KEY, TENANT, Company
from local.bench.endpoint import TABLE, served
from local.bench.kms import KEY, OpenKms
from local.memory.ledger import MemoryLedger
from payrelay.ledger import Ledger
from payrelay.runtime.keyring import Keyring, Place
from payrelay.runtime.safe import Safe

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Peak:
    """Megabytes after the imports, and how much more at the peak; seconds of the CPU of both; the answer."""

    imported: float
    over_imports: float
    import_cpu: float = 0.0
    cpu: float = 0.0
    answer: Mapping[str, Any] = field(default_factory=dict)

    @property
    def whole(self) -> float:
        """Megabytes of the whole process at its peak."""
        return self.imported + self.over_imports


def environment(endpoint: str, folder: str) -> dict[str, str]:
    """What the template gives a function, with the ledger at this address."""
    return {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": os.pathsep.join(
            map(str, (ROOT / "layers/payrelay", ROOT / "functions" / folder, ROOT))
        ),
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_DEFAULT_REGION": "eu-north-1",
        "AWS_ACCESS_KEY_ID": "bench",
        "AWS_SECRET_ACCESS_KEY": "bench",
        "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required",
        "TABLE_NAME": TABLE,
        "PLANS_BUCKET": "plans",
        "EVENT_BUS": "bench",
        "SECRET_PREFIX": "bench",
        "TOKENS_KEY": KEY,
        "STATE_MACHINE_PREFIX": "bench-",
        "LOCAL_ENDPOINT": endpoint,
        "SIGN_IN_URL": endpoint,
        "CONSOLE_CLIENT": "bench",
        "PYTHONTZPATH": "/opt/python/tzdata/zoneinfo",
        "POWERTOOLS_SERVICE_NAME": "payrelay",
        "POWERTOOLS_METRICS_NAMESPACE": "Payrelay",
        "POWERTOOLS_LOG_LEVEL": "WARNING",
    }


def plan_one(company: Company, event: Mapping[str, Any], page: Mapping[str, Any]) -> Peak:
    """Plan one page of a run in progress, as the function does it."""
    return invoke(company, "plan_page", {**event, "page": page})


def invoke(company: Company, step: str, event: Mapping[str, Any]) -> Peak:
    """One step of a run in progress, as its function does it."""
    peak = apart(company.memory, entered_by(company), (company.flow, step), event)
    if peak.answer["status"] != "done":
        raise RuntimeError(f"the step ended as {peak.answer}")
    return peak


def entered_by(company: Company) -> Mapping[str, Any]:
    """What somebody has entered for a company; what renews itself is put where it is kept."""
    put_away(company.ledger, company.kind, company.renewed)
    return company.entered


def put_away(ledger: Ledger, kind: str, renewed: Mapping[str, dict[str, str]]) -> None:
    """What renews itself, by system, is kept where functions find it."""
    vault: Any = OpenKms()
    keyring = Keyring(lambda *_: vault, KEY)
    for system, values in renewed.items():
        safe = Safe(ledger.seals, keyring, Place(kind, TENANT, CONNECTION, system))
        safe.write(safe.read(), [safe.seal(values)])


def apart(
    ledger: MemoryLedger,
    entered: Mapping[str, Any],
    handler: tuple[str, str],
    event: Mapping[str, Any] | None,
) -> Peak:
    """One invocation of a handler, by folder and module, over this ledger; None: it only gets ready."""
    folder, module = handler
    secret = json.dumps({**entered, "fingerprint_key": FINGERPRINT_KEY.hex()})
    with served(ledger, secret) as endpoint:
        done = subprocess.run(
            [sys.executable, "-m", "local.bench.step_worker", module],
            input=json.dumps(event),
            env=environment(endpoint, folder),
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise RuntimeError(done.stderr)
    told = json.loads(done.stdout.splitlines()[-1])
    over = told["peak"] - told["imported"]
    return Peak(told["imported"], over, told["import_cpu"], told["cpu"], told["answer"])
