/** The queue: every document that waits, its StatusCode, and what would free the most of them. */

import { at, get } from "../api.js";
import {
  Button, Empty, go, html, link, Remedy, Section, Status, t, Table, Trouble, useMemo, usePages, useRef, useState,
} from "../kit.js";
import { day, money, time } from "../format.js";
import { Actions } from "./invoices-actions.js";

const PAGE = 50;
// Sync takes so many of the list.
const BATCH = 5;
const TOLD = 3;

/**
 * The list as it was read, by its pages, and what was read anew of single customers since: looking at it is a use of the
 * connection and costs calls, so it is read when somebody asks for it, and when a sync has ended.
 */
export function useQueue(connection, query, stands, lapsed) {
  const path = at("connections", connection.connection_id, "documents");
  const kind = query.kind ?? null;
  const [anew, setAnew] = useState({});
  const pages = usePages(async (cursor) => {
    if (!stands) return { items: [], next_cursor: null, kind };
    if (!cursor) setAnew({});
    try {
      return { ...await get(path, { kind, limit: PAGE, cursor }), kind, at: new Date().toISOString() };
    } catch (problem) {
      if (problem.status === 409) lapsed();
      throw problem;
    }
  }, [path, kind, stands]);

  /** Read the documents of one customer again, after its account was linked or its link removed. */
  const again = async (customer) => {
    const found = await get(path, { customer_id: customer, kind, limit: PAGE });
    setAnew((before) => ({ ...before, [customer]: found.items }));
  };
  // While the list is read again, it stays as it was; that of another kind does not.
  const kept = useRef([]);
  const other = Boolean(pages.first) && pages.first.kind !== kind;
  if (other) kept.current = [];
  else if (pages.items.length || !pages.loading) kept.current = pages.items;
  const listed = kept.current;
  const items = useMemo(() => listed.flatMap((one) => {
    const read = anew[one.customer_id];
    return read ? read.filter((other) => other.document_id === one.document_id) : [one];
  }), [listed, anew]);
  const remedies = useMemo(() => (other ? [] : pages.first?.remedies ?? []).filter((one) => {
    const read = one.customer_id && anew[one.customer_id];
    return !read || read.some((document) => document.reasons.some((why) => why.code === one.code));
  }), [pages.first, anew, other]);
  const loading = pages.loading || other && !pages.problem;
  return { ...pages, loading, first: pages.first?.listed && pages.first, items, remedies, again };
}

export function Queue({ connection, query, queue, sync, name }) {
  const rows = queue.items.filter((one) => !sync.posted.has(one.document_id));
  const opened = query.document && rows.find((one) => one.document_id === query.document);
  const show = (document) => go(link("invoices", connection.connection_id, { ...query, document }), true);
  const loaded = queue.done && !queue.loading;
  return html`
    ${queue.first && html`<${Unreadable} rows=${queue.first.unreadable} />`}
    ${queue.remedies.length > 0 && html`<${Remedies} queue=${queue} rows=${rows} show=${show} />`}
    <${Section} title=${t("invoices.list")} actions=${html`
      ${queue.first && html`
        <span class="fine">${queue.loading ? t("invoices.checking", { name }) : t("invoices.as-of", { time: time(queue.first.at) })}</span>`}
      <${Button} busy=${queue.loading} onClick=${queue.reload}>${t("invoices.refresh")}<//>`}>
      <${Trouble} problem=${queue.problem} retry=${queue.reload} />
      ${rows.length > 0 && html`<${Rows} rows=${rows} query=${query} show=${show} />`}
      ${queue.loading && html`<div class="loading" role="status"><span class="spinner"></span>${t("invoices.checking", { name })}</div>`}
      ${!queue.loading && !queue.done && !queue.problem && html`<p><${Button} onClick=${queue.more}>${t("state.more")}<//></p>`}
      ${loaded && !rows.length && html`<${Empty}>${t(query.kind ? "invoices.empty-kind" : "invoices.empty")}<//>`}
    <//>
    ${opened && html`
      <${Actions} key=${opened.document_id} ...${{ connection, document: opened, queue, name }} close=${() => show(null)} />`}
    ${query.document && !opened && queue.first && !queue.loading && html`<p class="notice warn" role="status">${t("invoices.not-here")}</p>`}`;
}

function Rows({ rows, query, show }) {
  const columns = [
    {
      key: "number",
      title: t("invoices.number"),
      cell: (one) => html`<${Button} kind="link" aria-haspopup="dialog" onClick=${() => show(one.document_id)}>${one.number || one.document_id}<//>
        ${!query.kind && rows.indexOf(one) < BATCH && html` <small class="invoices-next" title=${t("invoices.next-why")}>${t("invoices.next")}</small>`}`,
    },
    !query.kind && { key: "kind", title: t("invoices.kind"), class: "invoices-short", cell: (one) => t(`invoices.kind-${one.kind}`) },
    { key: "date", title: t("invoices.date"), class: "invoices-short", cell: (one) => day(one.date) },
    { key: "customer", class: "invoices-customer", title: t("invoices.customer"), cell: (one) => html`${one.customer} <small>${one.customer_id}</small>` },
    { key: "total", title: t("invoices.total"), class: "number", cell: (one) => money(one.total, one.currency) },
    { key: "code", title: t("invoices.code"), class: "invoices-code", cell: (one) => html`<${StatusCode} of=${one} />` },
  ].filter(Boolean);
  // As on AutoVu's page, anywhere within the grid lines opens the actions; the number is the button for keys.
  const open = (event) => {
    const row = event.target.closest("tbody tr");
    if (row && !event.target.closest("a, button") && !String(getSelection())) show(rows[row.sectionRowIndex].document_id);
  };
  return html`<div class="invoices-grid" onClick=${open}>
    <${Table} caption=${t("invoices.list")} columns=${columns} rows=${rows} keyOf=${(one) => one.document_id} /></div>`;
}

/** The first failing check in its words, how many more there are, and what AutoVu shows if that is another. */
function StatusCode({ of }) {
  const more = of.reasons.length - 1;
  return html`
    ${of.status_code ? of.status_code : html`<${Status} of="succeeded" text=${t("invoices.ready")} />`}
    ${more > 0 && html` <span class="fine">${t("invoices.more-checks", { n: more })}</span>`}
    ${of.last_status_code && of.last_status_code !== of.status_code && html`
      <span class="under fine">${t("invoices.last-code", { code: of.last_status_code })}</span>`}`;
}

// --- What to do first --------------------------------------------------------------------------------

function Remedies({ queue, rows, show }) {
  const [first, rest] = [queue.remedies.slice(0, TOLD), queue.remedies.slice(TOLD)];
  const list = (some) => html`<ul class="plain lines">${some.map((one) => html`
    <${ToDo} key=${`${one.code} ${one.customer_id} ${one.remedy}`} of=${one} rows=${rows} show=${show} />`)}</ul>`;
  return html`
    <${Section} title=${t("invoices.remedies")}>
      ${!queue.first.remedies_complete && html`<p class="fine">${t("invoices.remedies-some")}</p>`}
      ${list(first)}
      ${rest.length > 0 && html`<details><summary>${t("invoices.more-remedies", { n: rest.length })}</summary>${list(rest)}</details>`}
    <//>`;
}

function ToDo({ of, rows, show }) {
  const whose = rows.find((one) => (!of.customer_id || one.customer_id === of.customer_id) && one.reasons.some((why) => why.code === of.code));
  const frees = of.documents
    ? html`<b>${t("invoices.frees", { n: of.documents })}</b> ${of.concerned > of.documents && t("invoices.concerned", { n: of.concerned })}`
    : t("invoices.frees-none", { n: of.concerned });
  return html`
    <li>
      <p>${frees}</p>
      <div><p>${of.message}</p><${Remedy} text=${of.remedy} /></div>
      ${whose && html`<${Button} aria-haspopup="dialog" onClick=${() => show(whose.document_id)}>${t("invoices.open", { number: whose.number })}<//>`}
    </li>`;
}

function Unreadable({ rows }) {
  if (!rows.length) return null;
  return html`
    <div class="notice warn"><p>${t("invoices.unreadable", { n: rows.length })}</p>
      <ul>${rows.map((one) => html`<li key=${one.document_id}><b>${one.number || one.document_id}</b>: ${one.field} ${one.problem}</li>`)}</ul></div>`;
}
