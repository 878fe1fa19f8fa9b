"""TimeWorksPlus's client against its sandbox, which was written from the same contract by itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, TypeVar

import pytest

from local.sandbox.frame.room import Options
from local.sandbox.running import Running, running
from local.seed.timeworksplus import timeworksplus_state
from payrelay.domain.sensitive import Secret
from payrelay.errors import CredentialsRefused, NeedsAttention, Rejected
from payrelay.systems.rows import Listed
from payrelay.systems.timeworksplus.client import FINALIZED, TimeWorksPlusClient
from payrelay.systems.timeworksplus.models import NewBalance
from tests.systems.conftest import Bench
from tests.worlds.sandboxes import Sandboxed
from tests.worlds.structs import replace

PARTNER, SECRET = Secret("9001"), Secret("timeworksplus-sandbox-secret")
DAY = date(2026, 1, 4)
SICK = NewBalance("1001", "Sick", "26.00", "2026-01-04", is_hidden=False)

T = TypeVar("T")


@dataclass(frozen=True)
class Served(Sandboxed):
    """One site, and a client for it."""

    urls: Mapping[str, str]
    client: TimeWorksPlusClient


@pytest.fixture(scope="module")
def sandboxes() -> Iterator[Running]:
    with running(options=Options(hold_seconds=0.5)) as sandboxes:
        yield sandboxes


@pytest.fixture
def served(sandboxes: Running, bench: Bench) -> Served:
    sandboxes.room("timeworksplus").replace_state(timeworksplus_state())
    served = Served(sandboxes.urls, for_site(sandboxes.urls, bench))
    served.calm("timeworksplus")
    return served


def for_site(urls: Mapping[str, str], bench: Bench, site: str = "51234", secret: Secret = SECRET) -> Any:
    url = urls["timeworksplus"]
    return TimeWorksPlusClient(
        (url, url), site, (PARTNER, secret), options=replace(bench.options, now=lambda: datetime.now(UTC))
    )


def whole(*pages: Listed[T]) -> list[T]:
    """The rows, of which each can be used."""
    return [row for page in pages for row in page.whole("Row", "TimeWorksPlus")]


def sick(client: TimeWorksPlusClient, person: str) -> str | None:
    rows = [row for row in whole(*client.balances(DAY)) if row.employee_code == person]
    (balance,) = (one for one in rows[0].balances if one.category == "Sick")
    return balance.value


def test_a_partner_signs_in_for_its_sites_alone(served: Served, bench: Bench) -> None:
    assert served.client.organisation() == "Site 51234"
    with pytest.raises(CredentialsRefused):
        for_site(served.urls, bench, secret=Secret("another")).organisation()
    for site in ("59999", "51299"):
        with pytest.raises((CredentialsRefused, Rejected)):
            for_site(served.urls, bench, site).organisation()


def test_all_that_is_read(served: Served) -> None:
    client = served.client
    assert [one.category for one in whole(client.categories())] == ["Sick", "Vacation"]
    rule = client.rule("PunchCategories")
    assert rule is not None
    assert list(rule.categories) == ["Regular", "Sick", "Vacation"]
    assert client.rule("Rounding") is None
    assert [one.is_finalized for one in whole(client.periods(date(2025, 12, 1), DAY))] == [True, True, False]
    people = whole(*client.employees())
    assert len(people) == 59
    rows = whole(*client.activity(date(2025, 12, 21), DAY, ["1001", "1002"]))
    assert [row.employee_code for row in rows] == ["1001", "1002"]
    assert {one.category for row in rows for one in row.ending_values} == {"Sick", "Vacation"}


def test_balances_are_written_unless_their_period_is_finalized(served: Served) -> None:
    assert sick(served.client, "1001") == "24.50"
    refused = served.client.set_balances([SICK, NewBalance("9", "Sick", "1.00", "2026-01-04")])
    assert [(one.employee_code, one.category) for one in refused] == [("9", "Sick")]
    assert sick(served.client, "1001") == "26.00"
    served.faults("timeworksplus", errors=["finalized"], count=1)
    with pytest.raises(Rejected) as rejected:
        served.client.set_balances([SICK])
    assert rejected.value.code == FINALIZED


def test_a_session_that_has_ended_is_renewed_and_no_page_leads_elsewhere(served: Served) -> None:
    served.client.organisation()
    served.faults("timeworksplus", errors=["session"], count=1)
    assert served.client.organisation() == "Site 51234"
    rows = timeworksplus_state()
    more = [{"siteId": "51234", "EmployeeCode": str(number)} for number in range(5000, 5600)]
    served.put("timeworksplus", {**rows, "employees": [*rows["employees"], *more]})
    assert len(whole(*served.client.employees())) == 659
    served.faults("timeworksplus", errors=["elsewhere"], count=1)
    with pytest.raises(NeedsAttention):
        list(served.client.employees())
