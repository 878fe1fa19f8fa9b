"""International bank account numbers (ISO 13616): which texts are one."""

from __future__ import annotations

import re

# How long the number of each country is, by the IBAN registry.
_OF_COUNTRIES = (
    "AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DK18 DO28 EE20 EG29 "
    "ES24 FI18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 "
    "LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MR27 MT31 MU30 NL18 NO15 PK24 PL28 PS29 PT25 "
    "QA29 RO24 RS22 SA24 SC31 SD18 SE24 SI19 SK24 SM27 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20"
)
LENGTHS = {word[:2]: int(word[2:]) for word in _OF_COUNTRIES.split()}
_BETWEEN = r"[\s\u00ad\u200b-\u200f\u2010-\u2015\u2060\u2212\ufeff.\-/]+"


def compact(text: str) -> str:
    """A number as it is compared: without what people put between its groups, in capitals."""
    return re.sub(_BETWEEN, "", text).upper()


def is_iban(text: str) -> bool:
    """Whether a text, however it is spaced, is the number of an account: its length and its check digits."""
    number = compact(text)
    if not number.isascii() or not number.isalnum() or len(number) != LENGTHS.get(number[:2]):
        return False
    digits = "".join(str(int(char, 36)) for char in number[4:] + number[:4])
    return number[2:4].isdigit() and int(digits) % 97 == 1
