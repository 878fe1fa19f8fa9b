"""How `sam build` makes the template's layers and functions: by one makefile, which any Python can follow."""

from __future__ import annotations

import re

from local.artifacts.runtime import VERSION
from tests.conftest import ROOT
from tests.template.stack_template import FUNCTIONS, GLOBALS, resources, template


def test_everything_is_built_by_the_one_makefile_and_so_from_any_python() -> None:
    """(aws 10) SAM's own method refuses to build without the template's Python on the path."""
    built = (*FUNCTIONS, *resources("AWS::Serverless::LayerVersion"))
    methods = {name: template()["Resources"][name].get("Metadata") for name in built}
    wanted = {"BuildMethod": "makefile", "ContextPath": "local/artifacts"}
    assert {name: method for name, method in methods.items() if method != wanted} == {}
    assert (ROOT / wanted["ContextPath"] / "Makefile").is_file()


def test_what_is_built_is_for_the_python_of_the_template() -> None:
    """(aws 10)"""
    assert GLOBALS["Runtime"] == f"python{VERSION}"
    assert GLOBALS["Architectures"] == ["x86_64"]


def test_a_package_is_wanted_whatever_python_builds() -> None:
    """(aws 10) pip judges markers by the Python that runs it, and not by the one it installs for."""
    pins = (ROOT / "layers/dependencies/requirements.txt").read_text()
    assert (
        re.findall(r"(python_\w*version|sys_platform|platform_machine|platform_system|os_name)", pins) == []
    )
