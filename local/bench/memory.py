"""The memory that one step takes: the real handler in a fresh process, over its imports."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.bench.company import CONNECTION, FINGERPRINT_KEY, TENANT, Company
from local.bench.endpoint import TABLE, served
from local.bench.kms import KEY, OpenKms
from payrelay.runtime.keyring import Keyring, Place
from payrelay.runtime.safe import Safe

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Peak:
    """Megabytes: after the imports, and how much more at the peak."""

    imported: float
    over_imports: float


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
        "POWERTOOLS_SERVICE_NAME": "payrelay",
        "POWERTOOLS_METRICS_NAMESPACE": "Payrelay",
        "POWERTOOLS_LOG_LEVEL": "WARNING",
    }


def plan_one(company: Company, event: Mapping[str, Any], page: Mapping[str, Any]) -> Peak:
    """Plan one page of a run in progress, as the function does it."""
    return invoke(company, "plan_page", {**event, "page": page})


def invoke(company: Company, step: str, event: Mapping[str, Any]) -> Peak:
    """One step of a run in progress, as its function does it."""
    secret = json.dumps({**company.entered, "fingerprint_key": FINGERPRINT_KEY.hex()})
    vault: Any = OpenKms()
    keyring = Keyring(lambda *_: vault, KEY)
    for system, values in company.renewed.items():
        safe = Safe(company.ledger.seals, keyring, Place(company.kind, TENANT, CONNECTION, system))
        safe.write(safe.read(), [safe.seal(values)])
    with served(company.memory, secret) as endpoint:
        done = subprocess.run(
            [sys.executable, "-m", "local.bench.step_worker", step],
            input=json.dumps(event),
            env=environment(endpoint, company.flow),
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise RuntimeError(done.stderr)
    told = json.loads(done.stdout.splitlines()[-1])
    if told["answer"]["status"] != "done":
        raise RuntimeError(f"the step ended as {told['answer']}")
    return Peak(told["imported"], told["peak"] - told["imported"])
