"""Creates or updates the CloudFormation stack in MiniStack from a packaged template."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, cast

from botocore.exceptions import ClientError

from .clients import REGION, client
from .errors import DeployError
from .package import BUCKET, Package

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_cloudformation.type_defs import StackTypeDef
    from mypy_boto3_s3 import S3Client

STACK = "payrelay"
_CAPITALS = "NamesMindCapitals"
_DONE = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
_UPDATABLE = _DONE | {"UPDATE_ROLLBACK_COMPLETE"}
_SECONDS = 300
_NO_CHANGE = "No updates are to be performed"


def deploy(
    endpoint: str, packaged: Package, parameters: Mapping[str, str], say: Callable[[str], None]
) -> dict[str, str]:
    """Bring the stack to the template and answer its outputs; quick when nothing changed.

    Raises DeployError with every failed resource and its reason.
    """
    cloudformation: CloudFormationClient = client("cloudformation", endpoint)
    stack = _stack(cloudformation)
    if stack and stack["StackStatus"] not in _UPDATABLE:
        cloudformation.delete_stack(StackName=STACK)
        stack = _wait(cloudformation)
    if stack and _is_current(cloudformation, stack, packaged, parameters):
        say("The template has not changed.")
        return _outputs(stack)
    parameters = {**parameters, **_of_its_pool(cloudformation, stack)}
    began = time.monotonic()
    url = _upload(client("s3", endpoint), endpoint, packaged)
    try:
        (cloudformation.update_stack if stack else cloudformation.create_stack)(
            StackName=STACK,
            TemplateURL=url,
            Capabilities=["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
            Parameters=[
                {"ParameterKey": name, "ParameterValue": value} for name, value in parameters.items()
            ],
        )
    except ClientError as problem:
        if _NO_CHANGE not in str(problem):
            raise DeployError(f"CloudFormation refused the template: {problem}") from None
    settled = _wait(cloudformation)
    if settled is None or settled["StackStatus"] not in _DONE:
        raise DeployError(_failures(cloudformation, settled))
    say(f"{'Updated' if stack else 'Deployed'} the template in {time.monotonic() - began:.1f} s.")
    return _outputs(settled)


def _of_its_pool(cloudformation: CloudFormationClient, stack: StackTypeDef | None) -> dict[str, str]:
    """What a kept stack has to be told whose user pool is from before names stopped minding capitals."""
    if stack is None:
        return {}
    body: Any = cloudformation.get_template(StackName=STACK, TemplateStage="Original")["TemplateBody"]
    held = {entry["ParameterKey"]: entry["ParameterValue"] for entry in stack.get("Parameters", [])}
    resources = (body if isinstance(body, dict) else json.loads(body))["Resources"]
    pool = resources.get("UserPool", {}).get("Properties", {"UsernameConfiguration": {}})
    minds = "UsernameConfiguration" not in pool or held.get(_CAPITALS) == "yes"
    return {_CAPITALS: "yes"} if minds else {}


def _is_current(
    cloudformation: CloudFormationClient,
    stack: StackTypeDef,
    packaged: Package,
    parameters: Mapping[str, str],
) -> bool:
    """True when CloudFormation holds this very template and these parameters."""
    if stack["StackStatus"] not in _DONE:
        return False
    held = {entry["ParameterKey"]: entry["ParameterValue"] for entry in stack.get("Parameters", [])}
    if any(held.get(name) != value for name, value in parameters.items()):
        return False
    body: Any = cloudformation.get_template(StackName=STACK, TemplateStage="Original")["TemplateBody"]
    return bool(_document(packaged) == (json.dumps(body, sort_keys=True) if isinstance(body, dict) else body))


def _document(packaged: Package) -> str:
    return json.dumps(packaged.template, sort_keys=True)


def _upload(s3: S3Client, endpoint: str, packaged: Package) -> str:
    """Put the artifacts that are new, and the template; the template's address."""
    try:
        s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": cast(Any, REGION)})
    except ClientError as problem:
        if problem.response["Error"]["Code"] != "BucketAlreadyOwnedByYou":
            raise
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=BUCKET)
    there = {entry["Key"] for page in pages for entry in page.get("Contents", [])}
    for key, artifact in packaged.artifacts.items():
        if key not in there:
            s3.put_object(Bucket=BUCKET, Key=key, Body=artifact.content())
    s3.put_object(Bucket=BUCKET, Key="template.json", Body=_document(packaged).encode())
    return f"{endpoint}/{BUCKET}/template.json"


def _stack(cloudformation: CloudFormationClient) -> StackTypeDef | None:
    try:
        return cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]
    except ClientError as problem:
        if "does not exist" in str(problem):
            return None
        raise


def _wait(cloudformation: CloudFormationClient) -> StackTypeDef | None:
    deadline = time.monotonic() + _SECONDS
    while (stack := _stack(cloudformation)) and stack["StackStatus"].endswith("_IN_PROGRESS"):
        if time.monotonic() > deadline:
            raise DeployError(f"The stack is still {stack['StackStatus']} after {_SECONDS} seconds.")
        time.sleep(0.1)
    return stack


def _outputs(stack: StackTypeDef) -> dict[str, str]:
    return {output["OutputKey"]: output["OutputValue"] for output in stack.get("Outputs", [])}


def _failures(cloudformation: CloudFormationClient, stack: StackTypeDef | None) -> str:
    """Each failed resource with its reason: what was found before the work began, and during it."""
    if stack is None:
        return "The stack is gone."
    before = (
        (event.get("LogicalResourceId"), event.get("ResourceType"), event["ValidationStatusReason"])
        for event in cloudformation.describe_events(StackName=STACK)["OperationEvents"]
        if "ValidationStatusReason" in event
    )
    during = (
        (event["LogicalResourceId"], event.get("ResourceType"), event.get("ResourceStatusReason"))
        for event in cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
        if event.get("ResourceStatus", "").endswith("_FAILED")
    )
    lines = [f"  {name} ({kind}): {reason}" for name, kind, reason in (*before, *during)]
    return "\n".join([f"The stack is {stack['StackStatus']}.", *lines])
