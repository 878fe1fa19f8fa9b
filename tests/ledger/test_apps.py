"""Apps with keys: found by the hash of the key, counted, used and revoked (aws 11)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from itertools import count

import pytest

from payrelay.ledger import Ledger, apps, keys
from payrelay.ledger.apps import App, TooManyApps
from payrelay.ledger.changes import Act, Change
from payrelay.ledger.table import ConditionFailed

pytestmark = pytest.mark.requirement("TRG-4")

_numbers = count(1)
TODAY, TOMORROW = "2026-03-02", "2026-03-03"


def an_app(app_id: str = "app_1", tenant: str = "demo") -> App:
    return App(app_id, tenant, "Payday", "viewer", f"{TODAY}T06:00:00.000Z", "kari@demo.example")


def a_change(act: Act = Act.APP_MADE) -> Change:
    return Change(f"chg_{next(_numbers):03}", f"{TODAY}T06:00:00.000Z", "kari", "3f6c", "admin", act)


def made(ledger: Ledger, app_id: str = "app_1", tenant: str = "demo") -> App:
    app = an_app(app_id, tenant)
    ledger.apps.create(app, f"hash-{tenant}-{app_id}", a_change())
    return app


@pytest.mark.requirement("CON-4")
def test_an_app_is_found_by_the_hash_of_its_key_and_listed_for_its_tenant(ledger: Ledger) -> None:
    first, second = made(ledger, "app_1"), made(ledger, "app_2")
    other = made(ledger, "app_3", "other")
    assert ledger.apps.of_key("hash-demo-app_2") == second
    assert ledger.apps.of_key("hash-demo") is None
    assert [*ledger.apps.list("demo")] == [first, second]
    assert [*ledger.apps.list("demo", "app_1")] == [second]
    assert [*ledger.apps.list("other")] == [other]
    assert [*ledger.apps.list("nobody")] == []
    assert ledger.apps.get("demo", "app_3") is None


@pytest.mark.requirement("CON-4", "CON-5")
def test_a_revoked_app_is_gone_at_once_for_its_tenant_alone_and_stays_in_the_trail(ledger: Ledger) -> None:
    made(ledger)
    assert not ledger.apps.delete("other", "app_1", a_change(Act.APP_REVOKED))
    assert ledger.apps.of_key("hash-demo-app_1")
    assert ledger.apps.delete("demo", "app_1", a_change(Act.APP_REVOKED))
    assert ledger.apps.of_key("hash-demo-app_1") is None
    assert not ledger.apps.delete("demo", "app_1", a_change(Act.APP_REVOKED))
    acts = [item["act"] for item in ledger.changes.of("demo", "con_A")]
    assert acts == ["app_revoked", "app_made"], "what did not happen is not in it"
    assert [*ledger.changes.of("other", "con_A")] == []


def test_the_last_use_goes_forward_once_a_day_and_brings_no_app_back(ledger: Ledger) -> None:
    made(ledger)
    for day, noted in [(TODAY, True), (TODAY, False), (TOMORROW, True), (TODAY, False)]:
        if noted:
            ledger.apps.note_use("hash-demo-app_1", day)
        else:
            with pytest.raises(ConditionFailed):
                ledger.apps.note_use("hash-demo-app_1", day)
    (app,) = ledger.apps.list("demo")
    assert app.last_used_on == TOMORROW
    ledger.apps.delete("demo", "app_1", a_change(Act.APP_REVOKED))
    with pytest.raises(ConditionFailed):
        ledger.apps.note_use("hash-demo-app_1", "2026-03-04")
    assert ledger.apps.of_key("hash-demo-app_1") is None


def test_a_tenant_has_so_many_apps_at_most_also_when_many_are_made_at_once(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fifty; the API's own test makes that many."""
    assert apps.MOST_APPS == 50
    monkeypatch.setattr(apps, "MOST_APPS", 10)
    for number in range(8):
        made(ledger, f"app_{number:03}")

    def one_more(number: int) -> bool:
        try:
            made(ledger, f"app_more_{number}")
        except TooManyApps:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(one_more, range(4))) == 2
    assert len([*ledger.apps.list("demo")]) == 10
    made(ledger, "app_1", "other")
    ledger.apps.delete("demo", "app_007", a_change(Act.APP_REVOKED))
    made(ledger, "app_again")
    with pytest.raises(TooManyApps):
        made(ledger, "app_over")


def test_add_ons_that_are_replaced_leave_the_count_of_apps(ledger: Ledger) -> None:
    assert keys.app_count("demo") != keys.tenant("demo")
    made(ledger)
    ledger.connections.set_add_ons("demo", frozenset({"a"}))
    assert ledger.apps.delete("demo", "app_1", a_change(Act.APP_REVOKED))
    assert [*ledger.connections.list("demo")] == []
