/** One connection: how it stands, and what can be changed of it; its parts are in the address (`tab`). */

import { at, connections, get, remove } from "../api.js";
import { Connect, Disconnect } from "../consent.js";
import { number } from "../format.js";
import {
  Ask, Button, Field, go, html, link, Loaded, may, Page, Reason, say, Section, Status, t, Table, useAct, useLoad,
  useState, When,
} from "../kit.js";
import { StartRun } from "../start.js";
import { Changed } from "./connection-changes.js";
import { Credentials } from "./connection-credentials.js";
import { Hook } from "./connection-hook.js";
import { Schedules } from "./connection-schedules.js";
import { Settings } from "./connection-settings.js";

/** The kind whose systems send logins. */
const WITH_HOOK = "attache_express_leave";
const TABS = {
  overview: Overview, settings: Settings, credentials: Credentials, schedules: Schedules, hook: Hook, changes: Changed,
};

export default function Connection({ connection: id, query }) {
  const found = useLoad(() => get(at("connections", id)), [id]);
  const again = () => (connections(true), found.reload(true));
  const crumbs = [[t("connections.title"), link("connections")]];
  if (found.data === undefined) {
    return html`<${Page} title=${t("connection.title")} crumbs=${crumbs}><${Loaded} of=${found} /><//>`;
  }
  const connection = found.data;
  const tab = TABS[query.tab] ? query.tab : "overview";
  const Tab = TABS[tab];
  return html`
    <${Page} title=${connection.name} crumbs=${crumbs} actions=${html`<${Doors} ...${{ connection, again }} />`}>
      <p class="subtitle"><${Status} of=${connection.status} /> ${t(`kind.${connection.kind}`)}</p>
      <${Notices} connection=${connection} made=${query.made} />
      <${Tabs} connection=${connection} tab=${tab} />
      <${Tab} ...${{ connection, again, query }} />
    <//>`;
}

function Doors({ connection, again }) {
  const open = connection.status === "connected";
  const done = (answer) => (answer.run_id ? go(link("runs", answer.run_id)) : again());
  return html`
    ${!open && html`<${Connect} connection=${connection} done=${done} />`}
    ${connection.status !== "not_connected" && html`<${Disconnect} connection=${connection} done=${again} />`}`;
}

/** What somebody has to do now. */
function Notices({ connection, made }) {
  if (connection.reason) return html`<div class="notice bad"><${Reason} of=${connection.reason} /></div>`;
  if (connection.status !== "not_connected") return null;
  const text = may("admin") ? (made ? "connection.made" : "connection.not-connected") : "connection.not-connected-yet";
  return html`<div class="notice warn"><strong>${t(text)}</strong> ${may("admin") && t("connection.connect-next")}</div>`;
}

function Tabs({ connection, tab }) {
  const shown = Object.keys(TABS).filter((one) => one !== "hook" || connection.kind === WITH_HOOK);
  return html`
    <nav class="tabs" aria-label=${t("connection.parts")}>
      <ul>${shown.map((one) => html`
        <li key=${one}><a href=${link("connections", connection.connection_id, { tab: one === "overview" ? null : one })}
          aria-current=${one === tab ? "page" : undefined}>${t(`connection.${one}`)}</a></li>`)}</ul>
    </nav>`;
}

// --- Overview ----------------------------------------------------------------------------------------

function Overview({ connection }) {
  const [order, setOrder] = useState(null);
  const rows = connection.flows.map((flow) => ({ flow, ...connection.standings[flow] }));
  return html`
    <${Section} title=${t("connection.flows")}>
      <${Table} caption=${t("connection.flows")} rows=${rows} keyOf=${(one) => one.flow}
        columns=${columns(connection, setOrder)} />
      ${!may("operator") && html`<p class="fine">${t("connection.run-who")}</p>`}
    <//>
    <${Calls} connection=${connection} />
    <${Section} title=${t("connection.reached")}><${Reached} connection=${connection} /><//>
    ${may("admin") && html`<${Delete} connection=${connection} />`}
    ${order && html`<${StartRun} ...${order} connection=${connection.connection_id} close=${() => setOrder(null)} />`}`;
}

/** The day's calls by system, and what is left of a vendor's limit. */
function Calls({ connection }) {
  const found = useLoad(() => get(at("connections", connection.connection_id, "calls")), [connection.connection_id]);
  const some = (one) => (one === null ? "–" : number(one));
  const figure = (key, cell) => ({ key, title: t(`connection.calls-${key}`), class: "number", cell: ([, one]) => cell(one) });
  const shown = [
    { key: "system", title: t("run.system"), cell: ([system]) => t.maybe(`system.${system}`) ?? system },
    figure("used", (one) => number(one.used)),
    figure("left", (one) => some(one.left)),
    figure("limit", (one) => some(one.limit)),
    figure("kept", (one) => some(one.reserved)),
    { key: "reset", title: t("connection.calls-reset"), cell: ([, one]) => html`<${When} at=${one.reset} exact=${true} />` },
    figure("refused", (one) => number(one.refused)),
    figure("diagnosed", (one) => number(one.diagnosed)),
  ];
  return html`
    <${Section} title=${t("connection.calls")}>
      <${Loaded} of=${found}>${(days) => html`
        <${Table} caption=${t("connection.calls")} columns=${shown} rows=${Object.entries(days)} keyOf=${([system]) => system} />`}<//>
      <p class="fine">${t("connection.calls-what")}</p>
    <//>`;
}

function columns(connection, start) {
  const button = (flow, mode) => html`
    <${Button} aria-label=${t(`start.${mode}-flow`, { flow: t(`flow.${flow}`) })} onClick=${() => start({ flow, mode })}>
      ${t(`connection.${mode}`)}<//>`;
  const buttons = { key: "run", title: t("connection.start"), class: "number", cell: ({ flow }) => html`
    <div class="actions">${button(flow, "preview")}${button(flow, "sync")}</div>` };
  return [
    { key: "flow", title: t("connection.flow"), cell: ({ flow }) => t(`flow.${flow}`) },
    { key: "last", title: t("connection.last"), cell: (one) => html`<${Last} of=${one} />` },
    { key: "agreed", title: t("connection.agreed"), cell: (one) => html`<${When} at=${one.agreed_at} />` },
    { key: "next", title: t("connection.next"), cell: (one) => html`<${Next} of=${one} />` },
    ...(may("operator") && connection.status === "connected" ? [buttons] : []),
  ];
}

function Last({ of }) {
  if (!of.last_run_id) return html`<${Status} of="never" />`;
  return html`
    <a href=${link("runs", of.last_run_id)}><${Status} of=${of.last_status} /></a> <${When} at=${of.last_finished_at} />`;
}

function Next({ of }) {
  return html`
    ${of.missed_at && html`
      <p><${Status} of="missed" /> <${When} at=${of.missed_at} exact=${true} /> <span class="fine">${of.missed_reason?.message}</span></p>`}
    ${of.next_run_problem
      ? html`<span class="fine">${of.next_run_problem.message}</span>`
      : html`<${When} at=${of.next_run_at} exact=${true} />`}`;
}

function Reached({ connection }) {
  const known = Object.entries(connection.organisations);
  return html`
    <dl class="facts">
      ${known.map(([system, name]) => html`<dt>${t(`system.${system}`)}</dt><dd>${name}</dd>`)}
      ${!known.length && html`<dt>${t("connection.reached")}</dt><dd>${t("connection.reached-none")}</dd>`}
      <dt>${t("connection.made-at")}</dt><dd><${When} at=${connection.created_at} exact=${true} /></dd>
      <dt>${t("connection.changed-at")}</dt><dd><${When} at=${connection.updated_at} exact=${true} /></dd>
      <dt>${t("connection.id")}</dt><dd><code>${connection.connection_id}</code></dd>
    </dl>`;
}

function Delete({ connection }) {
  const [asked, setAsked] = useState(false);
  const [name, setName] = useState("");
  const [act, busy, problem] = useAct(async () => {
    await remove(at("connections", connection.connection_id));
    await connections(true);
    say(t("connection.deleted", { name: connection.name }));
    go(link("connections"), true);
  });
  const text = t("connection.delete");
  return html`
    <${Section} title=${text} actions=${html`<${Button} kind="danger" onClick=${() => setAsked(true)}>${text}<//>`}>
      <p class="fine">${t("connection.delete-why")}</p>
      ${asked && html`
        <${Ask} title=${t("connection.delete-title", { name: connection.name })} ...${{ text, act, busy, problem }}
          close=${() => setAsked(false)} disabled=${name.trim() !== connection.name.trim()}>
          <p>${t("connection.delete-why")}</p>
          <${Field} label=${t("connection.delete-type", { name: connection.name })}>
            ${(props) => html`
              <input type="text" autocomplete="off" ...${props} value=${name} onInput=${(event) => setName(event.target.value)} />`}
          <//>
        <//>`}
    <//>`;
}
