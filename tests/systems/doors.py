"""A door to a vendor that exists in tests only."""

from __future__ import annotations

from payrelay.domain.sensitive import Secret
from payrelay.systems.http.answers import Answer
from payrelay.systems.http.door import Door, DoorOptions
from tests.systems.loopback import reply

TOKEN = "token-never-shown"
OK = reply({"rows": 1})


def door(base_url: str, options: DoorOptions) -> Door:
    def explain(answer: Answer) -> tuple[str, str]:
        body = answer.json()
        return body["code"], body["message"]

    return Door(
        "vendor",
        base_url,
        ("www.vendor.example",),
        secret_headers={"Authorization": Secret(TOKEN)},
        explain=explain,
        options=options,
    )
