/** The audit trail of one record: which run wrote which field when, from what to what, and who asked for it. */

import { at, connections, get } from "../api.js";
import {
  Button, Empty, Field, Loaded, Loading, Page, Section, Select, Status, Table, Trouble, When, Withheld,
  go, html, link, orEmpty, t, useEffect, useLoad, useMemo, usePages, useQuiet, useRef, useState,
} from "../kit.js";
import { time } from "../format.js";

const PAGE = 100;
const RUNS = 8;
const SUGGESTED = 8;

export default function History({ connection: id, query }) {
  const known = useLoad(() => connections(), []);
  return html`
    <${Page} title=${t("history.title")}>
      <${Loaded} of=${known} empty=${(all) => !all.length && t("history.no-connections")}>${(all) => {
        const of = all.find((one) => one.connection_id === id);
        if (id && !of) return html`<${Trouble} problem=${{ status: 404, code: "NOT_FOUND" }} />`;
        return html`<${Asked} all=${all} connection=${of ?? (all.length === 1 ? all[0] : undefined)} query=${query} />`;
      }}<//>
    <//>`;
}

function entitiesOf(connection) {
  return [...new Set(Object.values(connection?.sides ?? {}).flatMap((one) => one.entities))];
}

function entityOf(name) {
  return t.maybe(`entity.${name}`) ?? name;
}

/** A day, or none. */
function Day({ label, value, choose, ...more }) {
  return html`<${Field} label=${label}>${(props) => html`
    <input type="date" ...${props} ...${more} value=${value ?? ""} onChange=${(event) => choose(event.target.value)} />`}<//>`;
}

/** Which record is asked for, then its trail. */
function Asked({ all, connection, query }) {
  const entities = entitiesOf(connection);
  const names = all.map((one) => [one.connection_id, one.name]);
  const entity = entities.includes(query.entity) ? query.entity : entities[0];
  const show = (more) => go(link("history", connection.connection_id, { ...query, entity, ...more }), true);
  return html`
    <div class="history">
      <${Section} title=${t("history.whose")}>
        ${!query.key && html`<p class="fine">${t("history.about")}</p>`}
        <div class="filters">
          <${Select} label=${t("history.connection")} value=${connection?.connection_id ?? ""}
            options=${connection ? names : [["", t("history.choose")], ...names]} choose=${(id) => go(link("history", id))} />
          ${connection && html`
            <${Select} label=${t("history.what")} value=${entity} options=${entities.map((one) => [one, entityOf(one)])}
              choose=${(one) => show({ entity: one, key: null, field: null })} />`}
        </div>
        ${connection && html`
          <${Finder} key=${entity} connection=${connection} entity=${entity} chosen=${query.key ?? ""}
            choose=${(key) => go(link("history", connection.connection_id, { ...query, entity, key, field: null }))} />`}
      <//>
      ${connection && query.key && html`
        <${Trail} key=${`${entity}:${query.key}`} connection=${connection} entity=${entity} query=${query}
          show=${show} />`}
    </div>`;
}

// --- Finding a record --------------------------------------------------------------------------------

/** A key, or a part of a name: whoever the last runs told of under it is offered. */
function Finder({ connection, entity, chosen, choose }) {
  const [text, setText] = useState(chosen);
  const [asked, setAsked] = useState("");
  const look = useQuiet(setAsked);
  useEffect(() => (setText(chosen), setAsked("")), [chosen]);
  const typed = (event) => (setText(event.target.value), look(event.target.value.trim()));
  const found = useLoad(
    (signal) => asked.length < 2 ? null : lookFor(connection, entity, asked, signal),
    [connection.connection_id, entity, asked],
  );
  const submit = (event) => {
    event.preventDefault();
    if (text.trim()) choose(text.trim());
  };
  return html`
    <form class="finder" role="search" onSubmit=${submit}>
      <${Field} label=${t.maybe(`history.key-${entity}`) ?? t("history.key")} help=${t("history.key-help")}>${(props) => html`
        <div class="finder-line">
          <input type="search" ...${props} maxlength="200" value=${text} onInput=${typed} autocomplete="off" />
          <button type="submit" class="primary">${t("history.show")}</button></div>`}<//>
      <div role="status">
        ${found.loading && asked.length > 1 && html`<${Loading} />`}
        ${found.data && !found.loading && html`
          <p class="fine">
            ${t(found.data.length ? "history.found" : "history.not-found", { n: found.data.length, text: asked })}</p>`}
      </div>
      <${Trouble} problem=${found.problem} />
      ${found.data?.length > 0 && html`
        <ul class="plain history-found">${found.data.map((one) => html`
          <li key=${one.key}><button type="button" class="chip" onClick=${() => choose(one.key)}>
            ${one.label} ${!one.label.includes(one.key) && html`<span class="fine">${one.key}</span>`}
            <span class="fine">${foundIn(one, asked)}</span></button></li>`)}
        </ul>`}
    </form>`;
}

/** Records of the last runs that are called so: a run tells of those only that it did not find unchanged. */
async function lookFor(connection, entity, search, signal) {
  const flows = Object.keys(connection.sides).filter((flow) => connection.sides[flow].entities.includes(entity));
  const found = new Map();
  for (const flow of flows) {
    const runs = await get("runs", { connection_id: connection.connection_id, flow, limit: 50 }, { signal });
    for (const run of telling(runs.items)) {
      const asked = get(at("runs", run.run_id, "records"), { search, limit: SUGGESTED * 3 }, { signal });
      const page = await asked.catch(passing);
      for (const one of page.items) if (one.entity === entity && !found.has(one.key)) found.set(one.key, one);
      if (found.size >= SUGGESTED) return [...found.values()].slice(0, SUGGESTED);
    }
  }
  return [...found.values()];
}

/** The newest runs that tell of anybody, then those that created most: a first load tells of everybody. */
function telling(runs) {
  const tells = ({ counts }) => Object.keys(counts).some((outcome) => outcome !== "unchanged" && counts[outcome]);
  const tell = runs.filter((run) => run.finished_at && tells(run));
  const older = tell.slice(RUNS / 2).sort((a, b) => b.counts.created - a.counts.created);
  return [...tell.slice(0, RUNS / 2), ...older.slice(0, RUNS / 2)];
}

/** Where it says so, if that is not in what it is called. */
function foundIn(record, search) {
  const has = (text) => text?.toLowerCase().includes(search.toLowerCase());
  if (has(record.label) || has(record.key)) return null;
  if (has(record.reason?.message)) return record.reason.message;
  return record.changes.flatMap((change) => [change.new, change.old]).find(has);
}

/** A run whose plan is not kept any more tells nothing; the next one may. */
function passing(problem) {
  if (problem.code === "PLAN_EXPIRED") return { items: [] };
  throw problem;
}

// --- The trail ---------------------------------------------------------------------------------------

function Trail({ connection, entity, query, show }) {
  const { key, field, from, to } = query;
  const pages = usePages((cursor) => get(at("connections", connection.connection_id, "history"), {
    entity, key, field, since: from && startOf(from), until: to && endOf(to), limit: PAGE, cursor,
  }), [connection.connection_id, entity, key, field, from, to]);
  // The names to choose from stay those of the whole trail while one of them is chosen.
  const seen = useRef(new Set());
  for (const entry of pages.items) for (const one of entry.changes) seen.current.add(one.field);
  if (field) seen.current.add(field);
  const fields = [...seen.current].sort();
  const label = useLabel(entity, key, pages.items);
  const narrowed = field || from || to;
  const shown = { connection, record: `${entity}:${key}`, entries: pages.items, more: pages.more };
  return html`
    <${Section} title=${label ? `${label}${label.includes(key) ? "" : ` (${key})`}` : `${entityOf(entity)} ${key}`}>
      <form class="filters" aria-label=${t("history.filters")} onSubmit=${(event) => event.preventDefault()}>
        <${Select} label=${t("history.field")} value=${field ?? ""} choose=${(one) => show({ field: one })}
          options=${[["", t("history.every-field")], ...fields.map((one) => [one, one])]} />
        <${Day} label=${t("history.from")} value=${from} max=${to} choose=${(date) => show({ from: date })} />
        <${Day} label=${t("history.to")} value=${to} min=${from} choose=${(date) => show({ to: date })} />
        ${narrowed && html`
          <${Button} kind="link" onClick=${() => show({ field: null, from: null, to: null })}>${t("history.clear")}<//>`}
      </form>
      <${Trouble} problem=${pages.problem} retry=${pages.reload} />
      ${pages.items.length > 0 && (field
        ? html`<${Values} ...${shown} field=${field} />`
        : html`<${TimeLine} ...${shown} />`)}
      ${pages.loading && html`<${Loading} />`}
      ${pages.done && !pages.items.length && html`<${Empty}>${t(nothing(query), { key, field })}<//>`}
      ${pages.done && pages.items.length > 0 && html`
        <p class="fine">${t(narrowed ? "history.end-of-these" : "history.end")}</p>`}
    <//>`;
}

function nothing({ field, from, to }) {
  if (field) return "history.none-of-field";
  return from || to ? "history.none-then" : "history.none";
}

/** A day of the reader's, from its first moment to its last. */
function startOf(date) {
  return new Date(`${date}T00:00:00`).toISOString();
}

function endOf(date) {
  return new Date(`${date}T23:59:59.999`).toISOString();
}

/** What people call the record, as the newest run calls it that is still kept. */
function useLabel(entity, key, entries) {
  const run = entries.find((entry) => entry.run_id.startsWith("run_"))?.run_id;
  const found = useLoad(async (signal) => {
    if (!run) return null;
    const page = await get(at("runs", run, "records"), { search: key, limit: 20 }, { signal });
    return page.items.find((one) => one.entity === entity && one.key === key)?.label ?? null;
  }, [run, entity, key]);
  return found.data;
}

/** Why a run was started, in words, and who asked for it. */
function Why({ of }) {
  return t.maybe(`history.by-${of.trigger}`, { who: of.requested_by }) ?? `${of.trigger} · ${of.requested_by}`;
}

function RunOf({ of, record }) {
  const flow = t.maybe(`flow.${of.flow}`) ?? of.flow;
  return of.run_id.startsWith("run_")
    ? html`<a href=${link("runs", of.run_id, { record })}>${flow}</a>`
    : html`<span>${flow} · ${t("history.by-hand")}</span>`;
}

/** One field over time, newest first: from what to what, and who. */
function Values({ connection, record, entries, field, more }) {
  const rows = useMemo(() => {
    const every = entries.flatMap((entry) => entry.changes.map((change) => ({ ...change, entry })));
    // The API finds a part of a field's name, too.
    const these = every.filter((row) => row.field === field);
    return these.length ? these : every;
  }, [entries, field]);
  const newest = rows[0];
  const withheld = entries.find((entry) => entry.withheld)?.withheld;
  const columns = [
    { key: "at", title: t("history.when"), cell: ({ entry }) => html`<${When} at=${entry.at} exact />` },
    { key: "old", title: t("record.old"), cell: (row) => orEmpty(row.old) },
    { key: "new", title: t("record.new"), cell: (row) => html`<b>${orEmpty(row.new)}</b>` },
    { key: "run", title: t("history.run"), cell: ({ entry }) => html`<${RunOf} of=${entry} record=${record} />` },
    { key: "who", title: t("history.who"), cell: ({ entry }) => html`<${Why} of=${entry} />` },
    { key: "source", title: t("history.source"), cell: ({ entry, field: name }) => sourceOf(connection, entry, name) },
  ];
  return html`
    ${newest && html`
      <p class="newest">${t("history.since-then", { field: newest.field, when: time(newest.entry.at) })}
        ${" "}<b>${orEmpty(newest.new)}</b></p>`}
    <${Table} caption=${t("history.values", { field })} columns=${columns} rows=${rows} more=${more}
      keyOf=${(row) => `${row.entry.run_id} ${row.field}`} />
    <${Withheld} of=${withheld} />`;
}

function sourceOf(connection, entry, field) {
  const named = entry.sources?.[field];
  return named ? html`<span>${named} <span class="fine">${connection.sides[entry.flow]?.source}</span></span>` : "";
}

/** Everything that was written, newest first. */
function TimeLine({ connection, record, entries, more }) {
  const end = useRef();
  useEffect(() => {
    const comes = (seen) => seen.some((one) => one.isIntersecting) && more();
    const near = new IntersectionObserver(comes, { rootMargin: "600px" });
    near.observe(end.current);
    return () => near.disconnect();
  }, [more]);
  return html`
    <ol class="timeline">${entries.map((entry) => html`
      <li key=${entry.run_id}>
        <h3><${When} at=${entry.at} exact /> <${Status} of=${entry.outcome} /></h3>
        <p><${RunOf} of=${entry} record=${record} /> <span class="fine"><${Why} of=${entry} /></span></p>
        ${entry.comment && html`<p>${entry.comment}</p>`}
        ${entry.changes.length > 0 && html`<${Written} connection=${connection} entry=${entry} />`}
        <${Withheld} of=${entry.withheld} />
      </li>`)}
    </ol>
    <div ref=${end} aria-hidden="true"></div>`;
}

function Written({ connection, entry }) {
  const columns = [
    { key: "field", title: t("record.field"), cell: (change) => change.field },
    { key: "old", title: t("record.old"), cell: (change) => orEmpty(change.old) },
    { key: "new", title: t("record.new"), cell: (change) => orEmpty(change.new) },
  ];
  const source = connection.sides[entry.flow]?.source;
  if (entry.sources) {
    columns.push({ key: "source", title: t("history.source-of", { source }), cell: (change) => entry.sources[change.field] });
  }
  return html`
    <${Table} caption=${t("history.written", { when: time(entry.at) })} columns=${columns} rows=${entry.changes}
      keyOf=${(change) => change.field} />`;
}
