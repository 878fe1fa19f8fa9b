"""Those who run Payrelay, on the running stack: whose run failed, and access to that tenant alone."""

import pytest

from local.stack.stack import Stack
from tests.worlds.user import User, calm, faults

pytestmark = [
    pytest.mark.stack,
    pytest.mark.requirement("OPS-4", "CON-4", "CON-5"),
]
KIND = "simployer_xledger"


def test_a_failed_run_is_found_by_the_service_which_takes_access_and_gives_it_back(stack: Stack) -> None:
    """(oncall OC-35)"""
    admin, service, other = User(stack), User(stack, "service"), User(stack, "other_tenant_admin")
    connection = stack.facts["connections"][KIND]
    try:
        faults(stack, "xledger", error_rate=1, errors=["token"])
        run = admin.follow(admin.start(connection))
    finally:
        calm(stack, "xledger")
        admin("POST", f"/connections/{connection}/connect")
    assert other("GET", "/service/failures").status_code == 403
    found = service("GET", "/service/failures").json()["items"]
    (mine,) = [one for one in found if one["run_id"] == run["run_id"]]
    assert (mine["tenant"], mine["kind"], mine["status"]) == ("demo", KIND, "failed")

    assert service("GET", f"/runs/{run['run_id']}").status_code == 403
    taken = service("POST", "/service/access", {"tenant": "demo", "reason": mine["code"], "hours": 1})
    assert taken.status_code == 201
    assert service("GET", f"/runs/{run['run_id']}").json()["status"] == "failed"
    assert admin("GET", "/service/access").json()["items"][0]["who"] == "service@payrelay.example"
    assert admin("DELETE", "/service/access").status_code == 204
    assert service("GET", f"/runs/{run['run_id']}").status_code == 403
    trail = admin("GET", f"/connections/{connection}/changes").json()["items"]
    assert [one["act"] for one in trail[:3]] == ["access_ended", "called", "access_taken"]
