"""One invented employee, before it becomes rows of either system."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from .invented import FIRST_NAMES, LAST_NAMES, PLACES, STREETS, TITLES, in_mail, phone

COST_CENTERS = {
    "100": "Ledelse",
    "200": "Økonomi",
    "310": "Salg",
    "320": "Kundeservice",
    "410": "Nettdrift",
    "420": "Montasje",
    "510": "IT",
    "610": "HR",
    "710": "Kraftproduksjon",
    "720": "Vindkraft",
    "800": "Sverige",
}
MAIN_COMPANY, NETWORK_COMPANY, SWEDISH_COMPANY = 1, 2, 3
PERMANENT, TEMPORARY, HOURLY, APPRENTICE = (
    "permanent_employment",
    "temporary_employment",
    "hourly_employment",
    "apprenticeship",
)


@dataclass(frozen=True)
class Person:
    """`serial` makes the ids of both systems; `number` is the employee number that a person reads."""

    serial: int
    number: str
    first: str
    last: str
    gender: str | None
    country: str
    company: int | None
    title: str | None
    email: str | None
    private_email: str
    work_phone: str | None
    private_phone: str | None
    hired: date | None
    born: date
    street: str
    postal_code: str
    city: str
    salary: int
    cost_center: str | None
    department: str
    manager: int | None
    employment: str | None = PERMANENT
    rate: int = 100
    employment_start: date | None = None
    former_employment_end: date | None = None
    second_employment: date | None = None
    active: bool = True
    ends: date | None = None
    custom: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first} {self.last}"


def invent(serial: int, seed: str, swedish_share: float = 0.16) -> Person:
    """The employee with this serial: the same for the same seed, whatever else is made."""
    dice = Random(f"{seed}/{serial}")
    country = "SE" if dice.random() < swedish_share else "NO"
    gender = dice.choice(["female", "male"])
    first = dice.choice(FIRST_NAMES[country, gender])
    last = dice.choice(LAST_NAMES[country])
    cost_center = "800" if country == "SE" else dice.choice([code for code in COST_CENTERS if code != "800"])
    postal_code, city = dice.choice(PLACES[country])
    company = SWEDISH_COMPANY if country == "SE" else dice.choice([MAIN_COMPANY] * 5 + [NETWORK_COMPANY])
    hired = date(2005, 1, 1) + timedelta(days=dice.randrange(7600))
    return Person(
        serial=serial,
        number=str(1000 + serial),
        first=first,
        last=last,
        gender=gender,
        country=country,
        company=company,
        title=dice.choice(TITLES),
        email=f"{in_mail(first)}.{in_mail(last)}.{1000 + serial}@nordlys.example",
        private_email=f"{in_mail(first)}{1000 + serial}@post.example",
        work_phone=phone(country, 1, serial * 37 + 1234),
        private_phone=phone(country, 0, serial * 53 + 4321),
        hired=hired,
        born=date(1961, 1, 1) + timedelta(days=dice.randrange(14_600)),
        street=f"{dice.choice(STREETS[country])} {dice.randrange(1, 120)}",
        postal_code=postal_code,
        city=city,
        salary=dice.randrange(38_000, 95_000, 500),
        cost_center=cost_center,
        department=cost_center,
        manager=None if serial <= 10 else 1 + serial % 10,
        employment_start=hired,
    )
