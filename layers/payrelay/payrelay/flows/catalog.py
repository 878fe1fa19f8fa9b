"""The kinds of connections and their flows, one row each; no flow and no room is imported here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from payrelay.systems.registry import PACKAGES, label

if TYPE_CHECKING:
    from payrelay.domain.runs import Run

PACKAGE, OURS = "package", "payrelay"


class Usual(Struct, frozen=True):
    """The schedule that a flow gets when it is connected, in the zone of the settings."""

    days: tuple[str, ...]
    time: str
    every_minutes: int | None = None
    until: str | None = None


class Elsewhere(Struct, frozen=True):
    """A setting says who runs a flow: with this `value` somebody else does, with that of `ours` we do."""

    setting: str
    value: str
    ours: str


class Unsaid(Struct, frozen=True):
    """An option that means one thing to a schedule and another to a person, where it is left out.

    It means nothing where the connection's `setting` has another value than this one.
    """

    option: str
    scheduled: str
    by_hand: str
    setting: str
    value: str


_WEEKDAYS = ("MON", "TUE", "WED", "THU", "FRI")


class FlowRow(Struct, frozen=True):
    """One flow: its name in the API, its entity in records, the model of its run options, its modes.

    What it reads from and writes to are its `source` and `target`, systems by name; the target is `PACKAGE`
    where the settings name it, and `OURS` where we keep what is read. `also` are entities of records that
    come with one of `entity`: an employee's balances; `by_hand` those that only people write, with an audit
    trail of their own. `offers` is what its module `views` has for the API beside runs. One with a `usual`
    schedule gets it when it is connected; one that may run `often` takes `every_minutes`. Options that are
    `narrowing` only confine a run to some of what it would look at without them. Where it is `confidential`,
    which fields a record has is part of what only some may see: no reason names one. One that `needs`
    a setting of the connection does not run without it; one that may be run `elsewhere` only previews and
    diagnoses then. Either of its systems may be the source where the setting `source_by` names it. One option
    may be `unsaid`.
    """

    name: str
    label: str
    source: str
    target: str
    entity: str
    options: str
    also: tuple[str, ...] = ()
    by_hand: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    modes: tuple[str, ...] = ("sync", "preview")
    usual: Usual | None = None
    often: bool = False
    narrowing: tuple[str, ...] = ()
    confidential: bool = False
    needs: str = ""
    source_by: str = ""
    elsewhere: Elsewhere | None = None
    unsaid: Unsaid | None = None

    def spelled_out(
        self, options: Mapping[str, Any], settings: Mapping[str, Any], *, by_schedule: bool
    ) -> dict[str, Any]:
        """The options of a run with what an unsaid one means to who started it."""
        found = dict(options)
        one = self.unsaid
        if one is None:
            return found
        if settings.get(one.setting) != one.value:
            found.pop(one.option, None)
        elif found.get(one.option) is None:
            found[one.option] = one.scheduled if by_schedule else one.by_hand
        return found

    def narrows(self, options: Mapping[str, Any]) -> bool:
        """Whether a run with these options is of some records only: of the others it knows nothing."""
        return any(options.get(name) for name in self.narrowing)

    def runs_elsewhere(self, settings: Mapping[str, Any]) -> bool:
        """Whether somebody else writes what this flow would write."""
        return self.elsewhere is not None and settings.get(self.elsewhere.setting) == self.elsewhere.value

    @property
    def entities(self) -> tuple[str, ...]:
        """What its records may be."""
        return (self.entity, *self.also)


class Kind(Struct, frozen=True):
    """One kind of connection: the systems it links, the model of its settings, and its flows.

    Where there are `packages`, the setting `package` names the one that is linked beside `systems`. A
    connection that `lapses_after` so many seconds without use has to be connected again (IN-8). The
    `login_flow` is started when an administrator logs in, and by connecting (LB-1, CON-2); `how_to_connect`
    says where people connect. The module `joining` tells the systems themselves of it, if they are to know;
    the module `fitting` checks the settings against what the systems have, also when one that is `refitted`
    is changed on a connected connection. Systems that not every connection has are `chosen` by a setting:
    its name, by system.
    """

    name: str
    label: str
    systems: tuple[str, ...]
    settings: str
    add_on: bool
    flows: Mapping[str, FlowRow] = {}
    packages: tuple[str, ...] = ()
    lapses_after: int = 0
    login_flow: str | None = None
    how_to_connect: str = "Connect it first"
    joining: str | None = None
    fitting: str | None = None
    refitted: tuple[str, ...] = ()
    chosen: Mapping[str, str] = {}

    def offering(self, what: str) -> str | None:
        """The flow that offers it, if one of the kind does."""
        return next((row.name for row in self.flows.values() if what in row.offers), None)

    def systems_of(self, settings: Mapping[str, Any]) -> tuple[str, ...]:
        """The systems of one connection: those of its kind, and the package that its settings name.

        While nothing right is said of the package, it may be any.
        """
        named = settings.get("package")
        packages = (named,) if named in self.packages else self.packages
        return (*self.systems, *packages, *(one for one, name in self.chosen.items() if settings.get(name)))

    @property
    def every_system(self) -> tuple[str, ...]:
        """All systems that a connection of the kind may have."""
        return (*self.systems, *self.packages, *self.chosen)


def _rows(*rows: FlowRow) -> dict[str, FlowRow]:
    return {row.name: row for row in rows}


KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for kind in (
        Kind(
            name="simployer_xledger",
            label="Simployer One to Xledger",
            systems=("simployer", "xledger"),
            settings="payrelay.flows.settings.simployer_xledger:Settings",
            add_on=True,
            flows=_rows(
                FlowRow(
                    "employee_export",
                    "Employees from Simployer One to Xledger",
                    source="simployer",
                    target="xledger",
                    entity="employee",
                    options="payrelay.flows.employee_export.settings:EmployeeExportOptions",
                    narrowing=("employees",),
                ),
                FlowRow(
                    "time_off_export",
                    "Time off from Simployer One to Xledger",
                    source="simployer",
                    target="xledger",
                    entity="absence",
                    options="payrelay.flows.time_off_export.settings:TimeOffOptions",
                    narrowing=("employees", "absence_types"),
                ),
            ),
        ),
        Kind(
            name="attache_express_leave",
            label="Attaché Payroll to Express Leave",
            systems=("attache", "express_leave"),
            settings="payrelay.flows.settings.attache_express_leave:Settings",
            add_on=False,
            login_flow="balance_sync",
            how_to_connect=(
                "In Express Leave open Company Admin, Company Details, and choose Connect to Organisation"
            ),
            joining="payrelay.flows.balance_sync.joining",
            flows=_rows(
                FlowRow(
                    "balance_sync",
                    "Employee details and leave balances from Attaché Payroll to Express Leave",
                    source="attache",
                    target="express_leave",
                    entity="employee",
                    also=("balance",),
                    options="payrelay.flows.balance_sync.settings:BalanceSyncOptions",
                    narrowing=("employees",),
                ),
            ),
        ),
        Kind(
            name="synergy_payroll_plus",
            label="Exact Synergy and Exact Payroll Plus",
            systems=("synergy", "payroll_plus"),
            settings="payrelay.flows.settings.synergy_payroll_plus:Settings",
            chosen={"globe_next": "globe_companies"},
            add_on=False,
            flows=_rows(
                FlowRow(
                    "payroll_sync",
                    "People of Exact Synergy to Exact Payroll Plus",
                    source="synergy",
                    target="payroll_plus",
                    entity="employee",
                    options="payrelay.flows.payroll_sync.settings:PayrollSyncOptions",
                    usual=Usual((*_WEEKDAYS, "SAT", "SUN"), "05:00"),
                    narrowing=("employees",),
                ),
                FlowRow(
                    "request_sync",
                    "Requests of Exact Synergy to Exact Payroll Plus",
                    source="synergy",
                    target="payroll_plus",
                    entity="request",
                    options="payrelay.flows.request_sync.settings:RequestSyncOptions",
                    usual=Usual(_WEEKDAYS, "06:00", every_minutes=30, until="20:00"),
                    often=True,
                    narrowing=("employees",),
                ),
                FlowRow(
                    "document_pull",
                    "Pay slips and annual statements of Exact Payroll Plus to Exact Synergy",
                    source="payroll_plus",
                    target="synergy",
                    entity="document",
                    options="payrelay.flows.document_pull.settings:DocumentPullOptions",
                    usual=Usual((*_WEEKDAYS, "SAT", "SUN"), "07:00"),
                ),
                FlowRow(
                    "report_pull",
                    "Payroll reports of Exact Payroll Plus, for those who may read them",
                    source="payroll_plus",
                    target=OURS,
                    entity="report",
                    options="payrelay.flows.report_pull.settings:ReportPullOptions",
                    offers=("payroll_reports",),
                    usual=Usual(("SAT",), "06:00"),
                    confidential=True,
                ),
                FlowRow(
                    "journal_sync",
                    "Journal entries of Exact Payroll Plus to Exact Globe Next",
                    source="payroll_plus",
                    target="globe_next",
                    entity="journal_entry",
                    options="payrelay.flows.journal_sync.settings:JournalSyncOptions",
                    usual=Usual((*_WEEKDAYS, "SAT", "SUN"), "07:30"),
                    narrowing=("payroll_runs",),
                    needs="globe_companies",
                ),
            ),
        ),
        Kind(
            name="millennium_timeworksplus",
            label="Millennium and TimeWorksPlus",
            systems=("millennium", "timeworksplus"),
            settings="payrelay.flows.settings.millennium_timeworksplus:Settings",
            add_on=False,
            fitting="payrelay.flows.accrual_sync.fitting",
            refitted=("system_of_record",),
            flows=_rows(
                FlowRow(
                    "accrual_sync",
                    "Accrual balances between Millennium and TimeWorksPlus",
                    source="millennium",
                    target="timeworksplus",
                    source_by="system_of_record",
                    entity="accrual",
                    also=("category",),
                    options="payrelay.flows.accrual_sync.settings:AccrualSyncOptions",
                    often=True,
                    narrowing=("employees",),
                    elsewhere=Elsewhere("runs_by", "vendor", ours="payrelay"),
                    unsaid=Unsaid("as_of", "finalized", "batch", "system_of_record", "timeworksplus"),
                ),
            ),
        ),
        Kind(
            name="autovu_accounting",
            label="AutoVu to an accounting package",
            systems=("autovu",),
            packages=PACKAGES,
            settings="payrelay.flows.settings.autovu_accounting:Settings",
            add_on=False,
            fitting="payrelay.flows.invoice_sync.fitting",
            lapses_after=20 * 60,
            flows=_rows(
                FlowRow(
                    "invoice_sync",
                    "Documents from AutoVu to the accounting package",
                    source="autovu",
                    target=PACKAGE,
                    entity="document",
                    by_hand=("account",),
                    options="payrelay.flows.invoice_sync.settings:InvoiceSyncOptions",
                    modes=("sync", "preview", "auto"),
                ),
            ),
        ),
    )
}


def kind_of(flow: str) -> Kind:
    """The kind of connection that has a flow; KeyError for a name that none has."""
    for kind in KINDS.values():
        if flow in kind.flows:
            return kind
    raise KeyError(flow)


def kind_with(system: str) -> str:
    """The name of the kind of connection that a system belongs to; no system belongs to two."""
    for kind in KINDS.values():
        if system in kind.every_system:
            return kind.name
    raise KeyError(system)


def flow_names() -> tuple[str, ...]:
    """The names of all flows."""
    return tuple(dict.fromkeys(name for kind in KINDS.values() for name in kind.flows))


def flow_row(name: str) -> FlowRow:
    """The row of a flow; KeyError for a name that no kind has."""
    return kind_of(name).flows[name]


def is_confined(run: Run) -> bool:
    """Whether a run is of some records only, by its options, as a replay, or of a person's own."""
    return run.only is not None or bool(run.scope) or flow_row(run.flow).narrows(run.options)


def sides_of(flow: str, settings: Mapping[str, Any]) -> tuple[str, str]:
    """What people call the two sides of a flow over a connection with these settings: source and target."""
    row = flow_row(flow)
    source, target = row.source, row.target
    if row.source_by and settings.get(row.source_by) == target:
        source, target = target, source
    target = settings.get("package", target) if target == PACKAGE else target
    return label(source), "Payrelay" if target == OURS else label(target)
