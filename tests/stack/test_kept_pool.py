"""A kept stack whose user pool is from before names stopped minding capitals goes on with it (aws 18)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from local.stack.deploy import _of_its_pool

FRESH = {"UsernameConfiguration": {"Fn::If": []}}


class CloudFormation:
    """Has the template of a stack."""

    def __init__(self, resources: dict[str, Any]) -> None:
        self.body = json.dumps({"Resources": resources})

    def get_template(self, **_: str) -> dict[str, str]:
        return {"TemplateBody": self.body}


@pytest.mark.parametrize(
    ("resources", "held", "told"),
    [
        ({"UserPool": {"Properties": {}}}, None, {"NamesMindCapitals": "yes"}),
        ({"UserPool": {"Properties": FRESH}}, None, {}),
        ({"UserPool": {"Properties": FRESH}}, "yes", {"NamesMindCapitals": "yes"}),
        ({"UserPool": {"Properties": FRESH}}, "no", {}),
        ({"Table": {}}, None, {}),
    ],
    ids=["older", "newer", "older-again", "newer-again", "no-pool"],
)
def test_a_kept_pool_is_not_asked_to_change_what_it_can_not(
    resources: dict[str, Any], held: str | None, told: dict[str, str]
) -> None:
    parameters = [{"ParameterKey": "NamesMindCapitals", "ParameterValue": held}] if held else []
    stack: Any = {"Parameters": parameters}
    client: Any = CloudFormation(resources)
    assert _of_its_pool(client, stack) == told
    assert _of_its_pool(client, None) == {}
