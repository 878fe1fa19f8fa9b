"""What a shell needs for the runbook's commands: for the local stack as it wrote it, else as AWS knows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# What the runbook calls the outputs of the stack.
OUTPUTS = {
    "TABLE": "TableName",
    "LOGS": "LogGroup",
    "LETTERS": "DeadLetterQueueUrl",
    "POOL": "UserPoolId",
    "ALARMS": "AlarmsTopic",
}
# The state machines have the region and the account of the alarms' topic.
TOPIC, MACHINES = ":sns:", ":states:"
_ASK = """\
payrelay_outputs=$(aws cloudformation describe-stacks --stack-name payrelay --output text \\
  --query 'Stacks[0].Outputs[].[OutputKey, OutputValue]') \\
  || { echo "payrelay: AWS can't be asked for the stack payrelay: sign in, and see AWS_REGION" >&2; false; }
payrelay_output() { printf '%s\\n' "$payrelay_outputs" | awk -v name="$1" '$1 == name { print $2; found = 1 }
  END { exit !found }' || { echo "payrelay: the stack payrelay has no output $1" >&2; return 1; }; }
"""


def of_local(facts: Mapping[str, Any], role: str | None) -> dict[str, str]:
    """The variables for the running local stack. It takes any keys, but the AWS tool asks for some.

    The AWS tool of PyPI does not heed its endpoint for queues: they need `--endpoint-url`, and so QUEUES.
    """
    region, outputs = str(facts["aws_region"]), dict(facts.get("outputs", {}))
    named = {name: str(outputs[output]) for name, output in OUTPUTS.items() if output in outputs}
    return {
        "AWS_ENDPOINT_URL": str(facts["aws_endpoint_url"]),
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_PAGER": "",
        "PAYRELAY_API": str(facts["api_url"]),
        **({"PAYRELAY_AS": role} if role else {}),
        **named,
        **({"MACHINES": machines(named["ALARMS"])} if "ALARMS" in named else {}),
        "QUEUES": str(facts["aws_endpoint_url"]),
    }


def machines(topic: str) -> str:
    """What the ARN of every state machine begins with."""
    return f"{topic.rpartition(':')[0].replace(TOPIC, MACHINES)}:stateMachine:payrelay"


def of_aws(api: str | None) -> str:
    """The same as lines of shell, which ask AWS: as the engineer, and only with what that shell may see.

    The first thing that is not there ends them with an error; nothing goes on with an empty name.
    """
    asked = [f"{name}=$(payrelay_output {output})" for name, output in OUTPUTS.items()]
    address = f"PAYRELAY_API={api}" if api else 'PAYRELAY_API="${PAYRELAY_API:-$(payrelay_output ApiUrl)}"'
    made = [
        *asked,
        address,
        'MACHINES="$(printf %s "${ALARMS%:*}" | sed s/:sns:/:states:/):stateMachine:payrelay"',
        'QUEUES="https://sqs.$AWS_REGION.amazonaws.com"',
        f"export {' '.join(OUTPUTS)} MACHINES QUEUES PAYRELAY_API AWS_PAGER=",
    ]
    return _ASK + " && \\\n  ".join(made)
