/** An employee's own page: their leave balances with As At, and their payroll report as it is now. */

import { at, get } from "../api.js";
import { Balances } from "../balances.js";
import { decimal, month } from "../format.js";
import { Empty, html, Loaded, me, Page, Section, t, Table, useLoad, When } from "../kit.js";

export default function Employee() {
  const offering = (what) => me.connections.filter((one) => one.offers.includes(what));
  const several = me.connections.length > 1;
  return html`
    <${Page} title=${t("employee.title")}>
      ${me.connections.length === 0 && html`<${Empty}>${t("employee.nothing")}<//>`}
      ${offering("balances").map((one) => html`
        <${Balances} key=${one.connection_id} connection=${one.connection_id} person="me" mine refreshes named=${several && one.name} />`)}
      ${offering("payroll_report").map((one) => html`<${Report} key=${one.connection_id} connection=${one} />`)}
    <//>`;
}

function Report({ connection }) {
  const report = useLoad(() => get(at("connections", connection.connection_id, "people", "me", "payroll-report")), []);
  return html`
    <${Section} title=${t("employee.report")}>
      ${report.problem?.status === 404 ? html`<${Empty}>${t("employee.nobody")}<//>` : html`<${Loaded} of=${report} empty=${(data) => data.items.length ? null : t("employee.no-report")}>${(data) => html`
        ${data.items.map((period, place) => html`
          <details key=${period.period} open=${place === 0}>
            <summary>${month(period.period)}${period.version > 1 ? ` · ${t("employee.corrected", { n: period.version - 1 })}` : ""}</summary>
            <${Components} of=${period} />
            ${period.former.map((before) => html`
              <details key=${before.version}><summary>${t("employee.before")} <${When} at=${before.pulled_at} exact /></summary>
                <${Components} of=${before} /></details>`)}
          </details>`)}
        <p class="fine">${t("employee.checked")} <${When} at=${data.checked_at} exact /></p>`}<//>`}
    <//>`;
}

function Components({ of }) {
  if (!of.components.length) return html`<p class="fine">${t("employee.taken-out")}</p>`;
  return html`
    <${Table} caption=${t("employee.report")} rows=${of.components} keyOf=${(row) => row.component} columns=${[
      { key: "what", title: t("employee.component"), cell: (row) => html`${row.description} <small>${row.component}</small>` },
      { key: "amount", title: t("employee.amount"), class: "number", cell: (row) => decimal(row.amount) },
    ]} />
    <p class="fine">${t("employee.pulled")} <${When} at=${of.pulled_at} exact /></p>`;
}
