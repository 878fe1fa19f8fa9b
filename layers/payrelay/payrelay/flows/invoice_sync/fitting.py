"""Whether the settings name tax codes that the package has, told when it is connected (CON-2, IN-3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from payrelay.errors import NeedsAttention
from payrelay.flows.invoice_sync.reasons import reason
from payrelay.flows.invoice_sync.settings import names_of
from payrelay.flows.invoice_sync.taxes import NO_CODE, is_named, shown
from payrelay.flows.settings.autovu_accounting import Settings
from payrelay.systems.registry import label


def check(clients: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
    """NeedsAttention for the first name in `tax_codes` that the package does not have."""
    checked = Settings.model_validate(settings)
    named = names_of(checked.tax_codes)
    if not named:
        return
    codes = clients[checked.package].tax_codes().take([])
    for selector, names in named.items():
        for name in names:
            if not any(is_named(code, (name,)) for code in codes):
                package = label(checked.package)
                candidates = shown(codes) or NO_CODE.format(package=package)
                values = {"selector": selector, "name": name, "package": package}
                why = reason("TAX_CODE_NOT_THERE", **values, candidates=candidates)
                raise NeedsAttention(why.code, why.message, why.remedy)
