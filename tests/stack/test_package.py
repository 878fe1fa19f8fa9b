"""The template and the folders that it names become zips that any machine makes alike."""

import importlib.metadata
import io
import json
import os
import shutil
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from local.stack.errors import PackageError
from local.stack.package import BUCKET, Package, package

TEMPLATE = """
AWSTemplateFormatVersion: 2010-09-09
Resources:
  Job:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: job/, Layers: [!Ref Layer], Environment: {Variables: {TABLE: !GetAtt Table.Arn}}}
  Layer:
    Type: AWS::Serverless::LayerVersion
    Metadata: {BuildMethod: makefile, ContextPath: local/artifacts}
    Properties: {ContentUri: layer}
  Machine:
    Type: AWS::Serverless::StateMachine
    Properties: {DefinitionUri: machine.json}
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    files = {
        "template.yaml": TEMPLATE,
        "job/job.py": "def handler(event, context):\n    return event\n",
        "job/__pycache__/job.cpython-311.pyc": "stale",
        "layer/shared/__init__.py": "",
        "layer/requirements.txt": f"idna=={importlib.metadata.version('idna')} \\\n    --hash=sha256:0\n",
        "machine.json": "{}",
        "pages/index.html": "hello",
        "pages/.hidden": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path / "template.yaml"


def packaged(source: Path) -> Package:
    return package(source, source.parent / "build", source.parent / "unpacked")


def location(made: Package, resource: str, name: str) -> dict[str, str]:
    place: dict[str, str] = made.template["Resources"][resource]["Properties"][name]
    assert place["Bucket"] == BUCKET
    return place


def unzipped(made: Package, resource: str, name: str) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(made.artifacts[location(made, resource, name)["Key"]].content()))


def test_a_function_is_zipped_with_its_source_and_its_compiled_twin(source: Path) -> None:
    archive = unzipped(packaged(source), "Job", "CodeUri")
    tag = sys.implementation.cache_tag
    assert archive.namelist() == [f"__pycache__/job.{tag}.pyc", "job.py"]
    assert {entry.date_time for entry in archive.infolist()} == {(2020, 1, 1, 0, 0, 0)}
    assert archive.read(f"__pycache__/job.{tag}.pyc") != b"stale"


def test_a_function_has_the_folders_that_it_carries(source: Path) -> None:
    (source.parent / "job/carried.txt").write_text("pages\n")
    names = unzipped(packaged(source), "Job", "CodeUri").namelist()
    assert [name for name in names if not name.endswith(".pyc")] == ["job.py", "pages/index.html"]
    (source.parent / "job/carried.txt").write_text("sheets\n")
    with pytest.raises(PackageError, match="the folder sheets does not exist"):
        packaged(source)


def test_a_greedy_route_is_reached_by_nothing_too(source: Path) -> None:
    """As API Gateway's is, and MiniStack's is not."""
    route = (
        "  Pages: {Type: AWS::ApiGatewayV2::Route, Properties: {ApiId: a, RouteKey: 'GET /pages/{proxy+}'}}\n"
    )
    source.write_text(TEMPLATE + route)
    kept = packaged(source).template["Resources"]
    of_routes = [one["Properties"] for name, one in kept.items() if name.startswith("Pages")]
    assert of_routes == [{"ApiId": "a", "RouteKey": f"GET /pages/{rest}"} for rest in ("{proxy+}", "")]


def test_the_key_follows_the_content_and_not_the_time(source: Path) -> None:
    code = source.parent / "job/job.py"
    first = location(packaged(source), "Job", "CodeUri")
    os.utime(code, (1, 1))
    assert location(packaged(source), "Job", "CodeUri") == first
    code.write_text("handler = print\n")
    assert location(packaged(source), "Job", "CodeUri") != first


def test_a_layer_has_its_modules_and_its_pinned_packages_on_the_path(source: Path) -> None:
    archive = unzipped(packaged(source), "Layer", "ContentUri")
    links = {Path(name).name: name for name in archive.namelist()}
    assert set(links) == {"modules.pth", "dependencies.pth"}
    assert all(Path(name).parent.name == "site-packages" for name in links.values())
    own, built = (
        Path(archive.read(links[name]).decode().split("'")[1]) for name in ("modules.pth", "dependencies.pth")
    )
    assert sorted(path.name for path in own.rglob("*") if path.is_file()) == [
        f"__init__.{sys.implementation.cache_tag}.pyc",
        "__init__.py",
    ]
    assert (built / "idna/__init__.py").is_file()
    assert [path.name for path in built.iterdir() if path.suffix != ".dist-info"] == ["idna"]


def test_dependencies_that_were_cleaned_away_are_built_again(source: Path) -> None:
    packaged(source)
    built = next((source.parent / "build/dependencies").iterdir())
    shutil.rmtree(built)
    packaged(source)
    assert (built / "idna/__init__.py").is_file()


def test_a_state_machine_is_uploaded_as_its_file(source: Path) -> None:
    made = packaged(source)
    assert made.artifacts[location(made, "Machine", "DefinitionUri")["Key"]].content() == b"{}"


def test_short_tags_are_spelled_out_and_dates_stay_as_written(source: Path) -> None:
    template: dict[str, Any] = json.loads(json.dumps(packaged(source).template))
    assert template["AWSTemplateFormatVersion"] == "2010-09-09"
    job = template["Resources"]["Job"]["Properties"]
    assert job["Layers"] == [{"Ref": "Layer"}]
    assert job["Environment"]["Variables"] == {"TABLE": {"Fn::GetAtt": ["Table", "Arn"]}}


@pytest.mark.parametrize(
    ("named", "instead", "told"),
    [
        ("job/", "jobs/", "template.yaml, resource Job: the folder jobs/ does not exist."),
        ("ContentUri: layer", "ContentUri: lair", "template.yaml, resource Layer: the folder lair does not"),
        ("machine.json", "no.json", "template.yaml, resource Machine: the file no.json does not exist."),
    ],
)
def test_a_path_that_does_not_exist_is_told(source: Path, named: str, instead: str, told: str) -> None:
    source.write_text(TEMPLATE.replace(named, instead))
    with pytest.raises(PackageError, match=told):
        packaged(source)


def test_code_that_does_not_compile_is_told(source: Path) -> None:
    (source.parent / "job/job.py").write_text("def handler(:\n")
    with pytest.raises(PackageError, match=r"job\.py does not compile"):
        unzipped(packaged(source), "Job", "CodeUri")


def test_third_party_packages_beside_a_function_are_refused(source: Path) -> None:
    (source.parent / "job/requirements.txt").write_text("idna\n")
    with pytest.raises(PackageError, match="third-party packages belong in a layer"):
        packaged(source)
