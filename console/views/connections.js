/** The connections: what each joins, how it stands, and the way to a new one. */

import { connections } from "../api.js";
import { Field, go, html, link, Loaded, may, Page, Status, t, Table, useLoad, When } from "../kit.js";

const MANY = 8;

export default function Connections({ query }) {
  const found = useLoad(() => connections(true), []);
  const create = may("admin") && html`<a class="button primary" href=${link("connections", "new")}>${t("connections.new")}</a>`;
  return html`
    <${Page} title=${t("connections.title")} actions=${create}>
      <${Loaded} of=${found} empty=${(all) => !all.length && t(may("admin") ? "connections.none" : "connections.none-yet")}>
        ${(all) => html`<${Listed} all=${all} search=${query.search ?? ""} />`}
      <//>
    <//>`;
}

function Listed({ all, search }) {
  const shown = all.filter((one) => textOf(one).includes(search.trim().toLowerCase()));
  return html`
    ${all.length > MANY && html`
      <div class="filters"><${Field} label=${t("connections.search")}>
        ${(props) => html`<input type="search" ...${props} value=${search}
          onInput=${(event) => go(link("connections", { search: event.target.value }), true)} />`}
      <//></div>`}
    ${shown.length
      ? html`
        <${Table} caption=${t("connections.title")} columns=${columns()} rows=${shown} keyOf=${(one) => one.connection_id} />`
      : html`<p>${t("connections.no-match", { search })}</p>`}`;
}

function textOf(one) {
  const texts = [one.name, t(`kind.${one.kind}`), t(`status.${one.status}`), ...Object.values(one.organisations)];
  return texts.join(" ").toLowerCase();
}

function columns() {
  return [
    { key: "name", title: t("connections.name"), cell: (one) => html`
      <a href=${link("connections", one.connection_id)}>${one.name}</a>` },
    { key: "kind", title: t("connections.joins"), cell: (one) => t(`kind.${one.kind}`) },
    { key: "status", title: t("connections.status"), cell: (one) => html`
      <${Status} of=${one.status} />${one.reason && html`<p class="fine">${one.reason.message}</p>`}` },
    { key: "reaches", title: t("connections.reaches"), cell: organisationsOf },
    { key: "next", title: t("connections.next"), cell: (one) => html`<${When} at=${nextOf(one)} />` },
  ];
}

function organisationsOf(one) {
  return [...new Set(Object.values(one.organisations))].join(" · ");
}

/** The first scheduled run of any of its flows. */
function nextOf(one) {
  return Object.values(one.standings).map((standing) => standing.next_run_at).filter(Boolean).sort()[0];
}
