"""Delft Techniek's people, as Exact Synergy and Exact Payroll Plus both know them."""

from typing import NamedTuple

from .invented import in_mail

EMPLOYER, EMPLOYER_NAME, ADMINISTRATION = "emp-500", "Delft Techniek BV", "500"
DIRECTOR = 2001
MANAGERS = (2002, 2003, 2004, 2005, 2006)
# Who signs in to the local stack, and with which address.
USERS = {
    2001: "admin@demo.example",
    2003: "operator@demo.example",
    2010: "viewer@demo.example",
    2011: "employee@demo.example",
}


class Colleague(NamedTuple):
    """A person; `middle` is the prefix of the last name, `manager` another's id, or None for the director.

    `type` is E(mployee), C(ontractor), S(tudent) or T(emporary), `gender` M or V.
    """

    id: int
    initials: str
    first: str
    middle: str
    last: str
    type: str
    manager: int | None
    email: str
    gender: str


def colleague(
    number: int, gender: str, first: str, middle: str, last: str, manager: int | None, kind: str = "E"
) -> Colleague:
    """One of them; the address follows from the name."""
    email = USERS.get(number, f"{in_mail(first)}.{in_mail(last)}@delft.example")
    return Colleague(number, f"{first[0]}.", first, middle, last, kind, manager, email, gender)


PEOPLE: tuple[Colleague, ...] = (
    colleague(2001, "V", "Hanneke", "de", "Graaf", None),
    colleague(2002, "M", "Pieter", "", "Vermeer", 2001),
    colleague(2003, "V", "Sanne", "van den", "Berg", 2001),
    colleague(2004, "M", "Joris", "", "Hendriks", 2001),
    colleague(2005, "V", "Fatima", "el", "Amrani", 2001),
    colleague(2006, "M", "Willem", "", "Dijkstra", 2001),
    colleague(2007, "V", "Lotte", "", "Jansen", 2002),
    colleague(2008, "M", "Bram", "de", "Vries", 2002),
    colleague(2009, "V", "Marloes", "", "Bakker", 2002),
    colleague(2010, "M", "Daan", "", "Visser", 2002),
    colleague(2011, "V", "Ilse", "", "Smit", 2002),
    colleague(2012, "M", "Ruben", "", "Meijer", 2002),
    colleague(2013, "V", "Noor", "de", "Boer", 2002),
    colleague(2014, "M", "Thijs", "", "Mulder", 2003),
    colleague(2015, "V", "Femke", "de", "Groot", 2003),
    colleague(2016, "M", "Sven", "", "Bos", 2003),
    colleague(2017, "V", "Anouk", "", "Vos", 2003),
    colleague(2018, "M", "Koen", "", "Peters", 2003, "C"),
    colleague(2019, "V", "Yasmin", "", "Yildiz", 2003),
    colleague(2020, "M", "Maarten", "van", "Leeuwen", 2003),
    colleague(2021, "V", "Eva", "", "Dekker", 2004),
    colleague(2022, "M", "Gijs", "", "Brouwer", 2004),
    colleague(2023, "V", "Roos", "de", "Wit", 2004),
    colleague(2024, "M", "Stijn", "van der", "Meer", 2004),
    colleague(2025, "V", "Julia", "", "Kok", 2004, "S"),
    colleague(2026, "M", "Lars", "", "Jacobs", 2004),
    colleague(2027, "V", "Maud", "de", "Haan", 2004),
    colleague(2028, "M", "Tim", "", "Vink", 2005),
    colleague(2029, "V", "Lieke", "van", "Dam", 2005),
    colleague(2030, "M", "Jesse", "van der", "Heijden", 2005, "T"),
    colleague(2031, "V", "Amber", "", "Schouten", 2005),
    colleague(2032, "M", "Niels", "van", "Beek", 2005),
    colleague(2033, "V", "Tessa", "", "Willems", 2005),
    colleague(2034, "M", "Omar", "", "Haddad", 2005, "C"),
    colleague(2035, "V", "Floor", "van", "Vliet", 2006),
    colleague(2036, "M", "Luuk", "", "Hoekstra", 2006, "S"),
    colleague(2037, "V", "Merel", "", "Maas", 2006),
    colleague(2038, "M", "Casper", "", "Verhoeven", 2006, "T"),
    colleague(2039, "V", "Sofie", "", "Koster", 2006),
    colleague(2040, "M", "Jan", "van", "Dijk", 2006),
)
# Paid, and not known to Exact Synergy.
ONLY_IN_PAYROLL = colleague(2099, "M", "Hugo", "", "Prins", 2006)
