/** Accounts Sync (Actions) of one document: what keeps it back, and how its account is linked. */

import { at, post, remove } from "../api.js";
import {
  Button, Dialog, Field, html, may, Reason, Status, t, Trouble, useAct, useState, useTurn,
} from "../kit.js";
import { day, decimal, money } from "../format.js";

// The very name; the same e-mail, number or spelling; a name that means the same; one that is only like it.
const SCORES = [[0.995, 4], [0.9, 3], [0.84, 2], [0, 1]];
const UNSEEN = /^same but for/;

export function Actions({ connection, document, queue, name, close }) {
  const [told, setTold] = useState(null);
  const { customer_id: customer, side } = document;
  const path = at("connections", connection.connection_id, "accounts", customer);

  /** Something is done to the account; then its documents are read again, and it is told what has come of it. */
  const [act, busy, problem] = useAct(async (doing, done) => {
    setTold(null);
    const answer = await doing().catch(async (refused) => {
      // What is there already is among the suggestions by now.
      if (refused.code === "ACCOUNT_EXISTS") await queue.again(customer);
      throw refused;
    });
    await queue.again(customer);
    setTold({ text: done(answer), wrong: Boolean(answer.reason) });
  });
  const link = (id) => act(
    () => post(`${path}/link`, { account_id: id, side }),
    (answer) => t("invoices.linked", { customer: document.customer, account: answer.name ?? answer.account_id }),
  );
  const create = (more) => act(
    () => post(`${path}/create`, { side, ...more }),
    () => t("invoices.created", { customer: document.customer, name }),
  );
  const unlink = () => act(() => remove(`${path}/link`, { side }), () => t("invoices.removed", { customer: document.customer }));

  const here = { document, name, busy, problem, takesIds: queue.first.takes_account_ids };
  const searched = !document.linked || document.suggestions.length > 0;
  return html`
    <${Dialog} title=${t("invoices.actions", { number: document.number || document.document_id })} close=${close}>
      <div class="invoices-actions">
        <p>${t(`invoices.kind-${document.kind}`)} · ${day(document.date)} · <b>${money(document.total, document.currency)}</b></p>
        <${Account} ...${here} unlink=${unlink} />
        <${Trouble} problem=${problem} />
        <p role="status">${told && html`<${Status} of=${told.wrong ? "blocked" : "succeeded"} text=${t(told.wrong ? "invoices.wrong" : "invoices.done")} /> ${told.text}`}</p>
        <${Checks} document=${document} />
        ${searched && html`<${Suggestions} ...${here} link=${link} />`}
        ${may("operator") && !document.linked && html`
          <${Create} ...${here} create=${create} />
          ${here.takesIds && html`<${AccsID} ...${here} link=${link} />`}`}
      </div>
    <//>`;
}

/** Whose account it is on both sides, and the way to be rid of a wrong id. */
function Account({ document, name, busy, unlink }) {
  const [asked, setAsked] = useState(false);
  const place = useTurn(asked);
  const { linked, customer } = document;
  return html`<div ref=${place}>
    <dl class="facts">
      <dt>${t("invoices.customer")}</dt><dd>${customer} <small>${document.customer_id}</small></dd>
      <dt>${t("invoices.account", { name })}</dt>
      <dd>${linked ? html`${linked.name ?? html`<i>${t("invoices.unknown-id")}</i>`} <small>${linked.account_id}</small>` : t("invoices.not-linked")}
        ${linked && may("operator") && !asked && html` <${Button} kind="link" onClick=${() => setAsked(true)}>${t("invoices.remove")}<//>`}</dd>
    </dl>
    ${linked && asked && html`
      <${Sure} title=${t("invoices.remove-sure", { id: linked.account_id, customer })} text=${t("invoices.remove-do")} kind="danger"
        busy=${busy} act=${() => unlink().then(() => setAsked(false))} close=${() => setAsked(false)}>
        <p>${t("invoices.remove-why")}</p><//>`}
  </div>`;
}

/** Asks once more, within the dialogue that is open already. */
function Sure({ title, text, kind = "primary", busy, act, close, children }) {
  return html`
    <div class="notice warn" role="group" aria-label=${title}>
      <strong>${title}</strong>
      ${children}
      <div class="actions">
        <${Button} kind=${kind} busy=${busy} onClick=${act}>${text}<//>
        <${Button} onClick=${close}>${t("state.cancel")}<//>
      </div>
    </div>`;
}

/** All that keeps it back, at once. */
function Checks({ document }) {
  const { reasons } = document;
  if (!reasons.length) return html`<p><${Status} of="succeeded" text=${t("invoices.ready")} /> ${t("invoices.no-checks")}</p>`;
  return html`
    <h3>${t("invoices.checks", { n: reasons.length })}</h3>
    <ol class="plain checks">${reasons.map((why) => html`<li key=${why.code + why.message}><${Reason} of=${why} /></li>`)}</ol>`;
}

// --- Suggestions -------------------------------------------------------------------------------------

function Suggestions({ document, name, busy, takesIds, link }) {
  const found = document.suggestions;
  const main = found.filter((one) => one.exact && one.active).length === 1;
  return html`
    <h3>${t("invoices.suggestions")}</h3>
    ${document.linked && may("operator") && html`<p class="fine">${t("invoices.remove-first")}</p>`}
    ${found.length === 0 && html`<p class="fine">${t("invoices.no-suggestions", { name, customer: document.customer })}</p>`}
    <ul class="plain">${found.map((one) => html`
      <${Suggestion} key=${one.account_id} of=${one} ...${{ document, name, busy, takesIds, link, main }} />`)}</ul>`;
}

/** One account that may be meant. Another name than AutoVu's is linked only after a second look. */
function Suggestion({ of, document, name, busy, takesIds, link, main }) {
  const [asked, setAsked] = useState(false);
  const place = useTurn(asked);
  const linkable = of.active && (takesIds || of.exact || UNSEEN.test(of.evidence[0]));
  const facts = [
    ["email", of.email], ["account-number", of.number], ["tax", of.tax_number], ["city", of.city],
    ["balance", of.balance && (of.currency ? money(of.balance, of.currency) : decimal(of.balance))],
    ["currency", !of.balance && of.currency], ["changed", of.changed_at && day(of.changed_at)],
  ].filter(([, value]) => value);
  return html`
    <li class="invoices-suggestion" ref=${place}>
      <div>
        <p><b>${of.name}</b> <small>${of.account_id}</small>
          ${!of.active && html` <${Status} of="blocked" text=${t("invoices.inactive")} />`}</p>
        <p>${t("invoices.evidence", { score: scoreOf(of), evidence: of.evidence })}</p>
        ${facts.length > 0 && html`<dl class="facts">${facts.map(([key, value]) => html`<dt>${t(`invoices.${key}`)}</dt><dd>${value}</dd>`)}</dl>`}
        ${!of.active && html`<p>${t("invoices.inactive-why", { name })}</p>`}
        ${of.active && !linkable && html`<p>${t("invoices.another-name", { name })}</p>`}
        ${asked && html`
          <${Sure} title=${t("invoices.link-sure", { customer: document.customer, account: of.name, name })}
            text=${t("invoices.link-them")} busy=${busy} act=${() => link(of.account_id)} close=${() => setAsked(false)} />`}
      </div>
      ${may("operator") && linkable && !document.linked && !asked && html`
        <${Button} kind=${of.exact && main ? "primary" : ""} busy=${busy} onClick=${() => of.exact ? link(of.account_id) : setAsked(true)}
          aria-label=${t("invoices.link-this-one", { account: of.name, id: of.account_id })}>${t("invoices.link-this")}<//>`}
    </li>`;
}

function scoreOf(of) {
  return t(`invoices.score-${SCORES.find(([least]) => of.score >= least)[1]}`);
}

// --- Create New, AccsID ------------------------------------------------------------------------------

function Create({ document, name, busy, problem, create }) {
  const [asked, setAsked] = useState(false);
  const [currency, setCurrency] = useState("");
  const place = useTurn(asked);
  const open = problem?.of?.("currency");
  if (!asked) return html`<div ref=${place}><p><${Button} onClick=${() => setAsked(true)}>${t("invoices.create")}<//></p></div>`;
  const sure = t("invoices.create-sure", { customer: document.customer, side: t(`invoices.side-${document.side}`), name });
  return html`
    <div ref=${place}><${Sure} title=${sure} text=${t("invoices.create")} busy=${busy}
      act=${() => create(currency ? { currency } : {})} close=${() => setAsked(false)}>
      <p>${t("invoices.create-how")} ${document.suggestions.length > 0 && t("invoices.create-look")}</p>
      ${(open || currency) && html`
        <${Field} label=${t("invoices.currency")} error=${open} required>${(props) => html`
          <input ...${props} maxlength="3" value=${currency} onInput=${(event) => setCurrency(event.target.value.toUpperCase())} />`}<//>`}
    <//></div>`;
}

function AccsID({ name, busy, problem, link }) {
  const [id, setId] = useState("");
  const send = (event) => {
    event.preventDefault();
    if (id.trim()) link(id.trim());
  };
  return html`
    <form class="invoices-accsid" onSubmit=${send}>
      <${Field} label=${t("invoices.accsid")} help=${t("invoices.accsid-how", { name })} error=${problem?.of?.("account_id")}>${(props) => html`
        <input ...${props} maxlength="100" autocomplete="off" value=${id} onInput=${(event) => setId(event.target.value)} />`}<//>
      <button type="submit" disabled=${busy || !id.trim()}>${t("invoices.link")}</button>
    </form>`;
}
