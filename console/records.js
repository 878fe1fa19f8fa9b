/**
 * The records of a run, for the views that list them: a bar of outcomes, filters, an endless list, and one record
 * opened. What is chosen stands in the address: `outcome`, `reason`, `field`, `search`, `risk` (of the brake; it is
 * chosen by the view), `record`.
 */

import { at, get } from "./api.js";
import {
  Button, Changes, Dialog, Empty, Field, Loading, Outcomes, Reason, Select, Status, Table, Trouble,
  go, html, link, may, t, useAct, useEffect, useLoad, useMemo, usePages, useQuiet, useState,
} from "./kit.js";
import { clock, number } from "./format.js";
import { inProgress } from "./runs.js";

const PAGE = 100;
const NONE = [];
/** Whether a run's records say what it would write: it has written nothing. */
const foretold = (run) => run.mode === "preview" || run.status === "held";
const FILTERS = ["outcome", "reason", "field", "search", "risk"];

/**
 * `run` as the API has it, `query` of the address, and `here`, the address's parts (`["runs", id]`). With `select`
 * (`{has(id), toggle(record, on), able(record)}`) each row has a check box. `actions(record)` are buttons of an
 * opened record; `lead` are columns beside the usual ones; `rowClass(record)` marks rows; `seen(records)` is told what
 * is listed. What is between the tags stands below the bar.
 */
export function Records({ run, query, here, select, actions, lead = NONE, rowClass, seen, children }) {
  const narrow = (more) => go(link(...here, { ...query, record: null, ...more }), true);
  const filters = FILTERS.map((name) => query[name] || "");
  const counted = query.outcome === "unchanged";
  const pages = usePages(
    (cursor) => counted ? { items: [], next_cursor: null } : get(at("runs", run.run_id, "records"), {
      limit: PAGE, cursor, ...Object.fromEntries(FILTERS.map((name) => [name, query[name]])),
    }),
    [run.run_id, run.status, ...filters],
  );
  useEffect(() => void seen?.(pages.items), [pages.items]);
  const columns = useMemo(() => columnsOf({ run, query, here, select, lead }), [run.run_id, filters.join("\n"), select, lead]);
  const narrowed = filters.some(Boolean);
  const ended = !inProgress(run);
  if (!ended && !narrowed && !Object.values(run.counts).some(Boolean)) return html`<${Empty}>${t("record.not-yet")}<//>`;
  return html`
    <${Outcomes} counts=${run.counts} chosen=${query.outcome} choose=${(outcome) => narrow({ outcome })} />
    ${children}
    <${Filters} run=${run} query=${query} narrow=${narrow} />
    ${pages.items.length > 0 && html`
      <div class="records">
        <${Table} caption=${t("record.list")} columns=${columns} rows=${pages.items} keyOf=${(record) => record.record_id}
          more=${pages.more} rowClass=${rowClass} />
      </div>`}
    <${Trouble} problem=${pages.problem} retry=${pages.reload} />
    ${pages.loading && html`<${Loading} />`}
    ${pages.done && pages.items.length === 0 && html`<${Empty}>${nothing(run, query, filters)}<//>`}
    ${pages.done && pages.items.length > 0 && html`<p class="fine">${t("record.end", { n: pages.items.length })}</p>`}
    ${!ended && !pages.loading && html`<p><${Button} onClick=${pages.reload}>${t("record.again")}<//></p>`}
    ${query.record && html`
      <${Opened} key=${query.record} run=${run} id=${query.record} actions=${actions}
        known=${pages.items.find((record) => record.record_id === query.record)} close=${() => narrow({})} />`}`;
}

function nothing(run, query, filters) {
  if (query.outcome === "unchanged") return t("record.only-counted", { n: run.counts.unchanged });
  if (filters.some(Boolean)) return t("record.none-here");
  return run.counts.unchanged ? t("record.all-right", { n: run.counts.unchanged }) : t("record.none");
}

/** A few records with what they change, where there is no room for more. */
export function Briefly({ run, records }) {
  const columns = columnsOf({ run });
  return html`<${Table} caption=${t("record.list")} columns=${columns} rows=${records} keyOf=${(record) => record.record_id} />`;
}

function columnsOf({ run, query, here, select, lead = NONE }) {
  const open = (record) => link(...here, { ...query, record: record.record_id });
  return [
    {
      key: "label",
      title: t("record.record"),
      class: "record-name",
      cell: (record) => html`
        ${select && html`
          <input type="checkbox" aria-label=${t("record.select", { label: record.label })} disabled=${!select.able(record)}
            checked=${select.has(record.record_id)} onChange=${(event) => select.toggle(record, event.target.checked)} />`}
        ${here ? html`<a href=${open(record)}>${record.label}</a>` : record.label}
        ${!record.label.includes(record.key) && html` <span class="fine">${record.key}</span>`}`,
    },
    { key: "outcome", class: "record-outcome", title: t("record.outcome"), cell: (record) => html`<${Status} of=${record.outcome} />` },
    ...lead,
    {
      key: "what",
      title: t(foretold(run) ? "record.would" : "record.did"),
      cell: (record) => html`
        ${record.reason && html`<span>${record.reason.message}</span> `}
        ${record.changes.length > 0 && html`<${InShort} changes=${record.changes} />`}`,
    },
  ];
}

const IN_SHORT = 3;

/** The first changes of a record in one line; the rest is counted. */
function InShort({ changes }) {
  const shown = changes.slice(0, IN_SHORT);
  return html`<span class="in-short">
    ${shown.map((change) => html`<span key=${change.field}><span class="fine">${change.field}</span> ${
      change.old && html`<del>${change.old}</del> → `}<b>${change.new || t("record.empty")}</b></span> `)}
    ${changes.length > IN_SHORT && html`<span class="fine">${t("record.more-changes", { n: changes.length - IN_SHORT })}</span>`}
  </span>`;
}

// --- Reasons -----------------------------------------------------------------------------------------

const EXPLAINED = 12;
const SHOWN = 5;
const GRAVE = ["failed", "blocked"];

/** The reasons of a run, the grave ones first, each with an example that says what to do; `choose(code)` narrows to one. */
export function Reasons({ run, chosen, choose }) {
  const [opened, setOpened] = useState(false);
  const grave = (one) => GRAVE.includes(one.outcome) ? 0 : 1;
  const reasons = [...run.reasons].sort((a, b) => grave(a) - grave(b));
  const first = reasons.filter((one, place) => place < SHOWN && grave(one) === 0 || place < 1);
  const others = reasons.slice(first.length);
  const asked = [...new Set((opened ? reasons.slice(0, EXPLAINED) : first).map((one) => one.code))];
  const examples = useExamples(run.run_id, asked);
  const line = (one) => html`
    <li key=${one.code + one.outcome}>
      <${Status} of=${one.outcome} text=${`${number(one.count)} ${t(`status.${one.outcome}`)}`} />
      <div>
        ${examples[one.code] && one.count > 1 && html`<span class="fine">${t("record.example")}</span>`}
        ${examples[one.code] ? html`<${Reason} of=${examples[one.code]} />` : html`<code class="fine">${one.code}</code>`}
      </div>
      <button type="button" class="chip" aria-pressed=${chosen === one.code} aria-label=${`${t("record.reason-all")}: ${one.code}`}
        onClick=${() => choose(chosen === one.code ? null : one.code)}>${t("record.reason-all")}</button>
    </li>`;
  return html`
    <ul class="plain lines">${first.map(line)}</ul>
    ${others.length > 0 && html`
      <details class="more-reasons" open=${opened || others.some((one) => one.code === chosen)}
        onToggle=${(event) => setOpened(event.target.open)}><summary>${t("record.more-reasons", { n: others.length })}</summary>
        <ul class="plain lines">${others.map(line)}</ul></details>`}`;
}

/** An example of each reason by its code, read one after the other; one that can't be read is left out. */
function useExamples(run, codes) {
  const [examples, setExamples] = useState({});
  useEffect(() => {
    const leaving = new AbortController();
    const read = async (code) => {
      const page = await get(at("runs", run, "records"), { reason: code, limit: 1 }, { signal: leaving.signal });
      if (page.items[0]) setExamples((known) => ({ ...known, [code]: page.items[0].reason }));
    };
    const missing = codes.filter((code) => !examples[code]);
    missing.reduce((before, code) => before.then(() => leaving.signal.aborted || read(code)).catch(() => null), Promise.resolve());
    return () => leaving.abort();
  }, [run, codes.join()]);
  return examples;
}

// --- Filters -----------------------------------------------------------------------------------------

function Filters({ run, query, narrow }) {
  const reasons = (run.reasons ?? []).map((one) => [one.code, `${one.code} (${number(one.count)})`]);
  const fields = (run.fields ?? []).map((one) => [one.field, `${one.field} (${number(one.count)})`]);
  return html`
    <form class="filters" role="search" aria-label=${t("record.filters")} onSubmit=${(event) => event.preventDefault()}>
      <${Search} value=${query.search || ""} choose=${(search) => narrow({ search })} />
      <${Filter} label=${t("record.by-reason")} options=${reasons} value=${query.reason} choose=${(reason) => narrow({ reason })} />
      <${Filter} label=${t("record.by-field")} options=${fields} value=${query.field} choose=${(field) => narrow({ field })} />
      ${FILTERS.some((name) => query[name]) && html`
        <${Button} kind="link" onClick=${() => narrow(Object.fromEntries(FILTERS.map((name) => [name, null])))}>
          ${t("record.clear")}<//>`}
    </form>`;
}

/** A text that is looked for once nobody types any more. */
function Search({ value, choose }) {
  const [text, setText] = useState(value);
  const look = useQuiet(choose);
  useEffect(() => setText(value), [value]);
  const typed = (event) => (setText(event.target.value), look(event.target.value.trim()));
  return html`<${Field} label=${t("record.search")}>
    ${(props) => html`<input type="search" ...${props} value=${text} onInput=${typed} />`}<//>`;
}

function Filter({ label, options, value = "", choose }) {
  if (!options.length && !value) return null;
  const all = options.some(([one]) => one === value) || !value ? options : [[value, value], ...options];
  return html`<${Select} label=${label} options=${[["", t("state.all")], ...all]} value=${value} choose=${choose} />`;
}

// --- One record --------------------------------------------------------------------------------------

/** One record in a dialogue, also when a link leads to one that the list has not come to yet. */
function Opened({ run, id, known, actions, close }) {
  const found = useLoad((signal) => known ?? lookFor(run.run_id, id, signal), [run.run_id, id, run.status]);
  const record = found.data;
  return html`
    <${Dialog} title=${record ? record.label : id} close=${close} actions=${record && actions && actions(record)}>
      ${found.problem && html`<${Trouble} problem=${found.problem} retry=${found.reload} />`}
      ${found.loading && html`<${Loading} />`}
      ${record === null && html`<${Empty}>${t("record.not-here")}<//>`}
      ${record && html`<${One} run=${run} record=${record} />`}
    <//>`;
}

async function lookFor(run, id, signal) {
  const search = id.slice(id.indexOf(":") + 1);
  let cursor = null;
  do {
    const page = await get(at("runs", run, "records"), { limit: 200, search, cursor }, { signal });
    const found = page.items.find((record) => record.record_id === id);
    if (found) return found;
    cursor = page.next_cursor;
  } while (cursor);
  return null;
}

function One({ run, record }) {
  const history = link("history", run.connection_id, { entity: record.entity, key: record.key });
  return html`
    <p><${Status} of=${record.outcome} /> <span class="fine">${t.maybe(`entity.${record.entity}`) ?? record.entity} ${record.key}
      ${record.attempts > 1 && ` · ${t("record.attempts", { n: record.attempts })}`}</span></p>
    <${Reason} of=${record.reason} />
    ${(record.changes.length > 0 || record.withheld || !record.reason) && html`
      <h3>${t(foretold(run) ? "record.would" : "record.did")}</h3>
      <${Changes} of=${record.changes} withheld=${record.withheld} />`}
    ${record.request && html`<h3>${t("record.call")}</h3><${Call} of=${record.request} />`}
    <p><a href=${history}>${t("record.history")}</a></p>
    ${may("operator") && html`<${Log} run=${run.run_id} record=${record.record_id} />`}`;
}

/** The call to an outside system that failed: of a record or of a run. */
export function Call({ of }) {
  return html`
    <p><b>${t.maybe(`system.${of.system}`) ?? of.system}</b> <code>${of.method} ${of.path}</code>
      → ${of.status ? t("record.status", { status: String(of.status) }) : t("record.no-answer")} ${of.code && html`<code>${of.code}</code>`}</p>`;
}

/** The log lines of a run, or of one record, read when they are asked for. */
export function Log({ run, record }) {
  const [pages, setPages] = useState(null);
  const [read, busy, problem] = useAct(async () => {
    const page = await get(at("runs", run, "logs"), { record, limit: 200, cursor: pages?.next_cursor });
    setPages({ lines: [...(pages?.lines ?? []), ...page.items], next_cursor: page.next_cursor });
  });
  const opened = (event) => event.target.open && !pages && read();
  return html`
    <details class="log" onToggle=${opened}>
      <summary>${t("record.log")}</summary>
      <${Trouble} problem=${problem} retry=${read} />
      ${pages && html`
        ${pages.lines.length > 0 && html`<ol>${pages.lines.map((line) => html`<${Line} of=${line} />`)}</ol>`}
        ${!pages.lines.length && !pages.next_cursor && html`<p class="fine">${t("record.no-lines")}</p>`}`}
      ${busy && html`<${Loading} />`}
      ${pages?.next_cursor && html`<${Button} busy=${busy} onClick=${read}>${t("record.more-lines")}<//>`}
    </details>`;
}

function Line({ of }) {
  const beside = Object.entries(of.fields).map(([name, value]) => `${name}=${typeof value === "object" ? JSON.stringify(value) : value}`);
  return html`<li class=${of.level.toLowerCase()}><time title=${of.at}>${clock(of.at)}</time> <b>${of.level}</b> ${of.function}: ${of.message} ${""}
    <span class="fine">${beside.join(" ")}</span></li>`;
}
