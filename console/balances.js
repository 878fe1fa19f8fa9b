/** One person's leave balances, what both systems say, and the refresh: for the office and for the person. */

import { at, get, post } from "./api.js";
import { day, decimal } from "./format.js";
import {
  Button, Empty, html, Loaded, say, Section, Status, t, Table, Trouble, useAct, useEffect, useLoad, useState, When,
} from "./kit.js";

const LOOK_AGAIN_MS = 2000;
const LOOKS = 30;

/** `person` is a code of Payroll, or `me`; `mine` is what an employee sees of their own. */
export function Balances({ connection, person, mine, refreshes, named }) {
  const [left, setLeft] = useState(0);
  const balances = useLoad(
    () => get(at("connections", connection, "people", person, "balances")),
    [connection, person],
    () => left > 0 ? LOOK_AGAIN_MS : null,
  );
  const [refresh, busy, problem] = useAct(async () => {
    await post(at("connections", connection, "people", person, "refresh"));
    setLeft(LOOKS);
    say(t("balances.refreshing"));
  });
  const checked = balances.data?.checked_at;
  // Nobody at all has these balances under the reader's own e-mail: that is no failure.
  const nobody = mine && balances.problem?.status === 404;
  const agrees = balances.data?.items.filter((one) => one.visible || !mine).every(isRight);
  useEffect(() => {
    if (checked && left > 0) setLeft(agrees ? 0 : left - 1);
    if (checked && left > 0 && agrees) say(t("balances.refreshed"));
  }, [checked]);
  return html`
    <${Section} title=${named ? t("balances.of", { name: named }) : t("balances.title")}
      actions=${refreshes && !nobody && html`<${Button} kind="primary" busy=${busy || left > 0} onClick=${refresh}>
        ${left > 0 ? t("balances.on-its-way") : t("balances.refresh")}<//>`}>
      <${Trouble} problem=${problem} />
      ${nobody ? html`<${Empty}>${t("balances.nobody")}<//>` : html`<${Loaded} of=${balances} empty=${(data) => data.items.length ? null : t("balances.none")}>${(data) => html`
        <${Table} caption=${t("balances.title")} rows=${data.items} keyOf=${(row) => row.income_code} columns=${columns(mine)} />
        <p class="fine">${t("balances.checked")} <${When} at=${data.checked_at} exact /></p>`}<//>`}
    <//>`;
}

/** A balance is right when both systems say the same, and nothing is wrong with their rows. */
function isRight(balance) {
  return balance.agrees && !balance.problem;
}

function columns(mine) {
  return [
    { key: "type", title: t("balances.type"), cell: (row) => html`${row.description} <small>${row.income_code}</small>` },
    { key: "hours", title: t("balances.payroll"), class: "number", cell: (row) => row.hours === null ? t("balances.not-there") : t("balances.hours", { hours: decimal(row.hours) }) },
    { key: "as_at", title: t("balances.as-at"), cell: (row) => day(row.as_at) },
    { key: "shown", title: t("balances.shown"), class: "number", cell: (row) => row.shown ? t("balances.hours", { hours: decimal(row.shown.hours) }) : t("balances.not-there") },
    { key: "shown_at", title: t("balances.shown-as-at"), cell: (row) => day(row.shown?.as_at) },
    { key: "agrees", title: t("balances.agrees"), cell: (row) => html`
      <${Status} of=${isRight(row) ? "succeeded" : "partial"} text=${isRight(row) ? t("balances.right") : t("balances.differs")} />
      ${row.problem && html`<p>${row.problem}</p>`}
      ${!mine && !row.visible && html`<p class="fine">${t("balances.hidden")}</p>`}` },
    { key: "source", title: t("balances.source"), cell: (row) => row.source && html`<small>${t(`balances.row-${row.source.unit}`, {
      row: row.source.row,
      owing: decimal(row.source.entitlement_owing),
      pro_rata: decimal(row.source.pro_rata_owing),
      per_day: decimal(row.source.hours_per_day),
    })}${!row.source.pro_rata_counts && ` ${t("balances.no-pro-rata")}`}<br />${t("balances.saved")} <${When} at=${row.source.saved_at} exact /></small>` },
  ];
}
