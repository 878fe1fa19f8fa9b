"""The console's libraries are the released files that its list names, with their licences."""

from __future__ import annotations

import pytest

from local.console.vendored import LIST, VENDOR, digest, vendored


@pytest.mark.parametrize("file", vendored(), ids=lambda file: file["file"])
def test_a_library_is_the_file_that_was_released(file: dict[str, str]) -> None:
    assert digest((VENDOR / file["file"]).read_bytes()) == file["sha256"]


def test_every_vendored_file_is_in_the_list() -> None:
    there = {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.is_file()}
    assert there - {LIST.name} == {file["file"] for file in vendored()}


@pytest.mark.parametrize("package", sorted({file["package"] for file in vendored()}))
def test_a_library_has_its_licence_beside_it(package: str) -> None:
    assert any("LICENSE" in file["file"] for file in vendored() if file["package"] == package)
