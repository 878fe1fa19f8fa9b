"""The local stack starts, keeps its state, says what is wrong, and leaves no process behind."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from local.stack import processes, server
from local.stack.__main__ import main
from local.stack.errors import DeployError, NotReadyError, PortTakenError, StackError
from local.stack.home import ROOT, Home, read_json
from local.stack.stack import Plan, Stack, down, running_stack, status, up
from tests.stack.small import quiet, small_plan

pytestmark = pytest.mark.stack

TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Parameters:
  LocalEndpoint: {Type: String}
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: pk, AttributeType: S}]
      KeySchema: [{AttributeName: pk, KeyType: HASH}]
  Shared:
    Type: AWS::Serverless::LayerVersion
    Metadata: {BuildMethod: python3.12}
    Properties: {ContentUri: layer/}
  Sleep:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: sleep/
      Handler: sleep.handler
      Runtime: python3.12
      Timeout: 60
      Layers: [!Ref Shared]
      Environment: {Variables: {ENDPOINT: !Ref LocalEndpoint}}
Outputs:
  Table: {Value: !Ref Table}
  Sleep: {Value: !Ref Sleep}
"""
CODE = """
import os, time
import shared

def handler(event, context):
    time.sleep(event["seconds"])
    return {"shared": shared.NAME, "endpoint": os.environ["ENDPOINT"]}
"""


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    files = {
        "template.yaml": TEMPLATE,
        "sleep/sleep.py": CODE,
        "layer/shared/__init__.py": "NAME = 'first'\n",
    }
    return small_plan(tmp_path, files)


@pytest.fixture
def taken_port() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield int(other.getsockname()[1])


def kept_process(home: Home) -> int:
    return int(read_json(home.run / "ministack.json")["pid"])


def call(stack: Stack, seconds: float) -> dict[str, Any]:
    answer = stack.client("lambda").invoke(
        FunctionName=stack.outputs["Sleep"], Payload=json.dumps({"seconds": seconds})
    )
    return dict(json.loads(answer["Payload"].read()))


def keep_busy(stack: Stack) -> None:
    """Let a function work that would outlive its server by far, and wait until it does."""
    before = set(processes.group_members(kept_process(stack.home)))
    stack.client("lambda").invoke(
        FunctionName=stack.outputs["Sleep"], Payload=b'{"seconds": 50}', InvocationType="Event"
    )
    assert processes.await_true(lambda: bool(members(stack) - before), seconds=20)


def members(stack: Stack) -> set[int]:
    return set(processes.group_members(kept_process(stack.home)))


def is_empty(group: int) -> bool:
    return processes.await_true(lambda: not processes.group_members(group), seconds=20)


def test_a_deployed_function_runs_with_its_layer_and_is_replaced_when_its_code_changes(
    home: Home, plan: Plan
) -> None:
    stack = up(home, plan, quiet)
    assert call(stack, 0) == {"shared": "first", "endpoint": stack.endpoint}
    (plan.template.parent / "layer/shared/__init__.py").write_text("NAME = 'second'\n")
    assert call(up(home, plan, quiet), 0)["shared"] == "second"


def test_up_on_a_running_stack_says_so_and_changes_nothing(home: Home, plan: Plan) -> None:
    up(home, plan, quiet)
    first, told = kept_process(home), list[str]()
    up(home, plan, told.append)
    assert kept_process(home) == first
    assert told[0].startswith("ministack already runs on port")
    assert told[1] == "The template has not changed."


def test_the_port_asked_for_is_taken_by_another_program_so_the_message_names_it(
    home: Home, plan: Plan, taken_port: int
) -> None:
    with pytest.raises(PortTakenError, match=f"Port {taken_port} on 127.0.0.1 is taken by another program"):
        up(home, Plan(plan.template, port=taken_port, with_sandboxes=False), quiet)
    assert status(home)["ministack"] is None


def test_the_usual_port_is_taken_so_a_free_one_is_used_and_kept(
    home: Home, plan: Plan, taken_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "DEFAULT_PORT", taken_port)
    told = list[str]()
    usual = Plan(plan.template, with_sandboxes=False, seeded=False)
    first = up(home, usual, told.append)
    assert told[0].startswith(f"Port {taken_port} is taken by another program; MiniStack uses")
    down(home)
    assert up(home, usual, quiet).endpoint == first.endpoint


def test_stop_leaves_no_process_even_when_a_function_is_working(home: Home, plan: Plan) -> None:
    stack = up(home, plan, quiet)
    keep_busy(stack)
    group = kept_process(home)
    assert down(home)
    assert not processes.group_members(group)
    assert not down(home)


def test_a_function_that_works_is_killed_by_its_name_and_works_again(home: Home, plan: Plan) -> None:
    stack = up(home, plan, quiet)
    keep_busy(stack)
    working = members(stack)
    assert stack.crash("Another") == 0
    assert processes.await_true(lambda: stack.crash("Sleep") > 0, seconds=20)
    assert processes.await_true(lambda: not working <= members(stack), seconds=20)
    assert call(stack, 0)["shared"] == "first"


def test_a_row_is_there_again_after_a_restart(home: Home, plan: Plan) -> None:
    stack = up(home, plan, quiet)
    stack.client("dynamodb").put_item(TableName=stack.outputs["Table"], Item={"pk": {"S": "kept"}})
    down(home)
    again = up(home, plan, quiet)
    found = again.client("dynamodb").get_item(TableName=again.outputs["Table"], Key={"pk": {"S": "kept"}})
    assert found["Item"] == {"pk": {"S": "kept"}}


def test_a_killed_server_takes_its_working_functions_with_it_and_starts_again(home: Home, plan: Plan) -> None:
    stack = up(home, plan, quiet)
    group = kept_process(home)
    emulator = min(members(stack) - {group})
    keep_busy(stack)
    os.kill(emulator, signal.SIGKILL)
    assert is_empty(group)
    assert status(home)["ministack"] is None
    assert call(up(home, plan, quiet), 0)["shared"] == "first"


def test_leftovers_of_a_killed_supervisor_are_ended_by_the_next_command(home: Home, plan: Plan) -> None:
    stack = up(home, plan, quiet)
    keep_busy(stack)
    group = kept_process(home)
    os.kill(group, signal.SIGKILL)
    down(home)
    assert not processes.group_members(group)


def test_a_record_whose_process_id_now_belongs_to_another_program_ends_nothing(home: Home) -> None:
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE, start_new_session=True)
    record = {"pid": other.pid, "started": "before", "port": 1}
    (home.run / "ministack.json").write_text(json.dumps(record))
    assert not down(home)
    assert other.poll() is None
    other.communicate(b"\n")


@pytest.mark.parametrize("moment", ["while it starts", "when it runs"])
def test_kill_9_of_the_starter_leaves_no_process(tmp_path: Path, plan: Plan, moment: str) -> None:
    program = (
        "import sys, time; from pathlib import Path; from local.stack.stack import Plan, running_stack\n"
        "plan = Plan(Path(sys.argv[1]), port=0, with_sandboxes=False, seeded=False)\n"
        "with running_stack(Path(sys.argv[2]), plan): print('runs', flush=True); time.sleep(60)\n"
    )
    folder = tmp_path / "other"
    starter = subprocess.Popen(
        [sys.executable, "-c", program, str(plan.template), str(folder)], cwd=ROOT, stdout=subprocess.PIPE
    )
    assert starter.stdout
    if moment == "when it runs":
        assert starter.stdout.readline() == b"runs\n"
    assert processes.await_true(lambda: "pid" in read_json(folder / "run/ministack.json"), seconds=20)
    starter.kill()
    starter.communicate()
    assert is_empty(kept_process(Home.at(folder)))


def test_up_leaves_the_stack_running_when_its_command_has_ended(tmp_path: Path, plan: Plan) -> None:
    home = Home.at(tmp_path / "left")
    program = (
        "import sys; from pathlib import Path; from local.stack.home import Home\n"
        "from local.stack.stack import Plan, up\n"
        "plan = Plan(Path(sys.argv[1]), port=0, with_sandboxes=False, seeded=False)\n"
        "up(Home.at(Path(sys.argv[2])), plan, print)\n"
    )
    subprocess.run([sys.executable, "-c", program, str(plan.template), str(home.path)], cwd=ROOT, check=True)
    time.sleep(1)  # longer than the supervisor takes to notice that its starter is gone
    assert status(home)["ministack"]
    assert down(home)


def test_a_throw_away_stack_is_gone_with_its_folder(plan: Plan) -> None:
    with running_stack(plan=plan) as stack:
        group = kept_process(stack.home)
    assert not processes.group_members(group)
    assert not stack.home.path.exists()


def test_a_refused_template_is_told_and_nothing_keeps_running(home: Home, plan: Plan) -> None:
    plan.template.write_text(TEMPLATE.replace("AWS::DynamoDB::Table", "AWS::DynamoDB::Tabel"))
    with pytest.raises(DeployError, match="AWS::DynamoDB::Tabel"):
        up(home, plan, quiet)
    assert status(home)["ministack"] is None


def test_a_failed_resource_is_told_with_its_reason_and_the_next_up_mends_it(home: Home, plan: Plan) -> None:
    client = "  App: {Type: AWS::Cognito::UserPoolClient, Properties: {UserPoolId: nowhere}}\nOutputs:"
    plan.template.write_text(TEMPLATE.replace("Outputs:", client))
    with pytest.raises(DeployError, match=r"App \(AWS::Cognito::UserPoolClient\): .*nowhere does not exist"):
        up(home, plan, quiet)
    plan.template.write_text(TEMPLATE)
    assert call(up(home, plan, quiet), 0)["shared"] == "first"


def test_a_server_that_ends_at_once_is_told_with_the_end_of_its_log(
    home: Home, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINISTACK_LOG_LEVEL", "NONSENSE")
    with pytest.raises(NotReadyError, match=r"(?s)ministack ended while it started.*NONSENSE"):
        up(home, plan, quiet)


def test_the_cause_is_told_although_much_breaks_down_after_it(tmp_path: Path) -> None:
    log = tmp_path / "server.log"
    log.write_text("Traceback:\nValueError: the cause\n" + "RuntimeError: afterwards\n" * 40)
    told = str(NotReadyError("It", "ended", log)).splitlines()
    assert told[1:3] == ["  | ValueError: the cause", "  | ..."]
    assert len(told) < 20


def test_the_command_line_tells_what_is_wrong_and_answers_with_its_status(
    home: Home, taken_port: int, capsys: pytest.CaptureFixture[str]
) -> None:
    at_home = ["--home", str(home.path)]
    assert main([*at_home, "up", "--port", str(taken_port)]) == 1
    assert "is taken by another program" in capsys.readouterr().err
    assert main([*at_home, "status"]) == 3
    assert main([*at_home, "down"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "sandbox    does not run",
        "ministack  does not run",
        "The stack was not running.",
    ]


def test_two_commands_at_once_are_refused(home: Home) -> None:
    with home.locked(), pytest.raises(StackError, match="Another command"):
        down(home)
