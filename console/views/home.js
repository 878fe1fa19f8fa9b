/** The overview: every connection and flow, those that need somebody on top. */

import { at, connections, post } from "../api.js";
import {
  Button, Empty, Field, Loaded, Page, Progress, Reason, Section, Spark, Status, Table, Trouble, When,
  go, html, link, may, say, t, useAct, useLoad,
} from "../kit.js";
import { ago, time } from "../format.js";

const MOVING_MS = 10_000;
const RESTING_MS = 60_000;
const FEW = 8;
const TOLD = ["created", "updated", "blocked", "failed"];
const OWN_VIEW = { invoice_sync: "invoices", balance_sync: "leave" };
const URGENT = ["attention", "missed", "held", "failed"];

export default function Home({ query }) {
  const reading = useLoad(rows, [], (data) => data?.some((row) => row.running) ? MOVING_MS : RESTING_MS);
  const [start, busy, problem] = useAct(async (row, mode) => {
    const run = await post(at("connections", row.connection.connection_id, "runs"), { flow: row.flow, mode });
    if (run.joined) say(t("home.joined"));
    go(link("runs", run.run_id));
  });
  const addition = may("admin") && html`<a class="button" href=${link("connections", "new")}>${t("home.connect")}</a>`;
  return html`
    <${Page} title=${t("home.title")} actions=${addition}>
      <${Trouble} problem=${problem} />
      <${Loaded} of=${reading} empty=${(all) => all.length === 0 && html`<${Nothing} />`}>
        ${(all) => html`
          <${Needs} rows=${all} start=${start} busy=${busy} />
          <${Everything} all=${all} query=${query} start=${start} busy=${busy} />`}
      <//>
    <//>`;
}

function Nothing() {
  return html`
    <p><b>${t("home.empty")}</b></p>
    ${may("admin")
      ? html`<p>${t("home.empty-admin")}</p><p><a class="button primary" href=${link("connections", "new")}>${t("home.connect")}</a></p>`
      : html`<p>${t("home.empty-others")}</p>`}`;
}

// --- What is shown of a connection and flow ----------------------------------------------------------

/** One row a connection and flow, those that need somebody first, then by name. */
async function rows() {
  const all = (await connections(true)).flatMap((connection) => connection.flows.map((flow) => rowOf(connection, flow)));
  const place = (row) => URGENT.indexOf(row.status) + 1 || URGENT.length + (row.standing.waiting ? 1 : 2);
  return all.sort((a, b) => place(a) - place(b) || a.connection.name.localeCompare(b.connection.name));
}

function rowOf(connection, flow) {
  const standing = connection.standings[flow];
  const running = standing.running ?? null;
  const recent = standing.recent ?? [];
  // What was only previewed has changed nothing, so that it is not how the flow stands.
  const last = recent.findLast((run) => run.mode !== "preview") ?? (recent.length ? null : before(standing));
  return { connection, flow, standing, running, recent, last, status: statusOf(connection, standing, running, last) };
}

/** The last run of before the last runs were kept. */
function before({ last_run_id: id, last_status: status, last_finished_at: at }) {
  return id && { run_id: id, mode: "sync", status, finished_at: at, counts: {} };
}

function statusOf(connection, standing, running, last) {
  if (connection.status !== "connected") return connection.status;
  if (running) return running.status;
  if (standing.missed_at) return "missed";
  return last?.status ?? "never";
}

/** What somebody has to do about rows, each once: `{row, title, reason, text, act}`. */
function needsOf(all) {
  const needs = [];
  const told = new Set();
  for (const row of all) {
    const { connection, standing, last } = row;
    if (connection.status === "attention" && !told.has(connection.connection_id)) {
      told.add(connection.connection_id);
      needs.push({ kind: "attention", row, reason: connection.reason, href: link("connections", connection.connection_id) });
    }
    if (standing.missed_at) needs.push({ kind: "missed", row, reason: standing.missed_reason });
    if (last?.status === "held" && !row.running) needs.push({ kind: "held", row, href: link("runs", last.run_id, "plan") });
    if (last?.status === "failed" && !row.running) needs.push({ kind: "failed", row, href: link("runs", last.run_id) });
    if (standing.next_run_problem && connection.status !== "attention") {
      needs.push({ kind: "unscheduled", row, reason: standing.next_run_problem, href: link("connections", connection.connection_id) });
    }
  }
  return needs;
}

// --- What needs somebody -----------------------------------------------------------------------------

function Needs({ rows: all, start, busy }) {
  const needs = needsOf(all);
  if (!needs.length) return null;
  return html`
    <${Section} title=${t("home.needs", { n: needs.length })} class="card home-needs">
      <ul class="plain lines">${needs.map((need) => html`<${Need} key=${`${need.kind} ${need.row.connection.connection_id} ${need.row.flow}`}
        ...${need} start=${start} busy=${busy} />`)}</ul>
    <//>`;
}

function Need({ kind, row, reason, href, start, busy }) {
  const { connection, flow, standing, last } = row;
  const state = kind === "unscheduled" ? "attention" : kind;
  const values = { flow: t(`flow.${flow}`), at: time(kind === "missed" ? standing.missed_at : last?.finished_at) };
  const startable = kind === "missed" && may("operator") && connection.status === "connected" && !row.running;
  return html`
    <li>
      <${Status} of=${state} />
      <div>
        <h3>${connection.name}${kind !== "attention" && ` – ${values.flow}`}</h3>
        <p>${t(`home.need-${kind}`, values)}</p>
        <${Reason} of=${reason} />
      </div>
      <div class="actions">
        ${startable && html`<${Button} kind="primary" busy=${busy} onClick=${() => start(row, "sync")}>${t("home.sync")}<//>`}
        ${href && html`<a class="button" href=${href}>${t(`home.do-${kind}`)}</a>`}
      </div>
    </li>`;
}

// --- All of them -------------------------------------------------------------------------------------

function Everything({ all, query, start, busy }) {
  const looked = (query.search || "").toLowerCase();
  const shown = all.filter((row) => !looked || wordsOf(row).toLowerCase().includes(looked));
  const columns = [
    { key: "name", title: t("home.connection"), cell: (row) => html`<${Name} row=${row} />` },
    { key: "status", title: t("home.status"), cell: (row) => html`<${State} row=${row} />` },
    { key: "agreed", class: "brief", title: t("home.agreed"), cell: ({ standing }) => html`<${When} at=${standing.agreed_at} />` },
    { key: "last", title: t("home.last"), cell: (row) => html`<${Last} row=${row} />` },
    { key: "next", class: "brief", title: t("home.next"), cell: (row) => html`<${Next} row=${row} />` },
    { key: "waits", class: "brief", title: t("home.waits"), cell: (row) => html`<${Waiting} row=${row} />` },
    { key: "recent", title: t("home.recent"), cell: ({ recent }) => recent.length > 0 && html`<${Spark} runs=${recent} />` },
    may("operator") && { key: "do", title: t("home.do"), cell: (row) => html`<${Start} row=${row} start=${start} busy=${busy} />` },
  ].filter(Boolean);
  return html`
    <${Section} title=${t("home.all")} class="card home-all" actions=${all.length > FEW && html`<${Search} value=${query.search} />`}>
      ${shown.length > 0
        ? html`<${Table} caption=${t("home.all")} columns=${columns} rows=${shown}
            keyOf=${(row) => `${row.connection.connection_id} ${row.flow}`} />`
        : html`<${Empty}>${t("home.none", { search: query.search })}<//>`}
      ${!may("operator") && html`<p class="fine">${t("home.who-may")}</p>`}
    <//>`;
}

function wordsOf({ connection, flow, status }) {
  return [connection.name, t(`kind.${connection.kind}`), t(`flow.${flow}`), t(`status.${status}`),
    ...Object.values(connection.organisations ?? {})].join(" ");
}

function Search({ value = "" }) {
  const typed = (event) => go(link("", { search: event.target.value }), true);
  return html`<${Field} label=${t("home.search")}>
    ${(props) => html`<input type="search" ...${props} value=${value} onInput=${typed} />`}<//>`;
}

function Name({ row: { connection, flow } }) {
  const own = OWN_VIEW[flow];
  const words = t(`flow.${flow}`);
  return html`
    <a href=${link("connections", connection.connection_id)}>${connection.name}</a>
    <span class="under">${own ? html`<a href=${link(own, connection.connection_id)}>${words}</a>` : words}
      <span class="fine"> · ${t(`kind.${connection.kind}`)}</span></span>`;
}

function State({ row: { status, running } }) {
  return html`<${Status} of=${status} />
    ${running && html`<a class="under" href=${link("runs", running.run_id)}>${t("home.in-progress", { mode: t(`mode.${running.mode}`) })}</a>
      <${Progress} ...${running.progress} label=${t("home.progress")} />`}`;
}

function Last({ row: { recent, last } }) {
  const newest = recent.at(-1);
  const told = last ? TOLD.filter((outcome) => last.counts[outcome]) : [];
  return html`
    ${last
      ? html`<a href=${link("runs", last.run_id)}><${When} at=${last.finished_at} /></a>
        <span class="under fine">${told.length
          ? told.map((outcome) => t("home.count", { n: last.counts[outcome], outcome: t(`status.${outcome}`) })).join(" · ")
          : t("home.nothing-new")}</span>`
      : html`<span class="fine">${t("status.never")}</span>`}
    ${newest && newest !== last && html`
      <a class="under" href=${link("runs", newest.run_id)}>${t("home.previewed", { when: ago(newest.finished_at) })}</a>`}`;
}

function Next({ row: { standing } }) {
  if (standing.next_run_at) return html`<${When} at=${standing.next_run_at} />`;
  return html`<span class="fine">${t(standing.next_run_problem ? "home.will-not" : "home.by-hand")}</span>`;
}

/** How many records wait for somebody, with the way to the newest run that says so. */
function Waiting({ row: { standing, recent } }) {
  const n = standing.waiting ?? null;
  if (!n) return html`<span class="fine">${n === 0 ? t("home.nobody") : "–"}</span>`;
  const seen = recent.findLast((run) => run.mode !== "preview" && (run.counts.blocked || run.counts.failed));
  const outcome = seen && !seen.counts.failed ? "blocked" : !seen?.counts.blocked ? "failed" : null;
  const text = t("home.waiting", { n });
  return seen ? html`<a href=${link("runs", seen.run_id, { outcome })}>${text}</a>` : html`<a href=${link("on-call")}>${text}</a>`;
}

function Start({ row, start, busy }) {
  if (row.connection.status !== "connected" || row.running) return null;
  const name = `${row.connection.name}, ${t(`flow.${row.flow}`)}`;
  return html`
    <div class="actions">
      <${Button} busy=${busy} aria-label=${`${t("home.sync")}: ${name}`} onClick=${() => start(row, "sync")}>${t("home.sync")}<//>
      <${Button} busy=${busy} aria-label=${`${t("home.preview")}: ${name}`} onClick=${() => start(row, "preview")}>${t("home.preview")}<//>
    </div>`;
}
