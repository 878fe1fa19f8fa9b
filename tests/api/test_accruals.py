"""Millennium and TimeWorksPlus at the API: what a connection needs, its sessions, and who may write."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from local.sandbox import Running
from local.seed.millennium import millennium_state
from local.seed.timeworksplus import timeworksplus_state
from payrelay.domain.runs import ConnectionStatus, Status
from payrelay.errors import CredentialsRefused, NeedsAttention
from payrelay.runtime.container import Container
from tests.worlds.api import World, load, secrets_stored
from tests.worlds.sandboxes import Sandboxed
from tests.worlds.structs import replace

KIND, FLOW = "millennium_timeworksplus", "accrual_sync"
CREDENTIALS = {
    "millennium": {"username": "payrelay-sandbox", "password": "sandbox-password"},
    "timeworksplus": {"issuer_id": "9001", "api_secret": "timeworksplus-sandbox-secret"},
}
OFTEN = {
    "days": ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"],
    "every_minutes": 30,
    "from": "06:00",
    "until": "20:00",
    "time_zone": "America/Denver",
}


@dataclass
class Acme(Sandboxed):
    """A connection of ACME, over sandboxes that answer."""

    world: World
    urls: dict[str, str]
    connection_id: str = ""

    @property
    def path(self) -> str:
        return f"/connections/{self.connection_id}"

    def settings(self, **more: Any) -> dict[str, Any]:
        addresses = {name: {"base_url": self.urls[name]} for name in CREDENTIALS}
        acme = {"company": "ACME", "site_id": "51234", "system_of_record": "millennium"}
        return {**addresses, **acme, **more}

    def connect(self, **body: Any) -> Any:
        return self.world.call("POST", f"{self.path}/connect", body or None)

    def change(self, **body: Any) -> Any:
        return self.world.call("PATCH", self.path, body)

    def client(self, system: str) -> Any:
        """As a step of a run has it."""
        stored = self.world.connection(self.connection_id)
        return self.world.container.client_of("demo", self.connection_id, stored.settings, system)

    def sign_ins(self) -> int:
        paths = [one["path"] for name in CREDENTIALS for one in self.requests(name)]
        return len([path for path in paths if "session" in path or "userToken" in path])

    def secrets(self) -> dict[str, dict[str, str]]:
        return {name: self.world.kept(self.connection_id, name) for name in CREDENTIALS}


@pytest.fixture
def acme(payroll_sandboxes: Running, world: World, monkeypatch: pytest.MonkeyPatch) -> Acme:
    local = replace(world.container.settings, local_endpoint="http://127.0.0.1:4566")
    monkeypatch.setattr(world.container, "settings", local)
    usual = Container.door_options
    monkeypatch.setattr(Container, "door_options", lambda self: replace(usual(self), sleep=lambda _: None))
    made = Acme(world, dict(payroll_sandboxes.urls))
    for name, state in (("millennium", millennium_state()), ("timeworksplus", timeworksplus_state())):
        made.calm(name)
        made.put(name, state)
        made.forget(name)
    made.connection_id = world.create(
        name="Acme", kind=KIND, settings=made.settings(), credentials=CREDENTIALS
    )
    return made


@pytest.mark.requirement("CON-1", "AC-1")
def test_company_site_and_system_of_record_have_to_be_said(acme: Acme) -> None:
    settings = {"millennium": {"base_url": acme.urls["millennium"]}, "site_id": "Acme", "runs_by": "nobody"}
    body = {"name": "Acme", "kind": KIND, "settings": settings, "credentials": CREDENTIALS}
    answer = acme.world.call("POST", "/connections", body)
    assert answer.status == 422
    assert {one["field"] for one in answer.json["errors"]} == {
        "settings.company",
        "settings.site_id",
        "settings.system_of_record",
        "settings.runs_by",
    }
    stored = acme.world.call("GET", acme.path).json["settings"]
    assert (stored["runs_by"], stored["time_zone"]) == ("payrelay", "America/Denver")


@pytest.mark.requirement("CON-2")
def test_connecting_names_company_and_site_and_sets_no_schedule(acme: Acme) -> None:
    answer = acme.connect()
    assert (answer.status, answer.json["status"]) == (200, "connected")
    assert answer.json["organisations"] == {"millennium": "Company ACME", "timeworksplus": "Site 51234"}
    assert acme.world.call("GET", f"{acme.path}/schedules/{FLOW}").status == 404


@pytest.mark.requirement("CON-2")
@pytest.mark.parametrize(
    ("wrong", "code", "status"),
    [
        ({"millennium": {**CREDENTIALS["millennium"], "password": "x"}}, "CREDENTIALS_REFUSED", "attention"),
        ({"timeworksplus": {"issuer_id": "9001", "api_secret": "x"}}, "CREDENTIALS_REFUSED", "attention"),
        ({"timeworksplus": {"issuer_id": "9002", "api_secret": "x"}}, "CREDENTIALS_REFUSED", "attention"),
    ],
)
def test_what_is_refused_needs_attention(acme: Acme, wrong: Any, code: str, status: str) -> None:
    assert acme.change(credentials=wrong).status == 200
    answer = acme.connect()
    assert (answer.status, answer.code) == (409, code)
    assert acme.world.call("GET", acme.path).json["status"] == status


@pytest.mark.requirement("AC-6", "CON-2")
def test_two_codes_to_one_category_are_refused_where_they_have_to_be_one_to_one(acme: Acme) -> None:
    acme.change(settings={"system_of_record": "timeworksplus"})
    refused = acme.connect()
    assert (refused.status, refused.code) == (409, "TWO_CODES_TO_ONE")
    assert "SICK1 and SICK2" in refused.json["detail"]
    acme.change(settings={"system_of_record": "millennium"})
    assert acme.connect().status == 200


@pytest.mark.requirement("AC-6", "CON-2")
def test_a_connected_company_is_not_turned_round_while_two_codes_go_to_one_category(acme: Acme) -> None:
    acme.connect()
    refused = acme.change(settings={"system_of_record": "timeworksplus"})
    assert (refused.status, refused.code) == (409, "TWO_CODES_TO_ONE")
    stored = acme.world.call("GET", acme.path).json
    assert (stored["status"], stored["settings"]["system_of_record"]) == ("connected", "millennium")
    state = acme.state("millennium")
    state["accrualcodes"] = [one for one in state["accrualcodes"] if one["Code"] != "SICK2"]
    acme.put("millennium", {**state, "accruals": []})
    changed = acme.change(settings={"system_of_record": "timeworksplus"})
    assert (changed.status, changed.json["status"]) == (200, "connected")


@pytest.mark.requirement("AC-6", "CON-1")
def test_a_company_is_turned_round_also_while_a_system_does_not_answer(acme: Acme) -> None:
    acme.connect()
    acme.faults("millennium", error_rate=1.0, errors=[503])
    assert acme.change(settings={"system_of_record": "timeworksplus"}).status == 200


@pytest.mark.requirement("AC-10")
def test_the_diagnosis_names_set_up_and_one_balance(acme: Acme) -> None:
    acme.connect()
    checks = acme.world.call("GET", f"{acme.path}/diagnosis").json["checks"]
    mapped = next(one for one in checks if one["name"] == 'Description "Vacation" goes to a category')
    assert mapped["seen"].startswith("proposed: accrual code VAC")
    one = f"{acme.path}/diagnosis?entity=accrual&key=1001:Vacation"
    checks = acme.world.call("GET", one).json["checks"]
    dated = next(one for one in checks if one["name"].endswith("the effective date"))
    assert dated["seen"].startswith("2026-01-04, by check")


@pytest.mark.requirement("CON-3")
def test_a_session_is_kept_for_all_steps(acme: Acme) -> None:
    acme.connect()
    for _ in range(3):
        acme.client("millennium").codes()
        acme.client("timeworksplus").categories()
    assert acme.sign_ins() == 2
    kept = acme.secrets()
    assert {"session_token", "session_until"} < set(kept["millennium"])
    (entered,) = secrets_stored().values()
    assert entered["millennium"] == CREDENTIALS["millennium"]
    shown = acme.world.call("GET", acme.path).text + str(acme.world.call("GET", f"{acme.path}/changes").text)
    assert kept["millennium"]["session_token"] not in shown


@pytest.mark.requirement("CON-3")
def test_a_session_that_was_ended_is_renewed_once_for_all(acme: Acme, payroll_sandboxes: Running) -> None:
    acme.connect()
    first, second = acme.client("millennium"), acme.client("millennium")
    sessions: Any = payroll_sandboxes.room("millennium")
    for row in list(sessions.store["sessions"].rows()):
        sessions.store["sessions"].remove(row["Token"])
    acme.forget("millennium")
    first.codes()
    second.codes()
    acme.client("millennium").codes()
    assert acme.sign_ins() - 1 == 1


@pytest.mark.requirement("CON-3")
def test_new_credentials_end_a_session(acme: Acme) -> None:
    acme.connect()
    other = {**CREDENTIALS["millennium"], "password": "other"}
    assert acme.change(credentials={"millennium": other}).status == 200
    with pytest.raises(CredentialsRefused):
        acme.client("millennium").codes()


@pytest.mark.requirement("CON-2")
def test_another_company_has_to_be_connected_and_confirmed(acme: Acme) -> None:
    acme.connect()
    other = {"company": "BETA", "site_id": "51235"}
    assert acme.change(settings=other).json["status"] == "not_connected"
    refused = acme.connect()
    assert (refused.status, refused.code) == (409, "OTHER_ORGANISATION")
    assert "Company BETA (Millennium) and Site 51235 (TimeWorksPlus)" in refused.json["detail"]
    answer = acme.connect(confirm_organisation=True)
    assert (answer.status, answer.json["organisations"]["timeworksplus"]) == (200, "Site 51235")
    assert acme.client("timeworksplus").organisation() == "Site 51235"


@pytest.mark.requirement("CON-2", "RUN-7")
def test_a_clock_that_is_set_right_connects(acme: Acme, monkeypatch: pytest.MonkeyPatch) -> None:
    """CLOCK_WRONG: nothing is entered anew."""
    usual = Container.door_options
    with monkeypatch.context() as wrong:
        wrong.setattr(
            Container,
            "door_options",
            lambda self: replace(usual(self), now=lambda: datetime.now(UTC) + timedelta(minutes=6)),
        )
        answer = acme.connect()
        assert (answer.status, answer.code) == (409, "SYSTEM_REFUSED")
        assert "that of Payrelay is 6 minutes fast" in answer.json["detail"]
        assert answer.json["remedy"].startswith("Set the clock of the machine that Payrelay runs on")
        assert acme.world.call("GET", acme.path).json["status"] == "not_connected"
        assert acme.sign_ins() == 2
    assert acme.connect().status == 200


@pytest.mark.requirement("SEC-3", "RUN-7")
def test_where_timeworksplus_itself_answers_its_lists_are_read(acme: Acme) -> None:
    """LINK_REFUSED: a next page elsewhere is not followed; where it is right again, all is read."""
    people = [{"siteId": "51234", "EmployeeCode": str(number)} for number in range(2000, 2501)]
    acme.put("timeworksplus", {"employees": people})
    acme.connect()
    acme.faults("timeworksplus", errors=["elsewhere"])
    with pytest.raises(NeedsAttention) as refusal:
        list(acme.client("timeworksplus").employees())
    assert refusal.value.code == "LINK_REFUSED"
    assert "Put the address at which TimeWorksPlus itself answers" in refusal.value.remedy
    acme.calm("timeworksplus")
    address = {"settings": acme.settings(), "credentials": CREDENTIALS}
    assert acme.change(**address).status == 200
    assert acme.connect().status == 200
    assert sum(len(page) for page in acme.client("timeworksplus").employees()) == 501


# --- who writes ------------------------------------------------------------------------------------------


def fire(connection_id: str) -> dict[str, Any]:
    """What EventBridge Scheduler does."""
    event = {"tenant": "demo", "connection_id": connection_id, "flow": FLOW}
    answer: dict[str, Any] = load("start_run", "start_run").handler(
        event, SimpleNamespace(aws_request_id="lambda-id")
    )
    return answer


@pytest.mark.requirement("AC-10", "TRG-1")
def test_what_the_vendor_runs_is_previewed_and_never_written(acme: Acme) -> None:
    world, runs = acme.world, f"{acme.path}/runs"
    acme.connect()
    assert world.call("PUT", f"{acme.path}/schedules/{FLOW}", OFTEN).status == 200
    assert acme.change(settings={"runs_by": "vendor"}).json["status"] == "connected"

    answer = world.call("POST", runs, {"flow": FLOW})
    assert (answer.status, answer.code) == (409, "RUN_BY_VENDOR")
    assert "its setting runs_by is vendor" in answer.json["detail"]
    assert "disable the vendor's task for this company first" in answer.json["remedy"]
    preview = world.call("POST", runs, {"flow": FLOW, "mode": "preview"})
    assert preview.status == 202

    world.plan(preview.json["run_id"], unchanged=1)
    world.finish(preview.json["run_id"])
    assert world.call("POST", f"/runs/{preview.json['run_id']}/replay", {}).code == "RUN_BY_VENDOR"
    assert world.call("POST", f"/runs/{preview.json['run_id']}/replay", {"preview": True}).status == 202

    refused = world.call("PUT", f"{acme.path}/schedules/{FLOW}", OFTEN)
    assert (refused.status, refused.code) == (409, "RUN_BY_VENDOR")
    assert world.call("PUT", f"{acme.path}/schedules/{FLOW}", {**OFTEN, "enabled": False}).status == 200

    assert acme.change(settings={"runs_by": "payrelay"}).status == 200
    assert world.call("POST", runs, {"flow": FLOW}).status == 202


@pytest.mark.requirement("TRG-1", "TRG-5")
def test_a_schedule_of_what_the_vendor_runs_starts_nothing_and_misses_nothing(
    acme: Acme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCHEDULE_JITTER_MINUTES", "10")
    world = acme.world
    acme.connect()
    assert world.call("PUT", f"{acme.path}/schedules/{FLOW}", OFTEN).status == 200
    acme.change(settings={"runs_by": "vendor"})
    assert fire(acme.connection_id) == {"started": False, "reason": "RUN_BY_VENDOR"}
    assert world.call("GET", "/runs").json["items"] == []

    engine = world.container.engine
    later = engine.clock() + timedelta(days=8)
    world.container.__dict__["engine"] = replace(engine, clock=lambda: later)
    handler = load("watch", "watch").handler
    assert handler({}, SimpleNamespace(aws_request_id="lambda-id"))["missed"] == 0
    acme.change(settings={"runs_by": "payrelay"})
    assert fire(acme.connection_id)["started"] is True
    assert world.connection(acme.connection_id).status is ConnectionStatus.CONNECTED
    assert Status.QUEUED.value == world.call("GET", "/runs").json["items"][0]["status"]
