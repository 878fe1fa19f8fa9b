"""Who reaches which secrets: the sessions through which the credentials of connections are touched (SEC-2).

No role of the stack reads the secrets of all tenants and kinds. A function of a flow has, by its own role,
those of its flow's kind of connection. The API serves all kinds: it takes a role in the name of one tenant
and one kind, and what it reaches then is theirs.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from botocore.session import Session

from payrelay.errors import RetryLater
from payrelay.runtime.clients import HASTE

# A function is in a role itself, and whoever takes a second one from there has it for an hour at most.
LASTS_SECONDS = 3600
# No session is given out that might end before the call which asks for it does.
SPARE_SECONDS = 300
# Sessions that are kept; each has clients of its own.
KEPT = 32
SESSION_NAME = "payrelay"
DENIED = "AccessDenied"
DENIED_SECONDS, BUSY_SECONDS = 60, 10


class Vault:
    """Takes a role with tags, a session for each set; without a role the own session is all there is."""

    def __init__(
        self,
        own: boto3.Session,
        role: str,
        *,
        sts: Any = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._own, self._role, self._sts, self._now = own, role, sts, now
        # By their tags: until when they are given out, and the sessions; those used last are at the end.
        self._kept: OrderedDict[tuple[tuple[str, str], ...], tuple[float, boto3.Session]] = OrderedDict()

    def session(self, **tags: str) -> boto3.Session:
        """A session that reaches what its tags name, and nothing else.

        RetryLater when AWS does not give one.
        """
        if not self._role:
            return self._own
        whose = tuple(sorted(tags.items()))
        until, session = self._kept.pop(whose, (0.0, None))
        if session is None or self._now() >= until:
            given = self._taken(tags)
            until, session = given["Expiration"].timestamp() - SPARE_SECONDS, self._session_of(given)
        self._kept[whose] = until, session
        if len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return session

    def _taken(self, tags: Mapping[str, str]) -> Any:
        if self._sts is None:
            self._sts = self._own.client("sts", config=HASTE)
        try:
            answer = self._sts.assume_role(
                RoleArn=self._role,
                RoleSessionName=SESSION_NAME,
                DurationSeconds=LASTS_SECONDS,
                Tags=[{"Key": name, "Value": value} for name, value in tags.items()],
            )
        except ClientError as error:
            raise self._refused(error.response["Error"]["Code"]) from error
        except BotoCoreError as error:
            raise RetryLater(
                "payrelay", "AWS STS does not answer", seconds=BUSY_SECONDS, named=True
            ) from error
        return answer["Credentials"]

    def _refused(self, code: str) -> RetryLater:
        """Not given: for those who run Payrelay, what to do then; for everybody else, when to try again."""
        if code == DENIED:
            said = (
                "AWS does not let Payrelay open its stored credentials. Just after a deployment that ends by "
                "itself within a minute; else whoever runs Payrelay deploys its template again"
            )
            return RetryLater("payrelay", said, seconds=DENIED_SECONDS, named=True, code=code)
        return RetryLater(
            "payrelay", f"AWS STS is busy ({code})", seconds=BUSY_SECONDS, named=True, code=code
        )

    def _session_of(self, given: Any) -> boto3.Session:
        core = Session()
        # What describes the services is read once for all sessions: it is most of what a client costs.
        own: Session = self._own._session
        core.register_component("data_loader", own.get_component("data_loader"))
        return boto3.Session(
            aws_access_key_id=given["AccessKeyId"],
            aws_secret_access_key=given["SecretAccessKey"],
            aws_session_token=given["SessionToken"],
            region_name=self._own.region_name,
            botocore_session=core,
        )
