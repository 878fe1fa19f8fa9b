/** Leave: who is right and who is not, by cause; and one employee, with the checks in their order (LB-10). */

import { at, connections, get, post } from "../api.js";
import { Balances } from "../balances.js";
import { number, words } from "../format.js";
import {
  Button, Empty, Field, go, html, link, Loaded, may, Page, Reason, Remedy, say, Section, Status, t, Trouble, useAct,
  useLoad, useState, When,
} from "../kit.js";

const KIND = "attache_express_leave";
const FLOW = "balance_sync";
const SHOWN_AT_FIRST = 12;

export default function Leave({ connection, person, query }) {
  const links = useLoad(async () => (await connections()).filter((one) => one.kind === KIND), []);
  const title = t("leave.title");
  if (!links.data) return html`<${Page} title=${title}><${Loaded} of=${links} /><//>`;
  return html`
    <${Loaded} of=${links}>${(found) => {
      const chosen = found.find((one) => one.connection_id === connection) ?? (!connection && found.length === 1 ? found[0] : null);
      if (chosen && person) return html`<${One} of=${chosen} person=${person} name=${query.name} />`;
      if (chosen) return html`<${Everybody} of=${chosen} compare=${query.compare} reload=${links.reload} />`;
      return html`
        <${Page} title=${title}>
          ${found.length === 0 ? html`<${Empty}>${t("leave.no-connection")}<//>` : html`<ul class="plain">${found.map((one) => html`
            <li><a href=${link("leave", one.connection_id)}>${one.name}</a> <${Status} of=${one.status} /></li>`)}</ul>`}
        <//>`;
    }}<//>`;
}

function Everybody({ of, compare, reload }) {
  const [sync, busy, problem] = useAct(async () => {
    const run = await post(at("connections", of.connection_id, "runs"), { flow: FLOW });
    go(link("runs", run.run_id));
  });
  const standing = of.standings[FLOW] ?? {};
  return html`
    <${Page} title=${t("leave.title")} crumbs=${[[t("leave.all"), link("leave")]]} actions=${html`
      ${may("operator") && html`<${Button} kind="primary" busy=${busy} onClick=${sync}>${t("leave.sync")}<//>`}`}>
      <${Trouble} problem=${problem} />
      <div class="columns">
        <${Organisation} of=${of} reload=${reload} />
        <${Section} title=${t("leave.last")}>
          <dl class="facts">
            <dt>${t("leave.last-run")}</dt>
            <dd>${standing.last_run_id ? html`<a href=${link("runs", standing.last_run_id)}><${Status} of=${standing.last_status} /></a> <${When} at=${standing.last_finished_at} />` : t("status.never")}</dd>
            <dt>${t("leave.agreed")}</dt><dd><${When} at=${standing.agreed_at} /></dd>
          </dl>
        <//>
        <${Find} of=${of} />
      </div>
      <${Causes} of=${of} compare=${compare} />
    <//>`;
}

/** The Attaché Online organisation that Express Leave is connected to, and the green button of the document. */
function Organisation({ of, reload }) {
  const names = Object.entries(of.organisations);
  const [again, busy, problem] = useAct(async () => {
    await post(at("connections", of.connection_id, "connect"));
    await connections(true);
    say(t("leave.refreshed"));
    reload(true);
  });
  return html`
    <${Section} title=${t("leave.organisation")} actions=${html`<${Status} of=${of.status} />`}>
      <dl class="facts">${names.map(([system, name]) => html`<dt>${t.maybe(`system.${system}`) ?? system}</dt><dd>${name}</dd>`)}</dl>
      ${of.reason && html`<div class="notice bad"><${Reason} of=${of.reason} /></div>`}
      <${Trouble} problem=${problem} />
      ${may("admin") ? html`
        <div class="actions">
          <a class=${`button ${of.status === "connected" ? "" : "primary"}`} href=${link("connections", of.connection_id)}>${t("leave.connect")}</a>
          ${of.status === "connected" && html`<${Button} busy=${busy} onClick=${again}>${t("leave.refresh-connection")}<//>`}
        </div>` : html`<p class="fine">${t("leave.admin-connects")}</p>`}
    <//>`;
}

/** To one employee, by code or e-mail, as Payroll has them. */
function Find({ of }) {
  const [key, setKey] = useState("");
  const send = (event) => {
    event.preventDefault();
    if (key.trim()) go(link("leave", of.connection_id, key.trim()));
  };
  return html`
    <${Section} title=${t("leave.one")}>
      <form onSubmit=${send}>
        <${Field} label=${t("leave.code-or-email")} help=${t("leave.code-help")}>${(props) => html`
          <input ...${props} value=${key} onInput=${(event) => setKey(event.target.value)} />`}<//>
        <button>${t("leave.check")}</button>
      </form>
    <//>`;
}

/** Everybody compared, live, when it is asked for: it reads both systems whole. Until then what the last sync told. */
function Causes({ of, compare }) {
  const [asked, setAsked] = useState(compare ? new Date().toISOString() : null);
  const ask = () => {
    setAsked(new Date().toISOString());
    go(link("leave", of.connection_id, { compare: 1 }), true);
  };
  return html`
    <${Section} title=${t("leave.who")} actions=${html`
      <${Button} onClick=${ask}>${t(asked ? "leave.compare-again" : "leave.compare")}<//>`}>
      ${asked ? html`<${Compared} key=${asked} of=${of} at=${asked} />` : html`
        <${AsOfLast} of=${of} /><p class="fine">${t("leave.compare-why")}</p>`}
    <//>`;
}

/** The causes that the last sync met with, each with the way to its people. */
function AsOfLast({ of }) {
  const last = (of.standings[FLOW]?.recent ?? []).findLast((run) => run.mode !== "preview");
  const causes = Object.entries(last?.reasons ?? {});
  if (!last) return null;
  if (!causes.length) return html`<p><${Status} of="succeeded" text=${t("leave.none-last")} /></p>`;
  return html`
    <p>${t("leave.by-last")} <${When} at=${last.finished_at} /></p>
    <ul class="plain">${causes.map(([code, n]) => html`
      <li key=${code}><a href=${link("runs", last.run_id, { reason: code })}>${words(code)} <b>${number(n)}</b></a></li>`)}</ul>`;
}

function Compared({ of, at: moment }) {
  const diagnosis = useLoad(() => get(at("connections", of.connection_id, "diagnosis"), { flow: FLOW }), []);
  return html`
    <${Loaded} of=${diagnosis}>${({ checks }) => {
      const causes = checks.filter((check) => check.code);
      const about = checks.filter((check) => !check.code);
      return html`
        ${causes.length === 0 && html`<p><${Status} of="succeeded" text=${t("leave.all-right")} /></p>`}
        ${causes.map((cause) => html`<${Cause} key=${cause.code} of=${of} cause=${cause} />`)}
        <h3>${t("leave.set-up")}</h3>
        <${Checks} checks=${about} />
        <p class="fine">${t("leave.as-of")} <${When} at=${moment} exact /></p>`;
    }}<//>`;
}

function Cause({ of, cause }) {
  const [all, setAll] = useState(false);
  const shown = all ? cause.keys : cause.keys.slice(0, SHOWN_AT_FIRST);
  const named = (key) => cause.labels?.[key] ? html`${cause.labels[key]} <small>${key}</small>` : key;
  return html`
    <div class="cause">
      <h3><${Status} of="partial" text=${number(cause.keys.length)} /> ${cause.name}</h3>
      <${Remedy} text=${cause.remedy} />
      <ul class="plain people">${shown.map((key) => html`<li key=${key}><a href=${link("leave", of.connection_id, key, { name: cause.labels?.[key] })}>${named(key)}</a></li>`)}</ul>
      ${shown.length < cause.keys.length && html`
        <button type="button" class="link" onClick=${() => setAll(true)}>${t("leave.show-all", { n: cause.keys.length })}</button>`}
      <code class="fine">${cause.code}</code>
    </div>`;
}

/** One employee: what was checked, in order, up to the first that explains it; their balances beside. */
function One({ of, person, name }) {
  const diagnosis = useLoad(() => get(at("connections", of.connection_id, "diagnosis"), { flow: FLOW, key: person }), [person]);
  return html`
    <${Page} title=${name ? `${name} (${person})` : person} crumbs=${[[t("leave.title"), link("leave", of.connection_id)]]} actions=${html`
      <a class="button" href=${link("history", of.connection_id, { entity: "employee", key: person })}>${t("leave.history")}</a>
      <${Button} onClick=${() => diagnosis.reload()}>${t("leave.check-again")}<//>`}>
      <${Balances} connection=${of.connection_id} person=${person} refreshes=${may("operator")} />
      <${Section} title=${t("leave.checks")}>
        <${Loaded} of=${diagnosis}>${({ checks }) => html`<${Checks} checks=${checks} numbered />`}<//>
      <//>
    <//>`;
}

/** Checks in their order: passed, failed with the remedy, or not to be checked. */
function Checks({ checks, numbered }) {
  const sign = (passed) => passed === null ? ["skipped", "leave.unchecked"] : passed ? ["succeeded", "leave.passed"] : ["failed", "leave.not-passed"];
  const rows = checks.map((check) => {
    const [status, word] = sign(check.passed);
    return html`
      <li class=${check.passed === false ? "wrong" : ""}>
        <div><${Status} of=${status} text=${t(word)} /> <b>${check.name}</b></div>
        <p>${check.seen}</p>
        <${Remedy} text=${check.remedy} />
      </li>`;
  });
  return numbered ? html`<ol class="plain checks">${rows}</ol>` : html`<ul class="plain checks">${rows}</ul>`;
}
