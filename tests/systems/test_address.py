"""Where a credential may be sent."""

import pytest

from payrelay.errors import NeedsAttention
from payrelay.systems.http.address import check_address

HOSTS = ("www.vendor.example", "*.tenants.example")
pytestmark = pytest.mark.requirement("SEC-3")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("https://www.vendor.example", "https://www.vendor.example"),
        ("https://www.vendor.example/", "https://www.vendor.example"),
        ("HTTPS://WWW.Vendor.example/Api/v1//", "https://www.vendor.example/Api/v1"),
        ("https://www.vendor.example:443/v1", "https://www.vendor.example/v1"),
        ("https://acme.tenants.example/v1", "https://acme.tenants.example/v1"),
        ("https://a.b.tenants.example", "https://a.b.tenants.example"),
    ],
)
def test_https_on_an_allowed_host_is_taken(given: str, kept: str) -> None:
    assert check_address("Vendor", given, HOSTS, allow_loopback=False) == kept


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("http://www.vendor.example", "only https"),
        ("https://www.vendor.example:8443", "only https"),
        ("https://evil.example", "not a host of"),
        ("https://www.vendor.example.evil.example", "not a host of"),
        ("https://evilwww.vendor.example", "not a host of"),
        ("https://vendor.example", "not a host of"),
        ("https://tenants.example", "not a host of"),
        ("https://.tenants.example", "not a host of"),
        ("https://xtenants.example", "not a host of"),
        ("https://www.vendor.example@evil.example", "not a plain"),
        ("https://user:pass@www.vendor.example", "not a plain"),
        ("https://evil.example\\@www.vendor.example", "not a plain"),
        ("https://evil.example#@www.vendor.example", "not a plain"),
        ("https://evil.example?www.vendor.example", "not a plain"),
        ("https://www.vendor.example/../admin", "not a plain"),
        ("https://www.vendor.example/v1?key=1", "not a plain"),
        ("https://www.vendor.example/%2e%2e", "not a plain"),
        ("https://www.vendor.example\n", "not a plain"),
        ("https://www。vendor。example", "not a plain"),
        ("ftp://www.vendor.example", "not a plain"),
        ("www.vendor.example", "not a plain"),
        ("", "not a plain"),
        ("https://127.0.0.1", "this machine"),
        ("http://localhost:4700/vendor", "this machine"),
        ("https://[::1]", "this machine"),
        ("https://169.254.169.254", "not a host of"),
        ("https://10.0.0.1", "not a host of"),
        ("https://0x7f000001", "not a host of"),
        ("https://[::ffff:127.0.0.1]", "not a plain"),
    ],
)
def test_any_other_address_is_refused_with_what_is_allowed(given: str, why: str) -> None:
    with pytest.raises(NeedsAttention, match=why) as refusal:
        check_address("Vendor", given, HOSTS, allow_loopback=False)

    assert refusal.value.code == "ADDRESS_NOT_ALLOWED"
    assert "www.vendor.example" in refusal.value.remedy


@pytest.mark.parametrize(
    "given",
    [
        "http://127.0.0.1:4700/simployer/v1",
        "http://localhost:4700",
        "http://[::1]:4700/x",
        "https://127.0.0.1:4700",
        "https://www.vendor.example",
    ],
)
def test_the_local_stack_lets_this_machine_in(given: str) -> None:
    assert check_address("Vendor", given, HOSTS, allow_loopback=True) == given


@pytest.mark.parametrize(
    "given",
    [
        "http://127.0.0.2:4700",
        "http://127.0.0.1.evil.example",
        "http://localhost.evil.example:4700",
        "http://0.0.0.0:4700",
        "http://192.168.0.1",
        "http://www.vendor.example",
        "https://evil.example",
    ],
)
def test_the_local_stack_lets_nothing_else_in(given: str) -> None:
    with pytest.raises(NeedsAttention):
        check_address("Vendor", given, HOSTS, allow_loopback=True)
