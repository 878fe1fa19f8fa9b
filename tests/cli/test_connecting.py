"""What one does with a connection: connect it, enter what it has, put its schedules."""

from __future__ import annotations

import io
import sys
import threading
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from cli.commands.entering import FIELDS, SYSTEMS
from payrelay.flows.catalog import KINDS
from payrelay.systems.registry import SYSTEMS as REGISTRY
from tests.cli.answers import Json, a_problem, a_run, example, page, well
from tests.cli.conftest import Tool
from tests.conftest import ROOT

CONNECTION = a_run()["connection_id"]
AT = f"/connections/{CONNECTION}"
SECRET = "xledger-token-2"
PAGE = "https://vendor.example/consent?state=s1"


def connection(**changed: Any) -> Json:
    return example("a_connection", **changed)


def asked(tool: Tool, method: str) -> list[Any]:
    """The bodies that were sent so."""
    return [body for sent, _, _, body in tool.calls if sent == method]


@pytest.mark.requirement("CON-2")
def test_connecting_names_the_organisations(tool: Tool) -> None:
    """(oncall OC-9)"""
    found = connection(organisations={"xledger": "Nordlys Energi AS"}, status="connected", reason=None)
    tool.answers("POST", f"{AT}/connect", found)

    tool.shows(f"connect {CONNECTION}", "Nordlys Energi  simployer_xledger  connected", "xledger: Nordlys")


@pytest.mark.requirement("CON-2")
@pytest.mark.parametrize(
    ("problem", "kind", "suggested"),
    [
        ({"code": "CREDENTIALS_REFUSED", "system": "xledger"}, "simployer_xledger", "credentials {} xledger"),
        ({"code": "CREDENTIALS_REFUSED", "system": "xero"}, "autovu_accounting", "connect {} --consent"),
        ({"code": "CONSENT_NEEDED"}, "autovu_accounting", "connect {} --consent"),
        ({"code": "OTHER_ORGANISATION"}, "simployer_xledger", "connect {} --confirm-organisation"),
    ],
)
def test_what_is_refused_leads_to_what_mends_it(tool: Tool, problem: Json, kind: str, suggested: str) -> None:
    """(oncall OC-8, OC-9)"""
    refused = {**a_problem(409, problem["code"], detail="No.", remedy="Do this."), **problem}
    tool.answers("POST", f"{AT}/connect", refused, 409)
    tool.reads(AT, connection(kind=kind))

    told = tool("connect", CONNECTION)

    assert told.status == 1
    assert f"  payrelay {suggested.format(CONNECTION)}\n" in told.out
    assert "Remedy: Do this." in told.err


def test_a_consent_is_asked_for_and_awaited(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The browser comes back to the tool (oncall OC-9)."""
    monkeypatch.setattr("cli.api.Api.local", property(lambda _: True))
    tool.answers("POST", f"{AT}/connect", {**connection(), "consent_url": PAGE})
    tool.answers("POST", f"{AT}/connect", connection(status="connected"))
    tool.api.add_passthru("http://127.0.0.1")
    said: list[str] = []

    def browse(screen: Any, *parts: Any) -> None:
        said.extend(map(str, parts))
        if PAGE in parts:
            back = asked(tool, "POST")[0]["redirect_uri"]
            assert urlsplit(back).hostname == "127.0.0.1"
            threading.Thread(target=requests.get, args=(f"{back}?code=c1&state=s1",)).start()

    monkeypatch.setattr("cli.screen.Screen.say", browse)

    assert tool("connect", CONNECTION, "--consent").status == 0
    assert asked(tool, "POST")[1] == {"code": "c1", "state": "s1"}


def test_a_consent_that_their_app_passes_on_is_awaited(tool: Tool) -> None:
    before = connection(status="attention", updated_at="2026-11-23T05:00:00.000Z")
    tool.answers("POST", f"{AT}/connect", {**before, "consent_url": PAGE})
    tool.reads(AT, before, connection(status="connected", updated_at="2026-11-23T05:01:00.000Z"))

    line = f"connect {CONNECTION} --consent --redirect-uri https://app.example/consent"
    tool.shows(line, PAGE, f"payrelay connect {CONNECTION} --came-back URL", "connected")

    assert tool.pauses == [0.5]


def test_an_address_that_a_browser_came_back_to_is_passed_on(tool: Tool) -> None:
    tool.answers("POST", f"{AT}/connect", connection(status="connected"))

    back = "https://app.example/consent?code=c1&state=s1&realmId=9"
    assert tool("connect", CONNECTION, "--came-back", back).status == 0

    assert asked(tool, "POST") == [{"code": "c1", "state": "s1", "realm_id": "9"}]
    assert tool("connect", CONNECTION, "--came-back", "https://app.example/consent").status == 2


@pytest.mark.requirement("SEC-2")
def test_credentials_are_read_and_never_shown(tool: Tool, monkeypatch: pytest.MonkeyPatch) -> None:
    """(oncall OC-9)"""
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{SECRET}\n"))
    tool.answers("PATCH", AT, connection())

    told = tool("credentials", CONNECTION, "xledger")

    assert told.status == 0
    assert SECRET not in told.out + told.err
    assert asked(tool, "PATCH") == [{"credentials": {"xledger": {"api_token": SECRET}}}]
    assert f"  payrelay connect {CONNECTION}" in told.out.splitlines()
    assert tool("credentials", CONNECTION, "xledger").status == 2


def test_what_a_system_asks_for_is_known() -> None:
    asked_for = {name: tuple(one.name for one in row.credentials) for name, row in REGISTRY.items()}
    assert asked_for == {**FIELDS, **{name: asked_for[name] for name in asked_for.keys() - FIELDS}}
    for kind in SYSTEMS.keys() & KINDS.keys():
        assert set(SYSTEMS[kind]) >= set(KINDS[kind].systems)


@pytest.mark.requirement("RUN-10")
def test_one_setting_is_changed_and_what_stands_beside_it_stays(tool: Tool) -> None:
    """(oncall OC-9)"""
    stored = connection(settings={"brake": {"people": 5, "share": "0.05"}, "pull": {"days": 7}})
    tool.reads(AT, stored)
    tool.answers("PATCH", AT, stored)

    tool.shows(f"settings {CONNECTION} brake.people=20", f"payrelay changes {CONNECTION}")

    assert asked(tool, "PATCH") == [{"settings": {"brake": {"people": 20, "share": "0.05"}}}]


SCHEDULE = {
    "connection_id": CONNECTION,
    "flow": "employee_export",
    "days": ["TUE"],
    "time": "05:15",
    "time_zone": "Europe/Oslo",
    "enabled": True,
    "updated_at": "2026-11-23T05:00:00.000Z",
    "next_run_at": None,
    "next_runs": [],
}
WANTED = {name: SCHEDULE[name] for name in ("days", "time", "time_zone", "enabled")}


def standing(missed: str | None) -> Json:
    of = {"last_status": None, "last_finished_at": None, "next_run_at": None, "agreed_at": None}
    why = {"code": "SCHEDULE_DID_NOT_START", "message": "It did not start.", "remedy": "Put it again."}
    of |= {"missed_reason": why if missed else None, "next_run_problem": why if missed else None}
    return connection(status="connected", standings={"employee_export": {**of, "missed_at": missed}})


@pytest.mark.requirement("TRG-5")
@pytest.mark.parametrize(
    ("words", "sent"),
    [
        ("--again", WANTED),
        ("--time 06:30", {**WANTED, "time": "06:30"}),
        ("--off", {**WANTED, "enabled": False}),
        ("--days mon,thu --zone UTC", {**WANTED, "days": ["MON", "THU"], "time_zone": "UTC"}),
    ],
)
def test_a_schedule_is_put_as_the_customer_has_it(tool: Tool, words: str, sent: Json) -> None:
    """(oncall OC-42)"""
    path = f"{AT}/schedules/employee_export"
    tool.reads(path, SCHEDULE)
    tool.answers("PUT", path, SCHEDULE)
    tool.reads(AT, standing(None))

    tool.shows(f"schedule {CONNECTION} employee_export {words}", "TUE", "05:15 (Europe/Oslo)")

    assert asked(tool, "PUT") == [sent]


@pytest.mark.requirement("TRG-1")
def test_a_schedule_is_looked_at_before_it_is_set(tool: Tool) -> None:
    path = f"{AT}/schedules/employee_export"
    tool.reads(path, SCHEDULE)
    ahead = ["2026-11-25T05:15:00Z", "2026-12-01T05:15:00Z"]
    tool.answers("PUT", path, {**SCHEDULE, "next_run_problem": None, "next_runs": ahead})

    lines = tool.shows(f"schedule {CONNECTION} employee_export --on --preview", "Nothing was set.")

    assert [line.split(maxsplit=2) for line in lines[-2:]] == [
        ["next", "runs", "2026-11-25 05:15:00Z"],
        ["2026-12-01", "05:15:00Z"],
    ]
    method, _, query, body = tool.calls[-1]
    assert (method, query, body) == ("PUT", {"preview": "true"}, WANTED)


@pytest.mark.requirement("TRG-5")
def test_a_missed_schedule_leads_to_its_cure(tool: Tool) -> None:
    """(oncall OC-42)"""
    tool.reads(f"{AT}/schedules/employee_export", SCHEDULE)
    tool.reads(AT, standing("2026-11-24T05:00:00.000Z"))

    line = f"schedule {CONNECTION} employee_export"
    says = ("missed      2026-11-24", f"payrelay {line} --again", f"start {CONNECTION} employee_export")
    tool.shows(line, *says, "why missed  It did not start.", "remedy      Put it again.", status=3)
    tool.answers("PUT", f"{AT}/schedules/employee_export", SCHEDULE)
    told = "\n".join(tool.shows(f"{line} --again", "why missed", f"start {CONNECTION} employee_export"))
    assert "Put it again." not in told
    tool.reads("/connections", page(standing("2026-11-24T05:00:00.000Z")))
    says = ("employee_export was missed: SCHEDULE_DID_NOT_START", "has no next run", f"payrelay {line}")
    tool.shows("connections", *says, status=3)


@pytest.mark.parametrize(("words", "status", "times"), [(["--yes"], 0, 1), ([], 2, 0)])
def test_a_hook_secret_is_made_only_if_somebody_wants_it(
    tool: Tool, words: list[str], status: int, times: int
) -> None:
    """(oncall OC-9)"""
    found = {"url": f"/hooks/login/{CONNECTION}", "secret": "whsec_x", "former_valid_until": None}
    tool.answers("POST", f"{AT}/hook-secret", found)

    told = tool("hook-secret", CONNECTION, *words)

    assert (told.status, len(tool.calls), "whsec_x" in told.out) == (status, times, bool(times))


@pytest.mark.requirement("TRG-2")
def test_a_run_is_started_and_followed(tool: Tool) -> None:
    """(oncall OC-9)"""
    run = well()
    tool.answers("POST", f"{AT}/runs", {**run, "finished_at": None, "status": "queued"}, 202)
    tool.reads(f"/runs/{run['run_id']}", run)

    tool.shows(f"start {CONNECTION} payroll_sync --full --mode preview", "starts.", "SUCCEEDED")

    assert asked(tool, "POST") == [{"flow": "payroll_sync", "mode": "preview", "options": {"full": True}}]


def test_a_run_that_was_joined_says_whose_it_is(tool: Tool) -> None:
    """(oncall OC-24)"""
    run = well(replay_of="run_OLD")
    tool.answers("POST", f"{AT}/runs", {**run, "finished_at": None, "joined": True})
    tool.reads(f"/runs/{run['run_id']}", run)

    says = "is in progress already: replay of run_OLD, manual, by kari@nordlys.example, since 2026-11-23"
    tool.shows(f"start {CONNECTION} employee_export", says, "Nothing new was started.")


@pytest.mark.parametrize(("finished", "status"), [(True, 3), (False, 3)])
def test_a_dead_run_is_closed_by_looking_and_a_living_one_is_left_alone(
    tool: Tool, finished: bool, status: int
) -> None:
    """(oncall OC-12, OC-13)"""
    died = {"code": "RUN_DIED", "message": "Its execution is ABORTED.", "remedy": "Start it again."}
    run = well(status="failed", error=died) if finished else well(status="running", finished_at=None)
    tool.reads(f"/runs/{run['run_id']}", run)

    says = "RUN_DIED" if finished else "lives, and was not closed: it is running"
    tool.shows(f"close {run['run_id']}", says, status=status)


HISTORY = example("a_page_of_history")["items"][0]


@pytest.mark.requirement("RUN-6")
def test_why_a_field_was_changed_is_one_question(tool: Tool) -> None:
    """(oncall OC-27)"""
    bank = {"field": "employee.bankAccount", "old": None, "new": "*****"}
    sources = {"employee.bankAccount": "bankAccount.iban, bankAccount.number"}
    changed = {**HISTORY, "changes": [bank, *HISTORY["changes"]], "sources": sources}
    old = {**HISTORY, "at": "2026-01-02T05:02:09.900Z", "changes": [bank]}
    tool.reads(f"{AT}/history", page(changed, HISTORY, old))

    lines = tool.shows(
        f"history {CONNECTION} employee:1042 --field bankaccount --since 2026-11-01T00:00:00Z",
        "employee.bankAccount: (blank) → *****   (from bankAccount.iban, bankAccount.number)",
        f"payrelay show {HISTORY['run_id']} employee:1042",
    )

    assert tool.calls[0][2]["key"] == "1042"
    assert len([line for line in lines if "bankAccount:" in line]) == 1
    assert not [line for line in lines if "email" in line]


@pytest.mark.parametrize(("words", "key"), [(["employee:1042"], "1042"), (["1042"], "1042")])
def test_a_record_is_diagnosed_without_naming_its_entity(tool: Tool, words: list[str], key: str) -> None:
    """(oncall OC-28)"""
    tool.reads(AT, connection())
    tool.reads(f"{AT}/diagnosis", example("a_diagnosis"))

    assert tool("diagnose", CONNECTION, *words).status == 3

    assert tool.calls[-1][2] == {"entity": "employee", "key": key}


def test_a_document_leads_to_linking_its_account(tool: Tool) -> None:
    """(oncall OC-25)"""
    found = example("a_page_of_documents")
    tool.reads(f"{AT}/documents", found)
    first = found["items"][1]

    told = tool("documents", CONNECTION)

    assert told.status == 3
    account = first["suggestions"][0]["account_id"]
    said = f"  payrelay link {CONNECTION} {first['customer_id']} {account} --side {first['side']}"
    assert said in told.out.splitlines()


def test_every_command_has_json() -> None:
    """What has no screen of its own has the API's answer (oncall, point 4)."""
    rooms = ROOT / "cli" / "commands"
    for room in rooms.glob("*.py"):
        text = room.read_text()
        assert text.count("@section.command") <= text.count("screen.give(") + text.count("result("), room.name
