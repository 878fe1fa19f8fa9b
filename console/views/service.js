/** For those who run Payrelay: whose runs went wrong, by names and codes, and access to one tenant for some hours. */

import { all, get, lookAt, post, remove } from "../api.js";
import {
  Button, Choice, Dialog, Empty, Field, go, html, link, Loaded, Loading, me, Page, say, Section, Select, Status, t,
  Table, Trouble, useAct, useLoad, usePages, useState, When,
} from "../kit.js";

const HOURS = [1, 4, 8, 24];
// How what has no look of its own is shown.
const TONE_OF = { dead: "failed", drift: "partial" };
const WRONG = ["failed", "held", "missed", "dead", "drift", "partial"];

export default function Service({ query }) {
  const access = useLoad(() => all("service/access"), []);
  const [asked, setAsked] = useState(null);
  return html`
    <${Page} title=${t("service.title")}
      actions=${html`<${Button} kind="primary" onClick=${() => setAsked({ tenant: "" })}>${t("service.take")}<//>`}>
      <${Accesses} of=${access} />
      <${Wrong} query=${query} ask=${(tenant) => setAsked({ tenant })} />
      <${Letters} />
      ${asked && html`<${Take} tenant=${asked.tenant} close=${() => setAsked(null)} />`}
    <//>`;
}

/** The accesses that somebody has now, each with the way in, and its end. */
function Accesses({ of }) {
  const open = (items) => items.filter((one) => one.open);
  return html`
    <${Section} title=${t("service.access")}>
      <${Loaded} of=${of} empty=${(items) => open(items).length ? null : t("service.no-access")}>${(items) => html`
        <${Table} caption=${t("service.access")} rows=${open(items)} keyOf=${(row) => row.access_id} columns=${[
          { key: "tenant", title: t("service.tenant"), cell: (row) => row.tenant },
          { key: "reason", title: t("service.reason"), cell: (row) => row.reason },
          { key: "until", title: t("service.until"), cell: (row) => html`<${When} at=${row.until} />` },
          { key: "do", title: t("service.look"), cell: (row) => html`<${Has} access=${row} reload=${of.reload} />` },
        ]} />`}<//>
    <//>`;
}

function Has({ access, reload }) {
  const [end, busy, problem] = useAct(async () => {
    await remove("service/access", { access_id: access.access_id });
    if (me.tenant === access.tenant) leave();
    say(t("service.ended", { tenant: access.tenant }));
    reload(true);
  });
  return html`
    <div class="actions">
      <${Button} kind="primary" onClick=${() => enter(access.tenant)}>${t("service.enter", { tenant: access.tenant })}<//>
      <${Button} busy=${busy} onClick=${end}>${t("service.end")}<//>
    </div><${Trouble} problem=${problem} />`;
}

/** From now on every view shows this tenant, as an operator of it. */
function enter(tenant) {
  lookAt(tenant);
  me.tenant = tenant;
  go("#/on-call");
}

function leave() {
  lookAt(null);
  me.tenant = null;
}

function Wrong({ query, ask }) {
  const pages = usePages((cursor) => get("service/failures", { status: query.status, tenant: query.tenant, cursor }),
    [query.status, query.tenant]);
  const choose = (status) => go(link("service", { ...query, status: status === query.status ? "" : status }), true);
  return html`
    <${Section} title=${t("service.wrong")}>
      <${Choice} label=${t("service.by-status")} value=${query.status} choose=${choose}
        options=${WRONG.map((status) => [status, t(`service.status-${status}`)])} />
      ${pages.problem && html`<${Trouble} problem=${pages.problem} retry=${pages.reload} />`}
      ${pages.loading && !pages.items.length ? html`<${Loading} />` : pages.done && !pages.items.length ? html`<${Empty}>${t("service.nothing-wrong")}<//>` : html`
        <${Table} caption=${t("service.wrong")} rows=${pages.items} more=${pages.more}
          keyOf=${(row) => row.at + row.connection_id + row.flow + row.status} columns=${[
            { key: "tenant", title: t("service.tenant"), cell: (row) => row.tenant },
            { key: "flow", title: t("service.flow"), cell: (row) => html`${t.maybe(`flow.${row.flow}`) ?? row.flow}<br /><code class="fine">${row.connection_id}</code>` },
            { key: "status", title: t("service.status"), cell: (row) => html`<${Status} of=${TONE_OF[row.status] ?? row.status} text=${t(`service.status-${row.status}`)} />` },
            { key: "code", title: t("service.code"), cell: (row) => html`<code>${row.code}</code>` },
            { key: "at", title: t("service.when"), cell: (row) => html`<${When} at=${row.at} />` },
            { key: "well", title: t("service.well"), cell: (row) => row.ended_well_since ? html`<${When} at=${row.ended_well_since} />` : t("service.not-yet") },
            { key: "do", title: t("service.look"), cell: (row) => html`<${Button} onClick=${() => ask(row.tenant)}>${t("service.take")}<//>` },
          ]} />`}
    <//>`;
}

function Letters() {
  const letters = useLoad(() => all("service/dead-letters"), []);
  return html`
    <${Section} title=${t("service.letters")}>
      <${Loaded} of=${letters} empty=${(items) => items.length ? null : t("service.no-letters")}>${(items) => html`
        <${Table} caption=${t("service.letters")} rows=${items} keyOf=${(row) => row.letter_id} columns=${[
          { key: "tenant", title: t("service.tenant"), cell: (row) => row.tenant || t("service.unknown") },
          { key: "kind", title: t("service.letter"), cell: (row) => t(`oncall.letter-${row.kind}`) },
          { key: "flow", title: t("service.flow"), cell: (row) => t.maybe(`flow.${row.flow}`) ?? row.flow },
          { key: "left", title: t("service.when"), cell: (row) => html`<${When} at=${row.left_at} />` },
        ]} />`}<//>
    <//>`;
}

/** Access to one tenant, for a reason that its admins read, and some hours. */
function Take({ tenant, close }) {
  const [form, setForm] = useState({ tenant, reason: "", hours: HOURS[0] });
  const [take, busy, problem] = useAct(async () => {
    await post("service/access", form);
    enter(form.tenant);
  });
  const typed = (name) => (event) => setForm({ ...form, [name]: event.target.value });
  const send = (event) => (event.preventDefault(), take());
  return html`
    <${Dialog} title=${t("service.take")} close=${close}>
      <form onSubmit=${send}>
        <p>${t("service.what-it-is")}</p>
        <${Trouble} problem=${problem} />
        <${Field} label=${t("service.tenant")} required error=${problem?.of?.("tenant")}>${(props) => html`
          <input ...${props} value=${form.tenant} onInput=${typed("tenant")} />`}<//>
        <${Field} label=${t("service.reason")} required help=${t("service.reason-help")} error=${problem?.of?.("reason")}>${(props) => html`
          <input ...${props} value=${form.reason} maxlength="500" onInput=${typed("reason")} />`}<//>
        <${Select} label=${t("service.hours")} error=${problem?.of?.("hours")} value=${form.hours}
          options=${HOURS.map((hours) => [hours, t("service.hours-of", { n: hours })])}
          choose=${(hours) => setForm({ ...form, hours: Number(hours) })} />
        <div class="actions">
          <button class="primary" disabled=${busy}>${t("service.take")}</button>
          <${Button} onClick=${close}>${t("state.cancel")}<//>
        </div>
      </form>
    <//>`;
}
