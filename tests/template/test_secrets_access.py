"""Who reaches which secrets, as IAM reads the policies (SEC-2): nobody all of them."""

from __future__ import annotations

import re

import pytest

from payrelay.flows.catalog import KINDS, Kind
from payrelay.systems.registry import SYSTEMS
from tests.template import iam
from tests.template.aws_calls import walk
from tests.template.iam import SECRETS, allows, length, trusts
from tests.template.stack_template import FUNCTIONS, environment, policies_of, resources, role_of

pytestmark = pytest.mark.requirement("SEC-2")

ROLES = sorted(resources("AWS::IAM::Role"))
FOLDERS = {name: properties["CodeUri"].removeprefix("functions/") for name, properties in FUNCTIONS.items()}
KIND_OF = {
    name: kind.name for name, folder in FOLDERS.items() for kind in KINDS.values() if folder in kind.flows
}
FLOW_ROLES = {role_of(name): kind for name, kind in KIND_OF.items()}
READ, KEY = "secretsmanager:GetSecretValue", "arn:Key"
# What moving a secret takes, and what only people do, through the API.
MOVE = [READ, "secretsmanager:CreateSecret", "secretsmanager:RestoreSecret"]
CHANGE = ["secretsmanager:PutSecretValue", "secretsmanager:DeleteSecret"]
# What AWS puts behind the name of a secret.
SUFFIX = "-AbCdEf"


def secret(kind: str, tenant: str = "demo") -> str:
    return f"{SECRETS}-connections/{kind}/{tenant}/con_01J{SUFFIX}"


def old(tenant: str) -> str:
    return f"{SECRETS}/{tenant}/con_01J{SUFFIX}"


def renewing(kind: Kind) -> set[str]:
    """The systems of a kind whose tokens renew themselves."""
    return {name for name in kind.every_system if SYSTEMS[name].oauth or SYSTEMS[name].session}


def meets_old(function: str) -> bool:
    """Whether a function may meet a secret under its name of before."""
    return any(piece.name == "old_vault" for piece in walk(function).reached)


@pytest.mark.parametrize("role", sorted(FLOW_ROLES))
@pytest.mark.parametrize("kind", KINDS)
def test_a_flow_reads_the_secrets_of_its_own_kind_and_of_no_other(role: str, kind: str) -> None:
    assert {allows(role, action, secret(kind)) for action in MOVE} == {FLOW_ROLES[role] == kind}
    assert not [action for action in CHANGE if allows(role, action, secret(kind))]
    assert not [action for action in MOVE + CHANGE if allows(role, action, old("demo"))]


def test_no_role_serves_the_flows_of_two_kinds() -> None:
    for role, kind in FLOW_ROLES.items():
        assert {KIND_OF.get(name) for name in FUNCTIONS if role_of(name) == role} == {kind}


@pytest.mark.parametrize("role", [role for role in ROLES if role not in FLOW_ROLES])
def test_whoever_serves_all_kinds_reads_the_secrets_of_none_by_its_own_role(role: str) -> None:
    assert not [kind for kind in KINDS if allows(role, READ, secret(kind))]
    assert not allows(role, READ, old("demo"))


def tags(tenant: str, kind: str | None = None) -> dict[str, str]:
    found = {"aws:PrincipalTag/tenant": tenant}
    return found if kind is None else {**found, "aws:PrincipalTag/kind": kind}


def sealing(system: str, tenant: str = "demo") -> dict[str, str]:
    """The context under which a token is encrypted."""
    return {
        f"kms:EncryptionContext:{name}": value for name, value in (("system", system), ("tenant", tenant))
    }


@pytest.mark.parametrize("action", MOVE + CHANGE)
def test_a_session_of_the_api_reaches_one_tenants_secrets_of_one_kind(action: str) -> None:
    one = tags("demo", "simployer_xledger")
    assert allows("ConnectionsRole", action, secret("simployer_xledger"), one)
    # A name that begins with the tenant's is another's.
    for tenant in ("acme", "demo2", "dem"):
        assert not allows("ConnectionsRole", action, secret("simployer_xledger", tenant), one)
    for kind in set(KINDS) - {"simployer_xledger"}:
        assert not allows("ConnectionsRole", action, secret(kind), one)
    assert not allows("ConnectionsRole", action, old("demo"), one)


def test_a_session_for_old_names_reaches_those_of_one_tenant_and_moves_them() -> None:
    for action in MOVE + CHANGE:
        may = action in ("secretsmanager:GetSecretValue", "secretsmanager:DeleteSecret")
        assert allows("OldCredentialsRole", action, old("demo"), tags("demo")) == may
        assert not allows("OldCredentialsRole", action, old("demo2"), tags("demo"))
        assert not allows("OldCredentialsRole", action, secret("simployer_xledger"), tags("demo"))


FULL = {"tenant": "demo", "kind": "simployer_xledger"}
SESSIONS = [
    ("ConnectionsRole", FULL, True),
    ("ConnectionsRole", {}, False),
    ("ConnectionsRole", {"tenant": "demo"}, False),
    ("ConnectionsRole", {"kind": "simployer_xledger"}, False),
    ("ConnectionsRole", {**FULL, "kind": "*"}, False),
    ("ConnectionsRole", {**FULL, "more": "demo"}, False),
    ("OldCredentialsRole", {"tenant": "demo"}, True),
    ("OldCredentialsRole", {}, False),
    ("OldCredentialsRole", FULL, False),
]


@pytest.mark.parametrize(("role", "named", "given"), SESSIONS)
@pytest.mark.parametrize("action", ["sts:AssumeRole", "sts:TagSession"])
def test_a_role_for_credentials_is_taken_only_under_its_tags(
    role: str, named: dict[str, str], given: bool, action: str
) -> None:
    context: dict[str, str | list[str]] = {f"aws:RequestTag/{name}": value for name, value in named.items()}
    if named:
        context["aws:TagKeys"] = list(named)
    assert trusts(role, "arn:ApiRole", action, context) == given


@pytest.mark.parametrize("role", ROLES)
def test_only_who_meets_such_credentials_may_take_a_role_for_them(role: str) -> None:
    functions = [name for name in FUNCTIONS if role_of(name) == role]
    takers = {
        "ConnectionsRole": [one for one in functions if "CONNECTIONS_ROLE_ARN" in environment(one)],
        "OldCredentialsRole": [one for one in functions if meets_old(one)],
    }
    for name, named in (("ConnectionsRole", FULL), ("OldCredentialsRole", {"tenant": "demo"})):
        context: dict[str, str | list[str]] = {f"aws:RequestTag/{tag}": text for tag, text in named.items()}
        context["aws:TagKeys"] = list(named)
        for action in ("sts:AssumeRole", "sts:TagSession"):
            assert trusts(name, f"arn:{role}", action, context) == bool(takers[name])
            assert allows(role, action, f"arn:{name}") == bool(takers[name])
        assert not trusts(name, "lambda.amazonaws.com", "sts:AssumeRole", context)


def test_the_api_may_ask_for_each_kind_there_is() -> None:
    for kind in KINDS:
        context = {"aws:RequestTag/tenant": "demo", "aws:RequestTag/kind": kind}
        assert trusts("ConnectionsRole", "arn:ApiRole", "sts:AssumeRole", context)


@pytest.mark.parametrize("role", ROLES)
def test_the_key_is_used_through_the_services_that_keep_the_state_or_for_tokens_of_the_own_kind(
    role: str,
) -> None:
    for action in ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey"):
        assert not allows(role, action, KEY), "without a service and without a system"
        assert not allows(role, action, KEY, {"kms:ViaService": "sqs.eu-north-1.amazonaws.com"})
    for kind in KINDS.values():
        for system in kind.every_system:
            may = FLOW_ROLES.get(role) == kind.name and system in renewing(kind)
            for action in ("kms:Decrypt", "kms:Encrypt"):
                assert allows(role, action, KEY, sealing(system)) == may, f"{action} of {system}"


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_a_session_of_the_api_seals_tokens_of_its_tenant_and_kind(kind: Kind) -> None:
    for system in {name for one in KINDS.values() for name in one.every_system}:
        for tenant in ("demo", "acme"):
            about = {**tags("demo", kind.name), **sealing(system, tenant)}
            may = tenant == "demo" and system in renewing(kind)
            for action in ("kms:Decrypt", "kms:Encrypt"):
                assert allows("ConnectionsRole", action, KEY, about) == may


def test_the_secrets_of_webhooks_are_opened_by_who_checks_signatures_and_who_makes_them() -> None:
    about = sealing("login_hook")
    assert [role for role in ROLES if allows(role, "kms:Decrypt", KEY, about)] == ["LoginHookRole"]
    for kind in KINDS.values():
        may = kind.login_flow is not None
        assert allows("ConnectionsRole", "kms:Decrypt", KEY, {**tags("demo", kind.name), **about}) == may


@pytest.mark.parametrize("role", ROLES)
def test_roles_and_policies_are_within_the_limits_of_iam(role: str) -> None:
    properties = resources("AWS::IAM::Role")[role]
    assert len(policies_of(role)) <= 10
    assert length(properties["AssumeRolePolicyDocument"]) <= 2048
    assert sum(length(policy["PolicyDocument"]) for policy in properties.get("Policies", ())) <= 10_240
    for name in policies_of(role):
        assert length(resources("AWS::IAM::ManagedPolicy")[name]["PolicyDocument"]) <= 6144, name


def test_names_of_tenants_and_kinds_may_stand_in_a_tag() -> None:
    # Letters, blanks, digits and these signs; none that a pattern of a policy reads as a wildcard.
    allowed = r"[A-Za-z0-9 _.:/=+\-@]{1,256}"
    for name in [*KINDS, "A-tenant_0" * 6]:
        assert re.fullmatch(allowed, name)
    assert iam.covers("${aws:PrincipalTag/tenant}", "demo", {"aws:PrincipalTag/tenant": "*"}) is False
