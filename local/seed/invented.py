"""Names, places and numbers of people who do not exist."""

from datetime import date
from operator import mul


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST_NAMES = {
    ("NO", "female"): _words(
        "Kari Ingrid Solveig Astrid Bjørg Silje Marte Tuva Åse Hege Ragnhild Sunniva Liv Turid Guro Ida Nora "
        "Oda Frøydis Synnøve"
    ),
    ("NO", "male"): _words(
        "Ola Bjørn Lars Øyvind Håkon Sigurd Torbjørn Kåre Jørgen Eirik Magnus Pål Sverre Trond Vegard Åsmund "
        "Even Geir Kjetil Ståle"
    ),
    ("SE", "female"): _words("Karin Åsa Elin Märta Linnéa Ebba Saga Frida Malin Annika Görel Hjördis"),
    ("SE", "male"): _words("Göran Anders Björn Östen Nils Sören Måns Håkan Viktor Jörgen Axel Åke"),
}
LAST_NAMES = {
    "NO": _words(
        "Hansen Nordmann Bjørnstad Ødegård Solbakken Løvås Haugen Strømme Ås Myhre Grønli Brekke Fjeldstad "
        "Kvåle Sørlie Rønning Eide Tveit Bøe Lunde Skår Nygård Vågen Hjelle Østby Moen Dahl Sæther Lien"
    ),
    "SE": _words(
        "Lindström Åkesson Öberg Söderlund Nyström Sjögren Hällgren Wallén Bäckström Ekdahl Forsén "
        "Ljungqvist Västberg Dahlgren Åhlund Björk"
    ),
}
STREETS = {
    "NO": _words("Storgata Kirkeveien Åsveien Fjordgata Bjørkeveien Elvegata Skolegata Havnegata"),
    "SE": _words("Storgatan Åvägen Björkgatan Kyrkogatan Södergatan Östergatan"),
}
PLACES = {
    "NO": [
        ("0001", "Oslo"),
        ("5003", "Bergen"),
        ("7010", "Trondheim"),
        ("9008", "Tromsø"),
        ("6002", "Ålesund"),
    ],
    "SE": [("111 20", "Stockholm"), ("411 03", "Göteborg"), ("211 15", "Malmö"), ("702 10", "Örebro")],
}
TITLES = (
    "Controller",
    "Regnskapsmedarbeider",
    "Montør",
    "Prosjektleder",
    "Energirådgiver",
    "Systemutvikler",
    "HR-rådgiver",
    "Driftsingeniør",
    "Kundebehandler",
    "Innkjøper",
    "Økonomisjef",
    "Nettplanlegger",
    "Tekniker",
)
BICS = {"NO": "TESTNOKK", "SE": "TESTSESS"}
# Letters as numbers (A is 10) with "00" for the check digits, as the IBAN's checksum wants them.
_COUNTRY_IN_DIGITS = {"NO": "232400", "SE": "281400"}
_DIALLING = {"NO": "47", "SE": "46"}
_NO_WEIGHTS = ((3, 7, 6, 1, 8, 9, 4, 5, 2), (5, 4, 3, 2, 7, 6, 5, 4, 3, 2))
_ACCOUNT_WEIGHTS = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)


def phone(country: str, kind: int, serial: int) -> str:
    """A number with its country code; `kind` keeps private and work numbers apart."""
    return f"+{_DIALLING[country]}{(4 if kind else 9)}{serial % 10_000_000:07d}"


def social_security(country: str, born: date, serial: int) -> str:
    """A well-formed number that belongs to nobody: month + 80 (NO), test serials 980 to 999 (SE)."""
    return _norwegian(born, serial) if country == "NO" else _swedish(born, serial)


def _norwegian(born: date, serial: int) -> str:
    start = f"{born.day:02d}{born.month + 80:02d}{born.year % 100:02d}"
    for step in range(500):
        digits = start + f"{(serial + step) % 500:03d}"
        for weights in _NO_WEIGHTS:
            check = -_weighted(digits, weights) % 11
            if check == 10:
                break
            digits += str(check)
        if len(digits) == 11:
            return digits
    raise ValueError(f"no number for {born}")


def _swedish(born: date, serial: int) -> str:
    digits = f"{born:%y%m%d}{980 + serial % 20}"
    doubled = (int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(digits))
    check = -sum(number // 10 + number % 10 for number in doubled) % 10
    return f"{born.year // 100}{digits[:6]}-{digits[6:]}{check}"


def iban(country: str, serial: int) -> str:
    """An account that no bank gave out, with the right check digits."""
    account = _account(serial) if country == "NO" else f"999{serial % 10**16:017d}"
    return f"{country}{98 - int(account + _COUNTRY_IN_DIGITS[country]) % 97:02d}{account}"


def _account(serial: int) -> str:
    """Eleven digits; the last is a check digit over the others."""
    for step in range(20):
        digits = f"9999{(serial * 7 + step) % 1_000_000:06d}"
        check = -_weighted(digits, _ACCOUNT_WEIGHTS) % 11
        if check < 10:
            return f"{digits}{check}"
    raise ValueError(f"no account for {serial}")


def _weighted(digits: str, weights: tuple[int, ...]) -> int:
    return sum(map(mul, map(int, digits), weights))


def in_mail(name: str) -> str:
    """A name as it stands in an e-mail address."""
    plain = name.lower().translate(str.maketrans("æøåäöéü", "aoaaoeu"))
    return plain.replace(" ", ".").replace("'", "")
