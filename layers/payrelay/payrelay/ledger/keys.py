"""Every key of the one table, built here and nowhere else; `docs/data-model.md` shows each.

A docstring says what the key is of, and gives an example, which a test runs. The tenant is part of every
key, so that whatever id a caller sends, it can only name its own items (CON-4).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from zlib import crc32

Key = dict[str, str]

# The links of an entity are spread over so many partitions, each of which takes 1,000 write units a second.
# The number is for good: a link is looked for where it says.
LINK_SHARDS = 8

BY_TIME = "by_time"
BY_CONNECTION = "by_connection"


def _tenant(tenant: str) -> str:
    return f"TENANT#{_checked(tenant)}"


def _checked(tenant: str) -> str:
    if not tenant or "#" in tenant:
        raise ValueError(f"a tenant id must be given and have no '#', not {tenant!r}")
    return tenant


def tenant(tenant: str) -> Key:
    """A tenant: its add-ons.

    >>> tenant("acme")
    {'pk': 'TENANT#acme', 'sk': 'TENANT'}
    """
    return {"pk": _tenant(tenant), "sk": "TENANT"}


def app(client_id: str) -> Key:
    """An app of the user pool: the tenant and the role that its client id stands for.

    >>> app("3n4f")
    {'pk': 'APP#3n4f', 'sk': 'APP'}
    """
    return {"pk": f"APP#{client_id}", "sk": "APP"}


def api_key(digest: str) -> Key:
    """An app with a key of ours, by the hash of that key: who calls with a key names no tenant.

    >>> api_key("9f86")
    {'pk': 'KEY#9f86', 'sk': 'KEY'}
    """
    return {"pk": f"KEY#{digest}", "sk": "KEY"}


def keyed_app(tenant: str, app_id: str) -> Key:
    """That a tenant has an app with a key, and the hash by which it is found.

    >>> keyed_app("acme", "app_1")
    {'pk': 'TENANT#acme#APPS', 'sk': 'app_1'}
    """
    return {"pk": keyed_apps(tenant), "sk": app_id}


def keyed_apps(tenant: str) -> str:
    """Partition of a tenant's apps with keys.

    >>> keyed_apps("acme")
    'TENANT#acme#APPS'
    """
    return f"{_tenant(tenant)}#APPS"


def app_count(tenant: str) -> Key:
    """How many apps with keys a tenant has.

    >>> app_count("acme")
    {'pk': 'TENANT#acme', 'sk': 'APPS'}
    """
    return {"pk": _tenant(tenant), "sk": "APPS"}


def connection(tenant: str, connection_id: str) -> Key:
    """A connection: its kind, settings and status.

    >>> connection("acme", "con_1")
    {'pk': 'TENANT#acme', 'sk': 'CONNECTION#con_1'}
    """
    return {"pk": _tenant(tenant), "sk": f"CONNECTION#{connection_id}"}


def connections(tenant: str) -> tuple[str, str]:
    """Partition of a tenant's connections, and how their sort keys begin.

    >>> connections("acme")
    ('TENANT#acme', 'CONNECTION#')
    """
    return _tenant(tenant), "CONNECTION#"


def _of_connection(tenant: str, connection_id: str) -> str:
    return f"{_tenant(tenant)}#CONNECTION#{connection_id}"


def schedule(tenant: str, connection_id: str, flow: str) -> Key:
    """A flow's schedule: days, time, time zone.

    >>> schedule("acme", "con_1", "report_pull")
    {'pk': 'TENANT#acme#CONNECTION#con_1', 'sk': 'SCHEDULE#report_pull'}
    """
    return {"pk": _of_connection(tenant, connection_id), "sk": f"SCHEDULE#{flow}"}


def enabled_schedules() -> str:
    """Partition of `by_time`: the enabled schedules of all tenants, for the watch alone.

    >>> enabled_schedules()
    'SCHEDULES'
    """
    return "SCHEDULES"


def schedule_index(tenant: str, connection_id: str, flow: str) -> Key:
    """Puts an enabled schedule into the list of the watch.

    >>> schedule_index("acme", "con_1", "report_pull")
    {'by_time_pk': 'SCHEDULES', 'by_time_sk': 'TENANT#acme#CONNECTION#con_1#SCHEDULE#report_pull'}
    """
    return {
        "by_time_pk": enabled_schedules(),
        "by_time_sk": f"{_of_connection(tenant, connection_id)}#SCHEDULE#{flow}",
    }


def lease(tenant: str, connection_id: str, flow: str, name: str = "") -> Key:
    """The lease of a flow, of its previews, or for one person: which run is in progress, and until when.

    >>> lease("acme", "con_1", "balance_sync", "E0042")
    {'pk': 'TENANT#acme#CONNECTION#con_1', 'sk': 'LEASE#balance_sync#E0042'}
    """
    return {"pk": _of_connection(tenant, connection_id), "sk": f"LEASE#{flow}{'#' if name else ''}{name}"}


def leases() -> str:
    """Partition of `by_time`: the leases of all tenants, for the watch alone.

    >>> leases()
    'LEASES'
    """
    return "LEASES"


def lease_index(tenant: str, connection_id: str, flow: str, name: str = "") -> Key:
    """Puts a lease into the list of the watch, while a run has it.

    >>> lease_index("acme", "con_1", "balance_sync")
    {'by_time_pk': 'LEASES', 'by_time_sk': 'TENANT#acme#CONNECTION#con_1#LEASE#balance_sync'}
    """
    key = lease(tenant, connection_id, flow, name)
    return {"by_time_pk": leases(), "by_time_sk": f"{key['pk']}#{key['sk']}"}


def waiting(tenant: str, connection_id: str, flow: str) -> Key:
    """The run that waits until the flow's run in progress has ended.

    >>> waiting("acme", "con_1", "balance_sync")
    {'pk': 'TENANT#acme#CONNECTION#con_1', 'sk': 'WAITING#balance_sync'}
    """
    return {"pk": _of_connection(tenant, connection_id), "sk": f"WAITING#{flow}"}


def arrival(tenant: str, connection_id: str, message_id: str) -> Key:
    """A message about a login: that it came, and which run it started or joined.

    >>> arrival("acme", "con_1", "msg_2Kj")
    {'pk': 'TENANT#acme#CONNECTION#con_1', 'sk': 'ARRIVAL#msg_2Kj'}
    """
    return {"pk": _of_connection(tenant, connection_id), "sk": f"ARRIVAL#{message_id}"}


def lock(tenant: str, connection_id: str) -> Key:
    """Who is changing the connection's secret.

    >>> lock("acme", "con_1")
    {'pk': 'TENANT#acme#CONNECTION#con_1', 'sk': 'LOCK'}
    """
    return {"pk": _of_connection(tenant, connection_id), "sk": "LOCK"}


def seal(tenant: str, connection_id: str, system: str) -> Key:
    """Tokens or a session of a system, which renew themselves, as ciphertext of KMS.

    >>> seal("acme", "con_1", "sage")
    {'pk': 'TENANT#acme#CONNECTION#con_1', 'sk': 'SEAL#sage'}
    """
    return {"pk": _of_connection(tenant, connection_id), "sk": f"SEAL#{system}"}


def seals(tenant: str, connection_id: str) -> tuple[str, str]:
    """Partition of a connection's ciphertexts, and how their sort keys begin.

    >>> seals("acme", "con_1")
    ('TENANT#acme#CONNECTION#con_1', 'SEAL#')
    """
    return _of_connection(tenant, connection_id), "SEAL#"


def hook(connection_id: str) -> Key:
    """The secrets of a connection's login hook, as ciphertext of KMS; a sender knows no tenant.

    >>> hook("con_1")
    {'pk': 'HOOK#con_1', 'sk': 'HOOK'}
    """
    return {"pk": f"HOOK#{connection_id}", "sk": "HOOK"}


def move(tenant: str, connection_id: str) -> Key:
    """That the connection's secret is being moved from its name of before.

    >>> move("acme", "con_1")
    {'pk': 'TENANT#acme#CONNECTION#con_1', 'sk': 'MOVE'}
    """
    return {"pk": _of_connection(tenant, connection_id), "sk": "MOVE"}


def consent(tenant: str, connection_id: str) -> Key:
    """A consent that was asked for and has not come back yet.

    >>> consent("acme", "con_1")
    {'pk': 'TENANT#acme#CONNECTION#con_1', 'sk': 'CONSENT'}
    """
    return {"pk": _of_connection(tenant, connection_id), "sk": "CONSENT"}


def use(tenant: str, connection_id: str) -> Key:
    """When the connection was used last.

    >>> use("acme", "con_1")
    {'pk': 'TENANT#acme#CONNECTION#con_1', 'sk': 'USE'}
    """
    return {"pk": _of_connection(tenant, connection_id), "sk": "USE"}


def standing(tenant: str, connection_id: str, flow: str) -> Key:
    """What is known of a flow over time: first load done, last runs, missed runs.

    >>> standing("acme", "con_1", "report_pull")
    {'pk': 'TENANT#acme#CONNECTION#con_1', 'sk': 'FLOW#report_pull'}
    """
    return {"pk": _of_connection(tenant, connection_id), "sk": f"FLOW#{flow}"}


def doubt(tenant: str, connection_id: str, flow: str, run_id: str, index: int) -> Key:
    """What a batch of a run left in doubt.

    >>> doubt("acme", "con_1", "report_pull", "run_1", 3)
    {'pk': 'TENANT#acme#CONNECTION#con_1', 'sk': 'DOUBT#report_pull#run_1#00003'}
    """
    return {"pk": _of_connection(tenant, connection_id), "sk": f"DOUBT#{flow}#{run_id}#{index:05d}"}


def touched(tenant: str, connection_id: str, flow: str, run_id: str, touched: Sequence[str]) -> Key:
    """Whom a run is about to write about whose writes no mirror tells of.

    >>> touched("acme", "con_1", "balance_sync", "run_1", ["E1", "E2"])
    {'pk': 'TENANT#acme#CONNECTION#con_1', 'sk': 'TOUCHED#balance_sync#run_1#56e8d0f6'}
    """
    digest = crc32("\n".join(touched).encode())
    return {"pk": _of_connection(tenant, connection_id), "sk": f"TOUCHED#{flow}#{run_id}#{digest:08x}"}


def of_connection(tenant: str, connection_id: str) -> str:
    """Partition of a connection's schedules, leases and standings.

    >>> of_connection("acme", "con_1")
    'TENANT#acme#CONNECTION#con_1'
    """
    return _of_connection(tenant, connection_id)


def run(tenant: str, run_id: str) -> Key:
    """A run: its status, times, trigger, and counts once it has ended.

    >>> run("acme", "run_1")
    {'pk': 'TENANT#acme#RUN#run_1', 'sk': 'RUN'}
    """
    return {"pk": f"{_tenant(tenant)}#RUN#{run_id}", "sk": "RUN"}


def run_indexes(tenant: str, connection_id: str, run_id: str) -> Key:
    """Puts a run into the lists of its tenant and of its connection.

    >>> run_indexes("acme", "con_1", "run_1")
    {'by_time_pk': 'TENANT#acme#RUNS', 'by_time_sk': 'run_1',
     'by_connection_pk': 'TENANT#acme#CONNECTION#con_1#RUNS', 'by_connection_sk': 'run_1'}
    """
    return {
        "by_time_pk": runs_of_tenant(tenant),
        "by_time_sk": run_id,
        "by_connection_pk": runs_of_connection(tenant, connection_id),
        "by_connection_sk": run_id,
    }


def runs_of_tenant(tenant: str) -> str:
    """Partition of `by_time`: a tenant's runs.

    >>> runs_of_tenant("acme")
    'TENANT#acme#RUNS'
    """
    return f"{_tenant(tenant)}#RUNS"


def runs_of_connection(tenant: str, connection_id: str) -> str:
    """Partition of `by_connection`: a connection's runs.

    >>> runs_of_connection("acme", "con_1")
    'TENANT#acme#CONNECTION#con_1#RUNS'
    """
    return f"{_of_connection(tenant, connection_id)}#RUNS"


def failures(tenant: str) -> str:
    """Partition of `by_time`: the parts of runs in which records failed or are blocked.

    >>> failures("acme")
    'TENANT#acme#FAILURES'
    """
    return f"{_tenant(tenant)}#FAILURES"


def failure_index(tenant: str, run_id: str, part: str) -> Key:
    """Puts a part of a run into the list of failures.

    >>> failure_index("acme", "run_1", "PAGE#00003")
    {'by_time_pk': 'TENANT#acme#FAILURES', 'by_time_sk': 'run_1#PAGE#00003'}
    """
    return {"by_time_pk": failures(tenant), "by_time_sk": f"{run_id}#{part}"}


def cured(tenant: str, connection_id: str, flow: str, run_id: str) -> Key:
    """What of earlier failures a run that looked at some records only has written, or found right.

    >>> cured("acme", "con_1", "report_pull", "run_1")
    {'pk': 'TENANT#acme#CONNECTION#con_1', 'sk': 'CURED#report_pull#run_1'}
    """
    return {"pk": _of_connection(tenant, connection_id), "sk": f"CURED#{flow}#{run_id}"}


def calls(tenant: str, connection_id: str, day: str) -> Key:
    """The calls of a connection on a day, UTC, by system, and what vendors said is left of theirs.

    >>> calls("acme", "con_1", "2026-03-02")
    {'pk': 'TENANT#acme#CONNECTION#con_1', 'sk': 'CALLS#2026-03-02'}
    """
    return {"pk": _of_connection(tenant, connection_id), "sk": f"CALLS#{day}"}


def part(tenant: str, run_id: str, kind: str, index: int) -> Key:
    """The summary of a part: of a page (`PAGE`) or of a batch (`BATCH`).

    >>> part("acme", "run_1", "PAGE", 3)
    {'pk': 'TENANT#acme#RUN#run_1', 'sk': 'PAGE#00003'}
    """
    return {"pk": run(tenant, run_id)["pk"], "sk": f"{kind}#{index:05d}"}


def records(tenant: str, run_id: str, kind: str, index: int, chunk: int) -> Key:
    """A chunk of the records of a part.

    >>> records("acme", "run_1", "PAGE", 3, 0)
    {'pk': 'TENANT#acme#RUN#run_1', 'sk': 'RECORDS#PAGE#00003#000'}
    """
    return {"pk": run(tenant, run_id)["pk"], "sk": f"RECORDS#{kind}#{index:05d}#{chunk:03d}"}


def delivery(tenant: str, connection_id: str, record_id: str) -> Key:
    """A delivery: what was sent of a record, or is being sent.

    >>> delivery("acme", "con_1", "employee:1042")
    {'pk': 'TENANT#acme#CONNECTION#con_1#DELIVERY#employee:1042', 'sk': 'DELIVERY'}
    """
    return {"pk": f"{_of_connection(tenant, connection_id)}#DELIVERY#{record_id}", "sk": "DELIVERY"}


def link(tenant: str, connection_id: str, entity: str, source_id: str) -> Key:
    """A link: the record at the target that a source record goes to, and what was sent last.

    >>> link("acme", "con_1", "employee", "65d3")
    {'pk': 'TENANT#acme#CONNECTION#con_1#LINKS#employee#7', 'sk': '65d3'}
    """
    return links_to(tenant, connection_id, entity, [source_id])[0]


def links_to(tenant: str, connection_id: str, entity: str, source_ids: Iterable[str]) -> list[Key]:
    """The links of several source records.

    >>> links_to("acme", "con_1", "employee", ["65d3", "65d4"])
    [{'pk': 'TENANT#acme#CONNECTION#con_1#LINKS#employee#7', 'sk': '65d3'},
     {'pk': 'TENANT#acme#CONNECTION#con_1#LINKS#employee#4', 'sk': '65d4'}]
    """
    partitions = links(tenant, connection_id, entity)
    return [{"pk": partitions[crc32(one.encode()) % LINK_SHARDS], "sk": one} for one in source_ids]


def links(tenant: str, connection_id: str, entity: str) -> list[str]:
    """Partitions of a connection's links of one entity: several, since a first run writes them all at once.

    >>> links("acme", "con_1", "employee")[0]
    'TENANT#acme#CONNECTION#con_1#LINKS#employee#0'
    """
    former = former_links(tenant, connection_id, entity)
    return [f"{former}#{shard}" for shard in range(LINK_SHARDS)]


def former_link(tenant: str, connection_id: str, entity: str, source_id: str) -> Key:
    """A link where it was kept before links were spread; it is read there, and forgotten, and never put.

    >>> former_link("acme", "con_1", "employee", "65d3")
    {'pk': 'TENANT#acme#CONNECTION#con_1#LINKS#employee', 'sk': '65d3'}
    """
    return {"pk": former_links(tenant, connection_id, entity), "sk": source_id}


def former_links(tenant: str, connection_id: str, entity: str) -> str:
    """Partition of the links of one entity that were kept before links were spread.

    >>> former_links("acme", "con_1", "employee")
    'TENANT#acme#CONNECTION#con_1#LINKS#employee'
    """
    return f"{_of_connection(tenant, connection_id)}#LINKS#{entity}"


def pieces(pk: str, digest: str, count: int) -> list[Key]:
    """The pieces of a value that is too large for its item, which is in the partition `pk`.

    >>> pieces("TENANT#acme#RUN#run_1", "9f86", 2)
    [{'pk': 'TENANT#acme#RUN#run_1#LARGE#9f86', 'sk': '000'},
     {'pk': 'TENANT#acme#RUN#run_1#LARGE#9f86', 'sk': '001'}]
    """
    return [{"pk": f"{pk}#LARGE#{digest}", "sk": f"{number:03d}"} for number in range(count)]


def history(tenant: str, connection_id: str, record_id: str, run_id: str) -> Key:
    """An entry of a record's audit trail: the fields that a run wrote.

    >>> history("acme", "con_1", "employee:1042", "run_1")
    {'pk': 'TENANT#acme#CONNECTION#con_1#HISTORY#employee:1042', 'sk': 'run_1'}
    """
    return {"pk": histories(tenant, connection_id, record_id), "sk": run_id}


def histories(tenant: str, connection_id: str, record_id: str) -> str:
    """Partition of a record's audit trail.

    >>> histories("acme", "con_1", "employee:1042")
    'TENANT#acme#CONNECTION#con_1#HISTORY#employee:1042'
    """
    return f"{_of_connection(tenant, connection_id)}#HISTORY#{record_id}"


def change(tenant: str, connection_id: str, change_id: str) -> Key:
    """A change of a connection: who did it, when, and which fields.

    >>> change("acme", "con_1", "chg_1")
    {'pk': 'TENANT#acme#CONNECTION#con_1#CHANGES', 'sk': 'chg_1'}
    """
    return {"pk": changes(tenant, connection_id), "sk": change_id}


def changes(tenant: str, connection_id: str) -> str:
    """Partition of the changes of a connection.

    >>> changes("acme", "con_1")
    'TENANT#acme#CONNECTION#con_1#CHANGES'
    """
    return f"{_of_connection(tenant, connection_id)}#CHANGES"


def tenant_change(tenant: str, change_id: str) -> Key:
    """An entry of the trail of a tenant as a whole: who of the service had access, and what they called.

    >>> tenant_change("acme", "chg_1")
    {'pk': 'TENANT#acme#CHANGES', 'sk': 'chg_1'}
    """
    return {"pk": tenant_changes(tenant), "sk": change_id}


def tenant_changes(tenant: str) -> str:
    """Partition of the trail of a tenant as a whole.

    >>> tenant_changes("acme")
    'TENANT#acme#CHANGES'
    """
    return f"{_tenant(tenant)}#CHANGES"


def access(tenant: str, access_id: str) -> Key:
    """An access of one of the service to a tenant: who, why, until when, and whether it was ended.

    >>> access("acme", "acc_1")
    {'pk': 'TENANT#acme#ACCESS', 'sk': 'acc_1'}
    """
    return {"pk": accesses(tenant), "sk": access_id}


def accesses(tenant: str) -> str:
    """Partition of the accesses to a tenant.

    >>> accesses("acme")
    'TENANT#acme#ACCESS'
    """
    return f"{_tenant(tenant)}#ACCESS"


def read_once(tenant: str, access_id: str, call: str) -> Key:
    """That the trail has a reading call of an access already.

    >>> read_once("acme", "acc_1", "GET /runs/run_1")
    {'pk': 'TENANT#acme#ACCESS#acc_1', 'sk': 'GET /runs/run_1'}
    """
    return {"pk": f"{accesses(tenant)}#{access_id}", "sk": call}


def own_access(subject: str, access_id: str) -> Key:
    """That one of the service had or has an access, and to which tenant.

    >>> own_access("3f6c", "acc_1")
    {'pk': 'SERVICE#3f6c', 'sk': 'acc_1'}
    """
    return {"pk": own_accesses(subject), "sk": access_id}


def own_accesses(subject: str) -> str:
    """Partition of the accesses that one of the service had or has.

    >>> own_accesses("3f6c")
    'SERVICE#3f6c'
    """
    return f"SERVICE#{subject}"


def failed_run(at: str, tenant: str, run_id: str) -> Key:
    """A run that failed, is held, died or never began, in the list of its day for those who run Payrelay.

    >>> failed_run("2026-03-02T05:00:13.500Z", "acme", "run_1")
    {'pk': 'FAILED#2026-03-02', 'sk': '2026-03-02T05:00:13.500Z#acme#run_1'}
    """
    return {"pk": failed_runs(at[:10]), "sk": f"{at}#{_checked(tenant)}#{run_id}"}


def failed_runs(day: str) -> str:
    """Partition of the runs of all tenants that went wrong on a day.

    >>> failed_runs("2026-03-02")
    'FAILED#2026-03-02'
    """
    return f"FAILED#{day}"


def report(tenant: str, connection_id: str, person_id: str, period: str) -> Key:
    """A person's payroll report of a period.

    >>> report("acme", "con_1", "2003", "2026-01")
    {'pk': 'TENANT#acme#CONNECTION#con_1#REPORTS#2003', 'sk': '2026-01'}
    """
    return {"pk": reports(tenant, connection_id, person_id), "sk": period}


def former_report(tenant: str, connection_id: str, person_id: str, period: str, version: int) -> Key:
    """A version of a payroll report that a later one replaced.

    >>> former_report("acme", "con_1", "2003", "2026-01", 1)
    {'pk': 'TENANT#acme#CONNECTION#con_1#REPORTS#2003', 'sk': '2026-01#00001'}
    """
    return {"pk": reports(tenant, connection_id, person_id), "sk": f"{period}#{version:05d}"}


def reports(tenant: str, connection_id: str, person_id: str) -> str:
    """Partition of a person's payroll reports.

    >>> reports("acme", "con_1", "2003")
    'TENANT#acme#CONNECTION#con_1#REPORTS#2003'
    """
    return f"{_of_connection(tenant, connection_id)}#REPORTS#{person_id}"


def report_of_period(tenant: str, connection_id: str, period: str, person_id: str) -> Key:
    """That a person has a report of a period.

    >>> report_of_period("acme", "con_1", "2026-01", "2003")
    {'pk': 'TENANT#acme#CONNECTION#con_1#PERIOD#2026-01', 'sk': '2003'}
    """
    return {"pk": reports_of_period(tenant, connection_id, period), "sk": person_id}


def reports_of_period(tenant: str, connection_id: str, period: str) -> str:
    """Partition of the people who have a report of a period.

    >>> reports_of_period("acme", "con_1", "2026-01")
    'TENANT#acme#CONNECTION#con_1#PERIOD#2026-01'
    """
    return f"{_of_connection(tenant, connection_id)}#PERIOD#{period}"


def plan_object(tenant: str, connection_id: str, run_id: str, name: str) -> str:
    """A page's planned writes, an object in the bucket of plans.

    >>> plan_object("acme", "con_1", "run_1", "page-00003")
    'acme/con_1/run_1/page-00003.json.gz'
    """
    return f"{_checked(tenant)}/{connection_id}/{run_id}/{name}.json.gz"


def mirror_object(tenant: str, connection_id: str, flow: str, name: str) -> str:
    """The head of a flow's mirror, or a blob by its digest, an object in the bucket of plans.

    >>> mirror_object("acme", "con_1", "report_pull", "head")
    'acme/con_1/mirror-report_pull/head'
    """
    return f"{_checked(tenant)}/{connection_id}/mirror-{flow}/{name}"
