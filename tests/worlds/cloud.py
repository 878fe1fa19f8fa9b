"""Services of AWS in this process, behind botocore's own clients, which check and pack every call.

No call goes on to HTTP, so that one takes a tenth of a millisecond; moto takes twenty times that, and a new
key of its KMS as long as a whole test. `tests/runtime/test_cloud.py` holds these services to moto's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from botocore import xform_name
from botocore.exceptions import ClientError
from moto.core.models import botocore_stubber

from tests.worlds.kms import Kms, refusal

ACCOUNT = "eu-north-1:123456789012"
Answer = dict[str, Any]


class Secrets:
    """Secrets Manager: names, texts, and secrets that are to be deleted.

    The name of one that is to be deleted is refused as AWS refuses it; moto says that it is taken.
    """

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._going: dict[str, datetime] = {}

    def create_secret(self, *, Name: str, SecretString: str) -> Answer:  # noqa: N803
        if Name in self._texts:
            raise refusal("InvalidRequestException" if Name in self._going else "ResourceExistsException")
        self._texts[Name] = SecretString
        return self._about(Name)

    def put_secret_value(self, *, SecretId: str, SecretString: str) -> Answer:  # noqa: N803
        self._there(SecretId)
        self._texts[SecretId] = SecretString
        return self._about(SecretId)

    def get_secret_value(self, *, SecretId: str) -> Answer:  # noqa: N803
        return {**self._about(self._there(SecretId)), "SecretString": self._texts[SecretId]}

    def describe_secret(self, *, SecretId: str) -> Answer:  # noqa: N803
        if SecretId not in self._texts:
            raise refusal("ResourceNotFoundException")
        return self._about(SecretId)

    def list_secrets(self, *, IncludePlannedDeletion: bool = False) -> Answer:  # noqa: N803
        names = [name for name in self._texts if IncludePlannedDeletion or name not in self._going]
        return {"SecretList": [self._about(name) for name in names]}

    def delete_secret(
        self,
        *,
        SecretId: str,  # noqa: N803
        RecoveryWindowInDays: int | None = None,  # noqa: N803
        ForceDeleteWithoutRecovery: bool = False,  # noqa: N803
    ) -> Answer:
        days = RecoveryWindowInDays
        if days is not None and (ForceDeleteWithoutRecovery or not 7 <= days <= 30):
            raise refusal("InvalidParameterException")
        if ForceDeleteWithoutRecovery:
            self._texts.pop(SecretId, None)
            self._going.pop(SecretId, None)
            return {"Name": SecretId, "DeletionDate": datetime.now(UTC)}
        self._going[self._there(SecretId)] = gone = datetime.now(UTC) + timedelta(days=days or 30)
        return {"Name": SecretId, "DeletionDate": gone}

    def restore_secret(self, *, SecretId: str) -> Answer:  # noqa: N803
        self.describe_secret(SecretId=SecretId)
        self._going.pop(SecretId, None)
        return self._about(SecretId)

    def _there(self, name: str) -> str:
        if name not in self._texts:
            raise refusal("ResourceNotFoundException")
        if name in self._going:
            raise refusal("InvalidRequestException")
        return name

    def _about(self, name: str) -> Answer:
        deleted = {"DeletedDate": self._going[name]} if name in self._going else {}
        return {"Name": name, **deleted}


class Scheduler:
    """EventBridge Scheduler: what was put into its groups; nothing is started."""

    def __init__(self, *groups: str) -> None:
        self._groups: dict[str, dict[str, Answer]] = {group: {} for group in groups}

    def create_schedule(self, **wanted: Any) -> Answer:
        group, name = self._group(wanted["GroupName"]), wanted["Name"]
        if name in group:
            raise refusal("ConflictException")
        group[name] = self._put(wanted)
        return {"ScheduleArn": group[name]["Arn"]}

    def update_schedule(self, **wanted: Any) -> Answer:
        group, name = self._group(wanted["GroupName"]), wanted["Name"]
        self.get_schedule(GroupName=wanted["GroupName"], Name=name)
        group[name] = self._put(wanted)
        return {"ScheduleArn": group[name]["Arn"]}

    def get_schedule(self, *, GroupName: str, Name: str) -> Answer:  # noqa: N803
        found = self._group(GroupName).get(Name)
        if found is None:
            raise refusal("ResourceNotFoundException")
        return dict(found)

    def delete_schedule(self, *, GroupName: str, Name: str) -> Answer:  # noqa: N803
        self.get_schedule(GroupName=GroupName, Name=Name)
        del self._group(GroupName)[Name]
        return {}

    def list_schedules(self, *, GroupName: str) -> Answer:  # noqa: N803
        return {"Schedules": [dict(one) for one in reversed(self._group(GroupName).values())]}

    def _group(self, name: str) -> dict[str, Answer]:
        if name not in self._groups:
            raise refusal("ResourceNotFoundException")
        return self._groups[name]

    @staticmethod
    def _put(wanted: Mapping[str, Any]) -> Answer:
        """A schedule is replaced as a whole: what a call leaves out is as it is usually."""
        arn = f"arn:aws:scheduler:{ACCOUNT}:schedule/{wanted['GroupName']}/{wanted['Name']}"
        return {"State": "ENABLED", **wanted, "Arn": arn}


class Buses:
    """EventBridge: takes events for the buses that there are."""

    def __init__(self, *names: str) -> None:
        self._names = names
        self.events: list[Answer] = []

    def put_events(self, *, Entries: list[Answer]) -> Answer:  # noqa: N803
        assert all(entry["EventBusName"] in self._names for entry in Entries), Entries
        self.events += Entries
        return {"FailedEntryCount": 0, "Entries": [{"EventId": str(n)} for n, _ in enumerate(Entries)]}


class Queue:
    """SQS: what was sent to the one queue that there is."""

    def __init__(self, url: str) -> None:
        self._url = url
        self.sent: list[str] = []

    def send_message(self, *, QueueUrl: str, MessageBody: str, **_: Any) -> Answer:  # noqa: N803
        if QueueUrl != self._url:
            raise refusal("AWS.SimpleQueueService.NonExistentQueue")
        self.sent.append(MessageBody)
        return {"MessageId": str(len(self.sent))}


class Cloud:
    """One account: a service for each name of a client. Those that a test takes out are moto's."""

    def __init__(self, *, bus: str, group: str, queue: str) -> None:
        self.services: dict[str, Any] = {
            "sqs": Queue(queue),
            "kms": Kms(),
            "secretsmanager": Secrets(),
            "scheduler": Scheduler(group),
            "events": Buses(bus),
        }


# What botocore adds to a call, so that the service knows it when it comes again.
_OF_BOTOCORE = ("ClientToken", "ClientRequestToken")
# The accounts that the clients reach: the one that was made last.
_CLOUDS: list[Cloud] = []


@contextmanager
def cloud(*, bus: str = "", group: str = "", queue: str = "") -> Iterator[Cloud]:
    """An account of its own, which all clients of the tests reach."""
    made = Cloud(bus=bus, group=group, queue=queue)
    _CLOUDS.append(made)
    try:
        yield made
    finally:
        _CLOUDS.remove(made)


def this_cloud() -> Cloud:
    """The account that the clients reach."""
    return _CLOUDS[-1]


def answered_here(client: Any) -> Any:
    """This client, whose calls the account answers, if it has the service, and the network never does."""
    events = client.meta.events
    events.register_last("before-parameter-build", _keep)
    events.register_last("before-call", _answer)
    events.register_last("before-send", _refuse)
    return client


def _keep(params: Any, context: Any, **_: Any) -> None:
    context["asked"] = {name: value for name, value in params.items() if name not in _OF_BOTOCORE}


def _answer(model: Any, context: Any, **_: Any) -> tuple[Any, Answer] | None:
    service = _CLOUDS[-1].services.get(model.service_model.service_name) if _CLOUDS else None
    if service is None:
        return None
    try:
        return SimpleNamespace(status_code=200), getattr(service, xform_name(model.name))(**context["asked"])
    except ClientError as error:
        return SimpleNamespace(status_code=400), dict(error.response)


def _refuse(request: Any, **_: Any) -> None:
    if not botocore_stubber.enabled:
        raise AssertionError(f"a test calls AWS itself: {request.method} {request.url}")
