"""Acme's employees as payroll and Express Leave know them: who there is, and who shows which cause."""

from decimal import Decimal
from typing import NamedTuple

from .invented import in_mail

COMPANY, COMPANY_NAME = "c-9", "Acme Pty Ltd"
AUSTRALIA, NEW_ZEALAND = "org-17", "org-18"
ORGANISATIONS = {
    AUSTRALIA: ("Acme Pty Ltd", "Australia"),
    NEW_ZEALAND: ("Acme New Zealand Ltd", "New Zealand"),
}
STATES = {
    "Sydney": "NSW",
    "Parramatta": "NSW",
    "Newcastle": "NSW",
    "Melbourne": "VIC",
    "Geelong": "VIC",
    "Brisbane": "QLD",
    "Townsville": "QLD",
    "Auckland": "Auckland",
    "Wellington": "Wellington",
}
EMPLOYEE, APPROVER = "Employee (Non-Approver)", "Employee (Approver)"
HR, ADMINISTRATOR = "HR Manager", "Administrator"
NOT_THERE = ""

# One employee for every cause, by code.
CREATED_BY_HAND = "E1038"  # made directly in Express Leave, so no payroll user
REPLACED = "E1012"  # ordinary; somebody will delete the user and add it again by hand
NO_SICK_LEAVE = "E1014"  # no SL row in the leave table; Express Leave has SL of before
SET_UP_WRONG = "E1017"  # AL is kept in days of 0 hours
HIDDEN_TYPE = "E1009"  # has LSL, which only HR managers see
NOT_ENABLED = "E1039"  # the box on the Online Services tab is not ticked
NO_EMAIL = "E1040"  # enabled, without an Attaché Online e-mail
NO_STATE = "E1044"  # Express Leave needs a state
OVERTYPED = "E1020"  # ordinary; somebody will overtype the same amount
OLDER_AS_AT = "E1023"  # two pays were reversed: payroll stands before what Express Leave has
SAME_EMAIL = ("E1026", "E1047")  # a couple with one address; only the first is in Express Leave
RECODED, RECODED_FROM = "E1050", "E0950"  # the new code, and the one that Express Leave has
LEFT = "E0937"  # in Express Leave only
TERMINATED = "E1035"  # in payroll only
CONTRACTOR = "C-001"  # in Express Leave only, on purpose
# What else is special.
IN_DAYS = "E1028"  # AL is kept in days
PRO_RATA_NOT_APPLICABLE = "E1030"  # AL has a pro-rata part that does not count
MOVED = "E1016"  # Express Leave has the old location and state
RENAMED = "E1019"  # Express Leave has the old name and e-mail
OTHER_HOURS = "E1018"  # Express Leave has the old standard day
TAKES_LEAVE = "E1011"  # has a week off in the next pay period
NEWCOMER_CODE = "E1061"  # starts in the next pay period


class Worker(NamedTuple):
    """An employee; `annual`, `sick` and `rostered` are entitlements in hours.

    `role` is the user type in Express Leave, or NOT_THERE for who is no payroll user there yet.
    """

    code: str
    name: str
    location: str
    started: str
    annual: str
    sick: str
    role: str = EMPLOYEE
    day: str = "7.6"
    rostered: str = ""
    own_email: str = ""

    @property
    def email(self) -> str:
        """The address that follows from the name, unless there is another."""
        return self.own_email or f"{in_mail(self.name)}@acme.example"

    @property
    def state(self) -> str:
        """The state of the location; one person's was never filled in."""
        return "" if self.code == NO_STATE else STATES[self.location]

    @property
    def hours_per_day(self) -> Decimal:
        """The standard day."""
        return Decimal(self.day)


_SHARED = "papas.family@post.example"
# Who signs in to the local stack with the role employee.
_SIGNS_IN = "employee@demo.example"

PEOPLE = (
    Worker("E1001", "Margaret Okafor", "Sydney", "2006-02-13", "152", "228", ADMINISTRATOR),
    Worker("E1002", "David Lindqvist", "Sydney", "2009-08-03", "114", "152", HR),
    Worker("E1003", "Priya Raman", "Sydney", "2016-05-16", "76", "190", APPROVER),
    Worker("E1004", "Tom Gallagher", "Melbourne", "2016-10-24", "95", "76", APPROVER),
    Worker("E1005", "Siobhan O'Brien", "Brisbane", "2017-03-13", "121.6", "114", APPROVER),
    Worker("E1006", "Mia Chen", "Sydney", "2020-03-02", "76", "38"),
    Worker("E1007", "Jack Morrison", "Newcastle", "2017-06-19", "80", "64", day="8.0", rostered="16"),
    Worker("E1008", "Aroha Ngata", "Brisbane", "2018-10-08", "45.6", "91.2"),
    Worker("E1009", "Graham Whitlock", "Parramatta", "2008-11-17", "190", "304"),
    Worker("E1010", "Fatima Haddad", "Melbourne", "2018-02-05", "60.8", "53.2"),
    Worker("E1011", "Liam Fitzgerald", "Geelong", "2018-07-30", "136.8", "83.6"),
    Worker("E1012", "Chloe Beaumont", "Sydney", "2019-01-21", "76", "68.4"),
    Worker("E1013", "Nikhil Desai", "Parramatta", "2019-04-08", "98.8", "45.6", rostered="7.6"),
    Worker("E1014", "Hannah Weiss", "Brisbane", "2019-05-27", "57", "22.8"),
    Worker("E1015", "Lachlan Reid", "Townsville", "2019-09-02", "83.6", "106.4"),
    Worker("E1016", "Grace Mbeki", "Townsville", "2019-10-14", "68.4", "76"),
    Worker("E1017", "Peter Vlahos", "Melbourne", "2020-01-13", "76", "60.8"),
    Worker("E1018", "Isabella Conti", "Melbourne", "2020-06-22", "75", "52.5", day="7.5"),
    Worker("E1019", "Amelia Thornton", "Sydney", "2020-08-17", "91.2", "38"),
    Worker("E1020", "Noah Petersen", "Newcastle", "2020-11-09", "76", "38"),
    Worker("E1021", "Thi Mai Tran", "Parramatta", "2021-02-01", "53.2", "30.4"),
    Worker("E1022", "Oscar Dunne", "Geelong", "2021-04-19", "106.4", "98.8", own_email=_SIGNS_IN),
    Worker("E1023", "Ruby Castellano", "Brisbane", "2021-06-28", "64.6", "49.4"),
    Worker("E1024", "Ewan McAllister", "Townsville", "2021-09-06", "38", "22.8", rostered="15.2"),
    Worker("E1025", "Zainab Karimi", "Sydney", "2021-11-15", "72.2", "83.6"),
    Worker("E1026", "Yannis Papas", "Melbourne", "2022-01-17", "76", "41.8", own_email=_SHARED),
    Worker("E1027", "Charlotte Ainsley", "Sydney", "2022-03-28", "87.4", "57"),
    Worker("E1028", "Benjamin Kaur", "Brisbane", "2022-05-09", "76", "45.6"),
    Worker("E1029", "Sofia Marchetti", "Geelong", "2022-07-11", "49.4", "26.6"),
    Worker("E1030", "Callum Ferris", "Newcastle", "2022-09-19", "76", "38"),
    Worker("E1031", "Leilani Faleolo", "Brisbane", "2022-11-21", "68.4", "60.8"),
    Worker("E1032", "Henry Ashdown", "Melbourne", "2023-02-06", "60.8", "34.2"),
    Worker("E1033", "Ananya Pillai", "Sydney", "2023-04-24", "67.5", "45", day="7.5"),
    Worker("E1034", "Marcus Trevelyan", "Townsville", "2023-06-05", "41.8", "19", rostered="7.6"),
    Worker("E1035", "Declan Harte", "Parramatta", "2023-07-03", "0", "0", NOT_THERE),
    Worker("E1036", "Olivia Sandoval", "Parramatta", "2023-08-14", "76", "53.2"),
    Worker("E1037", "Samuel Adeyemi", "Melbourne", "2023-10-02", "57", "38"),
    Worker("E1038", "Georgia Pappalardo", "Sydney", "2023-11-20", "45.6", "30.4", NOT_THERE),
    Worker("E1039", "William Standish", "Newcastle", "2024-01-15", "38", "38", NOT_THERE),
    Worker("E1040", "Evie Rosenthal", "Brisbane", "2024-02-19", "30.4", "22.8", NOT_THERE),
    Worker("E1041", "Arjun Bhandari", "Sydney", "2024-04-08", "80", "40", NOT_THERE, day="8.0"),
    Worker("E1042", "Matilda Greaves", "Geelong", "2024-05-27", "64.6", "38", NOT_THERE),
    Worker("E1043", "Joshua Kingsley", "Brisbane", "2024-07-15", "53.2", "30.4", NOT_THERE),
    Worker("E1044", "Freya Johansen", "Townsville", "2024-08-26", "45.6", "38", NOT_THERE),
    Worker("E1045", "Daniel Pereira", "Melbourne", "2024-10-07", "38", "26.6", NOT_THERE, rostered="7.6"),
    Worker("E1046", "Harriet Colquhoun", "Parramatta", "2024-11-18", "30.4", "19", NOT_THERE),
    Worker("E1047", "Eleni Papas", "Melbourne", "2025-01-13", "22.8", "38", NOT_THERE, own_email=_SHARED),
    Worker("E1048", "Archie Blackwood", "Sydney", "2025-02-03", "15.2", "30.4", NOT_THERE),
    Worker("E1049", "Mei Ling Wong", "Brisbane", "2025-03-24", "0", "0", NOT_THERE),
    Worker("E1050", "Patrick Delaney", "Newcastle", "2018-05-07", "83.6", "121.6", NOT_THERE),
    Worker("E1051", "Tahlia Jennings", "Townsville", "2025-05-05", "0", "0", NOT_THERE),
    Worker("E1052", "Rohan Mistry", "Melbourne", "2025-05-26", "0", "0", NOT_THERE),
    Worker("E1053", "Imogen Barclay", "Geelong", "2025-06-16", "0", "0", NOT_THERE),
    Worker("E1054", "Kofi Asante", "Sydney", "2025-07-21", "0", "0", NOT_THERE),
    Worker("E1055", "Poppy Hargreaves", "Brisbane", "2025-08-11", "0", "0", NOT_THERE, day="7.5"),
    Worker("E1056", "Xavier Moreau", "Parramatta", "2025-09-01", "0", "0", NOT_THERE),
    Worker("E1057", "Bronte Sinclair", "Newcastle", "2025-09-29", "0", "0", NOT_THERE),
    Worker("E1058", "Hamish Calder", "Melbourne", "2025-10-20", "0", "0", NOT_THERE),
    Worker("E1059", "Layla Nasser", "Sydney", "2025-11-17", "0", "0", NOT_THERE),
    Worker("E1060", "Angus Pemberton", "Townsville", "2025-12-08", "0", "0", NOT_THERE),
)
NEW_ZEALANDERS = (
    Worker("N2001", "Wiremu Parata", "Auckland", "2019-03-18", "80", "80", NOT_THERE, day="8.0"),
    Worker("N2002", "Jessica Holloway", "Auckland", "2022-06-13", "64", "48", NOT_THERE, day="8.0"),
    Worker("N2003", "Tane Rawiri", "Wellington", "2024-09-09", "32", "40", NOT_THERE, day="8.0"),
)
# Whom payroll does not have.
GONE = Worker(LEFT, "Vincent Marlow", "Sydney", "2017-04-10", "38", "60.8")
HIRED_HAND = Worker(
    CONTRACTOR, "Kim Ford", "Sydney", "2024-03-04", "0", "0", own_email="kim@fordelectrical.example"
)
NEWCOMER = Worker(NEWCOMER_CODE, "Beatrix Lonergan", "Melbourne", "", "0", "0", NOT_THERE)
