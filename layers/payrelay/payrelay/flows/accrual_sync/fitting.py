"""Whether codes and categories go one to one where they have to, told when it is connected (CON-2, AC-6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from payrelay.errors import NeedsAttention
from payrelay.flows.accrual_sync.reasons import reason
from payrelay.flows.accrual_sync.records import MILLENNIUM, TIMEWORKSPLUS
from payrelay.flows.accrual_sync.to_millennium.one_to_one import listed, two_to_one
from payrelay.flows.accrual_sync.to_timeworksplus.set_up import code_of


def check(clients: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
    """NeedsAttention for a category to which more than one code goes, where TimeWorksPlus is the record.

    Where Millennium is, several codes may share one category: each employee has one of them.
    """
    if settings["system_of_record"] != "timeworksplus":
        return
    codes = clients["millennium"].codes().whole("Accrual code", MILLENNIUM)
    categories = clients["timeworksplus"].categories().whole("Category", TIMEWORKSPLUS)
    found = two_to_one((one.category for one in categories), (code_of(row) for row in codes))
    if found:
        name, own = next(iter(found.items()))
        more = [f'"{other}" ({listed(those)})' for other, those in found.items() if other != name]
        also = f" So it is with {listed(more)}." if more else ""
        why = reason("TWO_CODES_TO_ONE", category=f'"{name}"', codes=listed(own), more=also)
        raise NeedsAttention(why.code, why.message, why.remedy)
