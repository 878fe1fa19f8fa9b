"""Every key of the one table, built here and nowhere else; `docs/data-model.md` explains each.

The tenant is part of every key, so that whatever id a caller sends, it can only name its own items.
"""

from __future__ import annotations

from collections.abc import Iterable

Key = dict[str, str]

BY_TIME = "by_time"
BY_CONNECTION = "by_connection"


def _tenant(tenant: str) -> str:
    if not tenant or "#" in tenant:
        raise ValueError(f"a tenant id must be given and have no '#', not {tenant!r}")
    return f"TENANT#{tenant}"


def tenant(tenant: str) -> Key:
    """`TENANT#demo` / `TENANT`: the tenant's add-ons."""
    return {"pk": _tenant(tenant), "sk": "TENANT"}


def app(client_id: str) -> Key:
    """`APP#3n4f…` / `APP`: which tenant and role an app's client id stands for."""
    return {"pk": f"APP#{client_id}", "sk": "APP"}


def connection(tenant: str, connection_id: str) -> Key:
    """`TENANT#demo` / `CONNECTION#con_01J…`."""
    return {"pk": _tenant(tenant), "sk": f"CONNECTION#{connection_id}"}


def connections(tenant: str) -> tuple[str, str]:
    """Partition and sort-key prefix of a tenant's connections."""
    return _tenant(tenant), "CONNECTION#"


def _of_connection(tenant: str, connection_id: str) -> str:
    return f"{_tenant(tenant)}#CONNECTION#{connection_id}"


def schedule(tenant: str, connection_id: str, flow: str) -> Key:
    """`TENANT#demo#CONNECTION#con_01J…` / `SCHEDULE#employee_export`."""
    return {"pk": _of_connection(tenant, connection_id), "sk": f"SCHEDULE#{flow}"}


def enabled_schedules() -> str:
    """Partition of `by_time` that lists the enabled schedules of all tenants: for the watch alone."""
    return "SCHEDULES"


def schedule_index(tenant: str, connection_id: str, flow: str) -> Key:
    """Puts an enabled schedule into the list of the watch."""
    return {
        "by_time_pk": enabled_schedules(),
        "by_time_sk": f"{_of_connection(tenant, connection_id)}#SCHEDULE#{flow}",
    }


def lease(tenant: str, connection_id: str, flow: str, scope: str = "") -> Key:
    """`TENANT#demo#CONNECTION#con_01J…` / `LEASE#balance_sync`; `LEASE#balance_sync#E0042` for one person."""
    return {"pk": _of_connection(tenant, connection_id), "sk": f"LEASE#{flow}{'#' if scope else ''}{scope}"}


def arrival(tenant: str, connection_id: str, message_id: str) -> Key:
    """`TENANT#demo#CONNECTION#con_01J…` / `ARRIVAL#msg_2Kj…`: a login that was told, and its run."""
    return {"pk": _of_connection(tenant, connection_id), "sk": f"ARRIVAL#{message_id}"}


def lock(tenant: str, connection_id: str) -> Key:
    """`TENANT#demo#CONNECTION#con_01J…` / `LOCK`: who changes the connection's secret."""
    return {"pk": _of_connection(tenant, connection_id), "sk": "LOCK"}


def consent(tenant: str, connection_id: str) -> Key:
    """`TENANT#demo#CONNECTION#con_01J…` / `CONSENT`: a consent that was asked for and has not come yet."""
    return {"pk": _of_connection(tenant, connection_id), "sk": "CONSENT"}


def use(tenant: str, connection_id: str) -> Key:
    """`TENANT#demo#CONNECTION#con_01J…` / `USE`: when the connection was used last."""
    return {"pk": _of_connection(tenant, connection_id), "sk": "USE"}


def standing(tenant: str, connection_id: str, flow: str) -> Key:
    """`TENANT#demo#CONNECTION#con_01J…` / `FLOW#employee_export`: first load done, last run, missed."""
    return {"pk": _of_connection(tenant, connection_id), "sk": f"FLOW#{flow}"}


def of_connection(tenant: str, connection_id: str) -> str:
    """Partition of a connection's schedules, leases and standings."""
    return _of_connection(tenant, connection_id)


def run(tenant: str, run_id: str) -> Key:
    """`TENANT#demo#RUN#run_01J…` / `RUN`."""
    return {"pk": f"{_tenant(tenant)}#RUN#{run_id}", "sk": "RUN"}


def run_indexes(tenant: str, connection_id: str, run_id: str) -> Key:
    """Where lists of runs find it: newest first by tenant, and by connection (run ids sort by time)."""
    return {
        "by_time_pk": runs_of_tenant(tenant),
        "by_time_sk": run_id,
        "by_connection_pk": runs_of_connection(tenant, connection_id),
        "by_connection_sk": run_id,
    }


def runs_of_tenant(tenant: str) -> str:
    """Partition of `by_time` that lists a tenant's runs."""
    return f"{_tenant(tenant)}#RUNS"


def runs_of_connection(tenant: str, connection_id: str) -> str:
    """Partition of `by_connection` that lists a connection's runs."""
    return f"{_of_connection(tenant, connection_id)}#RUNS"


def failures(tenant: str) -> str:
    """Partition of `by_time` that lists the parts of runs in which records failed or are blocked."""
    return f"{_tenant(tenant)}#FAILURES"


def failure_index(tenant: str, run_id: str, part: str) -> Key:
    """Puts a part of a run into the list of failures."""
    return {"by_time_pk": failures(tenant), "by_time_sk": f"{run_id}#{part}"}


def part(tenant: str, run_id: str, kind: str, index: int) -> Key:
    """`TENANT#demo#RUN#run_01J…` / `PAGE#00003` or `BATCH#00001`: one part's summary."""
    return {"pk": run(tenant, run_id)["pk"], "sk": f"{kind}#{index:05d}"}


def records(tenant: str, run_id: str, kind: str, index: int, chunk: int) -> Key:
    """`TENANT#demo#RUN#run_01J…` / `RECORDS#PAGE#00003#000`: records of one part."""
    return {"pk": run(tenant, run_id)["pk"], "sk": f"RECORDS#{kind}#{index:05d}#{chunk:03d}"}


def delivery(tenant: str, connection_id: str, record_id: str) -> Key:
    """`TENANT#demo#CONNECTION#con_01J…#DELIVERY#employee:1042` / `DELIVERY`."""
    return {"pk": f"{_of_connection(tenant, connection_id)}#DELIVERY#{record_id}", "sk": "DELIVERY"}


def link(tenant: str, connection_id: str, entity: str, source_id: str) -> Key:
    """`TENANT#demo#CONNECTION#con_01J…#LINKS#employee` / `65d3a1f0…`."""
    return {"pk": links(tenant, connection_id, entity), "sk": source_id}


def links_to(tenant: str, connection_id: str, entity: str, source_ids: Iterable[str]) -> list[Key]:
    """The keys of the links of these source records."""
    partition = links(tenant, connection_id, entity)
    return [{"pk": partition, "sk": source_id} for source_id in source_ids]


def links(tenant: str, connection_id: str, entity: str) -> str:
    """Partition of a connection's links of one entity."""
    return f"{_of_connection(tenant, connection_id)}#LINKS#{entity}"


def history(tenant: str, connection_id: str, record_id: str, run_id: str) -> Key:
    """`TENANT#demo#CONNECTION#con_01J…#HISTORY#employee:1042` / `run_01J…`."""
    return {"pk": histories(tenant, connection_id, record_id), "sk": run_id}


def histories(tenant: str, connection_id: str, record_id: str) -> str:
    """Partition of one record's audit trail."""
    return f"{_of_connection(tenant, connection_id)}#HISTORY#{record_id}"


def report(tenant: str, connection_id: str, person_id: str, period: str) -> Key:
    """`TENANT#demo#CONNECTION#con_01J…#REPORTS#2003` / `2026-01`: a person's payroll report of a period."""
    return {"pk": reports(tenant, connection_id, person_id), "sk": period}


def former_report(tenant: str, connection_id: str, person_id: str, period: str, version: int) -> Key:
    """`TENANT#demo#CONNECTION#con_01J…#REPORTS#2003` / `2026-01#00001`: a version before."""
    return {"pk": reports(tenant, connection_id, person_id), "sk": f"{period}#{version:05d}"}


def reports(tenant: str, connection_id: str, person_id: str) -> str:
    """Partition of one person's payroll reports."""
    return f"{_of_connection(tenant, connection_id)}#REPORTS#{person_id}"


def report_of_period(tenant: str, connection_id: str, period: str, person_id: str) -> Key:
    """`TENANT#demo#CONNECTION#con_01J…#PERIOD#2026-01` / `2003`: that a period has a report of a person."""
    return {"pk": reports_of_period(tenant, connection_id, period), "sk": person_id}


def reports_of_period(tenant: str, connection_id: str, period: str) -> str:
    """Partition of the people whose reports are kept of a period."""
    return f"{_of_connection(tenant, connection_id)}#PERIOD#{period}"


def plan_object(tenant: str, connection_id: str, run_id: str, name: str) -> str:
    """`demo/con_01J…/run_01J…/page-00003.json.gz`: an object in the bucket of plans."""
    return f"{_tenant(tenant)[7:]}/{connection_id}/{run_id}/{name}.json.gz"
