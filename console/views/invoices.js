/** The Sync page: documents of AutoVu that wait for an accounting package, and what keeps each of them back. */

import { at, connections, get } from "../api.js";
import { Connect, Disconnect } from "../consent.js";
import { Empty, go, html, link, Loaded, may, Page, Reason, Section, Status, t, Table, useEffect, useLoad, When } from "../kit.js";
import { Queue, useQueue } from "./invoices-queue.js";
import { Sync, useSync } from "./invoices-sync.js";

const KIND = "autovu_accounting";
const KINDS = ["SalesInvoice", "SalesCreditNote", "SupplierInvoice"];
// A connection ends by itself, 20 minutes after its last use: it is looked at again, which is no use of it.
const STANDS_MS = 60_000;

export default function Invoices({ connection, query }) {
  return connection ? html`<${OneConnection} key=${connection} id=${connection} query=${query} />` : html`<${Choose} />`;
}

const packageOf = (connection) => t(`system.${connection.settings.package}`);
const companyOf = (connection) => connection.organisations[connection.settings.package];

// --- Which connection --------------------------------------------------------------------------------

function Choose() {
  const found = useLoad(async () => (await connections()).filter((one) => one.kind === KIND), []);
  const only = found.data?.length === 1 && found.data[0].connection_id;
  useEffect(() => {
    if (only) go(link("invoices", only), true);
  }, [only]);
  const columns = [
    { key: "name", title: t("invoices.connection"), cell: (one) => html`<a href=${link("invoices", one.connection_id)}>${one.name}</a>` },
    { key: "package", title: t("invoices.package"), cell: packageOf },
    { key: "company", title: t("invoices.company"), cell: companyOf },
    { key: "status", title: t("invoices.status"), cell: (one) => html`<${Status} of=${one.status} />` },
    { key: "last", title: t("invoices.last-sync"), cell: (one) => html`<${When} at=${one.standings.invoice_sync?.last_finished_at} />` },
  ];
  const none = (all) => !all.length && html`
    ${t("invoices.none")} ${may("admin") && html`<a href=${link("connections", "new")}>${t("invoices.make")}</a>`}`;
  return html`
    <${Page} title=${t("invoices.title")}>
      <${Loaded} of=${found} empty=${none}>${(all) => html`
        <${Section}><${Table} caption=${t("invoices.title")} columns=${columns} rows=${all} keyOf=${(one) => one.connection_id} /><//>`}<//>
    <//>`;
}

// --- The page of one ---------------------------------------------------------------------------------

function OneConnection({ id, query }) {
  const found = useLoad((signal) => get(at("connections", id), {}, { signal }), [id], () => STANDS_MS);
  const connection = found.data;
  return html`
    <${Page} title=${connection ? t("invoices.titled", { name: connection.name }) : t("invoices.title")}
      crumbs=${[[t("navigation.invoices"), link("invoices")]]}>
      <${Loaded} of=${found}>${(one) => one.kind === KIND
        ? html`<${Bench} connection=${one} query=${query} reload=${() => found.reload(true)} />`
        : html`<${Empty}>${t("invoices.other-kind", { name: one.name })}<//>`}<//>
    <//>`;
}

/** Kinds and connection at the left; syncing and the queue beside them. */
function Bench({ connection, query, reload }) {
  const stands = connection.status === "connected";
  const queue = useQueue(connection, query, stands, reload);
  const sync = useSync(connection, () => {
    reload();
    queue.reload();
  }, reload);
  const here = { connection, query, queue, sync, name: packageOf(connection) };
  return html`
    <div class="invoices">
      <div>
        <${Kinds} ...${here} />
        <${ConnectionStatus} connection=${connection} name=${here.name} reload=${reload} />
      </div>
      <div>
        ${!may("operator") && html`<div class="notice">${t("invoices.only-look")}</div>`}
        <${Sync} ...${here} stands=${stands} reload=${reload} />
        ${stands ? html`<${Queue} ...${here} />` : html`<${Ended} connection=${connection} name=${here.name} />`}
      </div>
    </div>`;
}

/** Which documents are shown, and how many of each kind wait. */
function Kinds({ connection, query, queue, sync }) {
  const counts = queue.first && countsOf(queue, sync.posted);
  const all = counts && KINDS.reduce((sum, kind) => sum + counts[kind], 0);
  const item = (kind, text, n) => html`
    <li><a href=${link("invoices", connection.connection_id, { kind })} aria-current=${(query.kind ?? null) === kind ? "page" : undefined}>
      <span>${text}</span> ${n !== undefined && html`<b class="number">${n}</b>`}</a></li>`;
  return html`
    <nav class="card invoices-kinds" aria-label=${t("invoices.kinds")}>
      <ul class="plain">${item(null, t("invoices.all-kinds"), all)}
        ${KINDS.map((kind) => item(kind, t(`invoices.kinds-${kind}`), counts?.[kind]))}</ul>
    </nav>`;
}

/** The counts of the list as it was read, without what the sync has posted since. */
function countsOf(queue, posted) {
  const gone = queue.items.filter((one) => posted.has(one.document_id));
  return Object.fromEntries(KINDS.map((kind) => {
    const left = queue.first.listed[kind] - gone.filter((one) => one.kind === kind).length;
    return [kind, Math.max(0, left)];
  }));
}

function ConnectionStatus({ connection, name, reload }) {
  const stands = connection.status === "connected";
  const company = companyOf(connection);
  return html`
    <${Section} title=${t("invoices.connection-status")}>
      <p><${Status} of=${stands ? "connected" : "attention"} text=${t(stands ? "invoices.connected" : "invoices.not-connected")} /></p>
      <p><b>${name}</b>${company && html`<br />${company}`}
        ${connection.organisations.autovu && html`<br /><span class="fine">${connection.organisations.autovu}</span>`}</p>
      ${stands && html`<p class="fine">${t("invoices.lapses")}</p>`}
      <div class="actions">
        ${stands
          ? html`<${Disconnect} connection=${connection} done=${reload} />`
          : html`<${Connect} connection=${connection} done=${reload} refused=${reload} />`}
      </div>
      ${!may("admin") && html`<p class="fine">${t("invoices.admin-connects")}</p>`}
    <//>`;
}

/** Why there is no list: it is not connected, or not any more. */
function Ended({ connection, name }) {
  if (!connection.reason) return html`<${Empty}>${t("invoices.connect-first", { name })}<//>`;
  return html`<div class="notice warn" role="status"><${Reason} of=${connection.reason} /></div>`;
}
