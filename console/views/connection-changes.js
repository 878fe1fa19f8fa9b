/** Who changed a connection, when, and which fields; never a value. */

import { at, get } from "../api.js";
import { labelOf } from "../form.js";
import { Empty, html, Loading, Section, t, Table, Trouble, usePages, When } from "../kit.js";

export function Changed({ connection }) {
  const path = at("connections", connection.connection_id, "changes");
  const found = usePages((cursor) => get(path, { cursor, limit: 50 }), [path]);
  return html`
    <${Section} title=${t("connection.changes")}>
      ${found.items.length > 0 && html`
        <${Table} caption=${t("connection.changes")} columns=${columns()} rows=${found.items}
          keyOf=${(one) => one.change_id} more=${found.more} />`}
      ${found.loading && html`<${Loading} />`}
      <${Trouble} problem=${found.problem} retry=${found.reload} />
      ${found.done && !found.items.length && html`<${Empty}>${t("changes.none")}<//>`}
    <//>`;
}

/** What is a path in the body of a call, and not the name of an app or a call. */
const FIELD = /^(name|kind|settings|credentials|schedules)(\.|$)/;

function columns() {
  return [
    { key: "at", title: t("changes.at"), cell: (one) => html`<${When} at=${one.at} exact=${true} />` },
    { key: "who", title: t("changes.who"), cell: (one) => html`${one.who} <small>${t(`role.${one.role}`)}</small>` },
    { key: "act", title: t("changes.act"), cell: (one) => html`
      ${t.maybe(`changes.${one.act}`) ?? one.act}${one.reason && html`<p class="fine">${one.reason}</p>`}` },
    { key: "fields", title: t("changes.fields"), cell: (one) => one.fields.map((field) => html`
      <div>${FIELD.test(field) ? labelOf(field) : field}</div>`) },
  ];
}
