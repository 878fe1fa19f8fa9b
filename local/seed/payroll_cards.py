"""What Exact Synergy and Exact Payroll Plus both have on the card of one of Delft Techniek's people."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import NamedTuple

from .payroll_people import DIRECTOR, MANAGERS, Colleague

_STREETS = ("Markt", "Oude Delft", "Voldersgracht", "Phoenixstraat", "Hugo de Grootstraat")
_PLACES = ("Delft", "Rijswijk", "Den Haag", "Schiedam", "Leiden")
_TITLES = ("Monteur", "Werkvoorbereider", "Engineer", "Planner", "Administratief medewerker")
_CSN_WEIGHTS = (9, 8, 7, 6, 5, 4, 3, 2)
# N and L, and BANK, as the checksum of an IBAN has them.
_BANK, _NETHERLANDS = "11102320", "232100"


class Card(NamedTuple):
    """A person's own facts, and those of the work; only employees have a salary."""

    born: date
    birth_place: str
    street: str
    house_number: str
    postal_code: str
    csn: str
    married: bool
    mobile: str
    started: date
    title: str
    cost_centre: str
    salary: Decimal | None
    iban: str


def card(person: Colleague) -> Card:
    """The same for the same person, whoever asks."""
    dice, work = Random(f"payroll_plus/{person.id}"), Random(f"payroll_plus/employment/{person.id}")
    born = date(1964, 1, 1) + timedelta(days=dice.randrange(13_500))
    street, house = dice.choice(_STREETS), str(dice.randrange(1, 180))
    postal_code = f"26{dice.randrange(11, 29)}{dice.choice('ABCDEGHJ')}{dice.choice('KLMNPRS')}"
    team = person.id if person.id in MANAGERS else person.manager
    return Card(
        born=born,
        birth_place=work.choice(_PLACES),
        street=street,
        house_number=house,
        postal_code=postal_code,
        csn=csn(person.id),
        married=dice.choice((True, False)),
        mobile=f"06{10_000_000 + 7919 * person.id % 90_000_000}",
        # The first ones have been there longest.
        started=date(2009, 1, 1) + timedelta(days=120 * ((person.id - DIRECTOR) % 40)),
        title=_title(person, work),
        cost_centre=f"{(team or DIRECTOR) - 2000:03d}",
        salary=12 * gross(person) if person.type == "E" else None,
        iban=iban(person.id),
    )


def gross(person: Colleague) -> Decimal:
    """What a person earns a month before anything else."""
    if person.id == DIRECTOR:
        return Decimal("9850.00")
    least, most = (5400, 6300) if person.id in MANAGERS else {"S": (950, 1300)}.get(person.type, (2450, 4700))
    dice = Random(f"payroll_plus/gross/{person.id}")
    return Decimal(dice.randrange(least, most, 25)) + Decimal("0.00")


def csn(number: int) -> str:
    """A citizen's number that nobody has, and that passes the elfproef."""
    for start in ("9999", "9998"):
        digits = f"{start}{number:04d}"
        check = sum(int(digit) * weight for digit, weight in zip(digits, _CSN_WEIGHTS, strict=True)) % 11
        if check < 10:
            break
    return f"{digits}{check}"


def iban(number: int) -> str:
    """An account at a bank that there is not, with the right check digits."""
    account = f"{990_000_000 + number:010d}"
    return f"NL{98 - int(_BANK + account + _NETHERLANDS) % 97:02d}BANK{account}"


def _title(person: Colleague, dice: Random) -> str:
    if person.id == DIRECTOR:
        return "Directeur"
    return "Teamleider" if person.id in MANAGERS else dice.choice(_TITLES)
