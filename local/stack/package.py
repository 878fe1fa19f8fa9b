"""Turns the template and the folders it names into one that CloudFormation can deploy."""

import copy
import hashlib
import importlib.util
import io
import marshal
import os
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from local.artifacts.build import MANIFESTS, carried

from .dependencies import built_dependencies
from .errors import PackageError
from .template import read_template

BUCKET = "payrelay-artifacts"
_TIME = (2020, 1, 1, 0, 0, 0)
_ENDPOINT = "LocalEndpoint"
_UNCHECKED_HASH = b"\1\0\0\0"
_SITE_PACKAGES = f"python/lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages"


@dataclass(frozen=True)
class Archive:
    """Files by the path that they get in a zip; known by their content, not by their time."""

    files: Mapping[str, bytes]

    @property
    def key(self) -> str:
        """The object's name in the artifact bucket."""
        digest = hashlib.sha256(str(sys.implementation.cache_tag).encode())
        for path, content in sorted(self.files.items()):
            digest.update(f"{path}\0{len(content)}\0".encode() + content)
        return f"{digest.hexdigest()}.zip"

    def content(self) -> bytes:
        """The zip: sorted, with one fixed time, and with compiled Python so that a cold start is short."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for path, content in sorted({**self.files, **_compiled(self.files)}.items()):
                entry = zipfile.ZipInfo(path, _TIME)
                entry.external_attr = 0o644 << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, content)
        return packed.getvalue()


@dataclass(frozen=True)
class Document:
    """One file that is uploaded as it is."""

    text: bytes

    @property
    def key(self) -> str:
        """The object's name in the artifact bucket."""
        return f"{hashlib.sha256(self.text).hexdigest()}.json"

    def content(self) -> bytes:
        """The file."""
        return self.text


@dataclass(frozen=True)
class Package:
    """A template that points at artifacts, and the artifacts by their key."""

    template: dict[str, Any]
    artifacts: dict[str, Archive | Document] = field(default_factory=dict)


def package(template: Path, build: Path, unpacked: Path) -> Package:
    """Read the template and everything it names. Raises PackageError for what does not exist.

    Third-party packages are built in `build`, once for all stacks; `unpacked` gets this stack's own modules.
    """
    packaged = Package(_with_greedy_routes(_without_metric_math(copy.deepcopy(read_template(template)))))
    for name, resource in packaged.template["Resources"].items():
        properties = resource.get("Properties", {})
        try:
            match resource.get("Type"):
                case "AWS::Serverless::Function" if _is_local(properties.get("CodeUri")):
                    folder = _folder(template, properties["CodeUri"])
                    properties["CodeUri"] = _location(packaged, _function(template, folder))
                    _publish_with_endpoint(packaged.template, properties)
                case "AWS::Serverless::LayerVersion" if _is_local(properties.get("ContentUri")):
                    folder = _folder(template, properties["ContentUri"])
                    properties["ContentUri"] = _location(packaged, _layer(folder, build, unpacked))
                case "AWS::Serverless::StateMachine" if _is_local(properties.get("DefinitionUri")):
                    text = _file(template, properties["DefinitionUri"]).read_bytes()
                    properties["DefinitionUri"] = _location(packaged, Document(text))
        except PackageError as problem:
            raise PackageError(f"{template.name}, resource {name}: {problem}") from None
    return packaged


def _without_metric_math(template: dict[str, Any]) -> dict[str, Any]:
    """MiniStack refuses an alarm on several metrics; it measures nothing, and so would never ring it."""
    kept = template["Resources"].items()
    template["Resources"] = {name: one for name, one in kept if "Metrics" not in one.get("Properties", {})}
    return template


def _with_greedy_routes(template: dict[str, Any]) -> dict[str, Any]:
    """API Gateway's `/console/{proxy+}` is reached by `/console/`, too; MiniStack's needs one more route."""
    for name, one in list(template["Resources"].items()):
        key = str(one.get("Properties", {}).get("RouteKey", ""))
        if key.endswith("/{proxy+}"):
            own = {**one["Properties"], "RouteKey": key.removesuffix("{proxy+}")}
            template["Resources"][f"{name}OfNothing"] = {**one, "Properties": own}
    return template


def _publish_with_endpoint(template: Mapping[str, Any], properties: dict[str, Any]) -> None:
    """A version for each port of the emulator, which is a parameter, and another one after a start.

    On AWS that parameter is empty for good; the template itself numbers those that are not.
    """
    if _ENDPOINT in template.get("Parameters", {}) and "AutoPublishAlias" in _globals(template):
        own = properties.get("VersionDescription", {"Fn::Sub": ""})["Fn::Sub"]
        properties["VersionDescription"] = {"Fn::Sub": f"{own} at ${{{_ENDPOINT}}}".strip()}


def _globals(template: Mapping[str, Any]) -> Mapping[str, Any]:
    found: Mapping[str, Any] = template.get("Globals", {}).get("Function", {})
    return found


def _is_local(uri: object) -> bool:
    return isinstance(uri, str) and "://" not in uri


def _location(packaged: Package, artifact: Archive | Document) -> dict[str, str]:
    packaged.artifacts[artifact.key] = artifact
    return {"Bucket": BUCKET, "Key": artifact.key}


def _folder(template: Path, uri: str) -> Path:
    folder = (template.parent / uri).resolve()
    if not folder.is_dir():
        raise PackageError(f"the folder {uri} does not exist.")
    return folder


def _file(template: Path, uri: str) -> Path:
    file = (template.parent / uri).resolve()
    if not file.is_file():
        raise PackageError(f"the file {uri} does not exist.")
    return file


def _function(template: Path, folder: Path) -> Archive:
    if (folder / "requirements.txt").exists():
        raise PackageError(f"{folder.name}/requirements.txt: third-party packages belong in a layer.")
    files = {path: data for path, data in _files(folder).items() if path not in MANIFESTS}
    for name in carried(folder):
        files |= {f"{name}/{path}": data for path, data in _files(_folder(template, name)).items()}
    return Archive(files)


def _layer(folder: Path, build: Path, unpacked: Path) -> Archive:
    """What `sam build` makes of a layer (`local/artifacts/`): its modules and its requirements, on the path.

    Other than what is deployed, they are for the Python that runs the stack, and the packages are copied from
    it if it has the pinned ones. And neither is zipped, but named by a path file: the emulator would unpack
    them anew for every worker, which costs up to a second and 40 MB each.
    """
    links = {}
    own = Archive({path: data for path, data in _files(folder).items() if path not in MANIFESTS})
    if own.files:
        links["modules"] = _unpacked(own, unpacked)
    requirements = folder / "requirements.txt"
    if requirements.exists():
        links["dependencies"] = built_dependencies(requirements, build)
    return Archive(
        {
            f"{_SITE_PACKAGES}/{name}.pth": f"import sys; sys.path.insert(0, {str(path)!r})\n".encode()
            for name, path in links.items()
        }
    )


def _unpacked(archive: Archive, unpacked: Path) -> Path:
    """The folder with exactly these files and their compiled twins; written once per content."""
    folder = unpacked / archive.key.removesuffix(".zip")
    if not folder.is_dir():
        draft = folder.with_name(f"{folder.name}.{os.getpid()}")
        for path, content in {**archive.files, **_compiled(archive.files)}.items():
            (draft / path).parent.mkdir(parents=True, exist_ok=True)
            (draft / path).write_bytes(content)
        draft.rename(folder)
    return folder


def _files(folder: Path) -> dict[str, bytes]:
    paths = (path.relative_to(folder) for path in sorted(folder.rglob("*")) if path.is_file())
    kept = (path for path in paths if not any(part.startswith((".", "__pycache__")) for part in path.parts))
    return {path.as_posix(): (folder / path).read_bytes() for path in kept}


def _compiled(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The compiled twin of every Python file, valid whatever time the unpacked source gets (PEP 552)."""
    compiled = {}
    for path, content in files.items():
        if not path.endswith(".py"):
            continue
        try:
            code = compile(content, path, "exec", dont_inherit=True)
        except (SyntaxError, ValueError) as problem:
            raise PackageError(f"{path} does not compile: {problem}") from None
        cached = importlib.util.cache_from_source(PurePosixPath(path).name)
        head = importlib.util.MAGIC_NUMBER + _UNCHECKED_HASH + importlib.util.source_hash(content)
        compiled[str(PurePosixPath(path).parent / cached)] = head + marshal.dumps(code)
    return compiled
