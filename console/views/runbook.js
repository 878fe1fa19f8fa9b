/** The runbook: its entries by alarm, and one of them, as docs/runbook.md has it (`runbook.json` is made from it). */

import { file } from "../api.js";
import { Empty, html, link, Loaded, Page, Section, t, Table, useLoad } from "../kit.js";

export default function Runbook({ entry }) {
  const book = useLoad(() => file("runbook.json"), []);
  return html`<${Loaded} of=${book}>${({ entries, alarms }) => {
    const found = entries.find((one) => one.id === entry);
    return found ? html`<${Entry} of=${found} />` : html`<${Contents} entries=${entries} alarms=${alarms} unknown=${entry} />`;
  }}<//>`;
}

function Contents({ entries, alarms, unknown }) {
  const [first, ...rest] = entries;
  const means = (id) => entries.find((one) => one.id === id)?.means;
  return html`
    <${Page} title=${t("runbook.title")} crumbs=${[[t("oncall.title"), link("on-call")]]}>
      ${unknown && html`<${Empty}>${t("runbook.unknown", { entry: unknown })}<//>`}
      <${Section} title=${t("runbook.alarms")}>
        <${Table} caption=${t("runbook.alarms")} rows=${alarms} keyOf=${(row) => row.says} columns=${[
          { key: "says", title: t("runbook.alarm"), cell: (row) => html`<a href=${link("on-call", "runbook", row.entry)}>${row.says}</a>` },
          { key: "means", title: t("runbook.means"), cell: (row) => means(row.entry) },
          { key: "whose", title: t("runbook.whose"), cell: (row) => html`<code>${row.whose}</code>` },
        ]} />
      <//>
      <${Section} title=${t("runbook.entries")}>
        <ul class="plain entries">${rest.map((one) => html`<li key=${one.id}><a href=${link("on-call", "runbook", one.id)}>${one.title}</a></li>`)}</ul>
      <//>
      <${Section} title=${first.title}><${Body} of=${first.body} /><//>
    <//>`;
}

function Entry({ of }) {
  return html`
    <${Page} title=${of.title} crumbs=${[[t("oncall.title"), link("on-call")], [t("runbook.title"), link("on-call", "runbook")]]}>
      ${of.means && html`<div class="notice warn"><b>${t("runbook.means")}:</b> ${of.means}</div>`}
      <${Section}><${Body} of=${of.body} /><//>
    <//>`;
}

/** The blocks of an entry: paragraphs, code, lists and tables, of plain text all of them. */
function Body({ of }) {
  return html`<div class="prose">${of.map(([kind, content, rows]) => {
    if (kind === "code") return html`<${Code} text=${content} />`;
    if (kind === "ul") return html`<ul>${content.map((item) => html`<li><${Inline} of=${item} /></li>`)}</ul>`;
    if (kind === "table") {
      return html`<table><thead><tr>${content.map((cell) => html`<th scope="col"><${Inline} of=${cell} /></th>`)}</tr></thead>
        <tbody>${rows.map((row) => html`<tr>${row.map((cell) => html`<td><${Inline} of=${cell} /></td>`)}</tr>`)}</tbody></table>`;
    }
    return html`<p><${Inline} of=${content} /></p>`;
  })}</div>`;
}

/** Commands to be typed in this project's folder; they can be copied, and reached by the keyboard where they are wide. */
function Code({ text }) {
  return html`<pre tabindex="0"><code>${text}</code></pre>`;
}

function Inline({ of }) {
  return of.map((part) => {
    if (typeof part === "string") return part;
    const [kind, text, entry] = part;
    if (kind === "a") return html`<a href=${link("on-call", "runbook", entry)}>${text}</a>`;
    return kind === "code" ? html`<code>${text}</code>` : html`<b>${text}</b>`;
  });
}
