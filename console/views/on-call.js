/** On call: what is wrong now, since when, what is late, what lies with the dead letters, and how the vendors answer. */

import { all, at, connections, get, post } from "../api.js";
import { number, percent, words } from "../format.js";
import {
  Button, Choice, Empty, go, html, link, Loaded, Loading, may, Page, Reason, say, Section, Status, t, Table, Trouble,
  useAct, useLoad, useMemo, usePages, When,
} from "../kit.js";
import { Plot } from "../plot.js";

const DAYS = 14;
const MOST_LINES = 5;
const DAY_MS = 86_400_000;
const RUNS_OF_VENDORS = 200;
const LOOK_AGAIN_MS = 30_000;

export default function OnCall({ query }) {
  const looked = useLoad(look, [], () => LOOK_AGAIN_MS);
  return html`
    <${Page} title=${t("oncall.title")}
      actions=${html`<a class="button" href=${link("on-call", "runbook")}>${t("oncall.runbook")}</a>`}>
      <${Loaded} of=${looked}>${(seen) => html`
        <${Tiles} seen=${seen} />
        <${Late} standings=${seen.late} />
        <${Open} query=${query} groups=${seen.failures.groups} complete=${seen.failures.groups_complete} named=${seen.named} />
        <${OverTime} standings=${seen.standings} />
        ${seen.letters && html`<${Letters} letters=${seen.letters} named=${seen.named} reload=${looked.reload} />`}
        ${!seen.letters && html`<p class="fine">${t("oncall.letters-who")}</p>`}
        <${Vendors} runs=${seen.runs} />`}<//>
    <//>`;
}

async function look() {
  const [links, failures, letters, page] = await Promise.all([
    connections(true),
    get("failures", { limit: 1 }),
    may("operator") ? all("dead-letters") : null,
    get("runs", { limit: RUNS_OF_VENDORS }),
  ]);
  const standings = links.flatMap((one) =>
    Object.entries(one.standings).map(([flow, standing]) => ({ connection: one, flow, ...standing })));
  return {
    failures,
    letters,
    standings,
    runs: page.items,
    named: Object.fromEntries(links.map((one) => [one.connection_id, one.name])),
    late: standings.filter((one) => one.missed_at || one.next_run_problem),
  };
}

function Tiles({ seen }) {
  const open = seen.failures.groups.reduce((sum, group) => sum + group.count, 0);
  const held = seen.standings.filter((one) => one.last_status === "held").length;
  const missed = seen.standings.filter((one) => one.missed_at).length;
  const tile = (name, count, bad) => html`
    <div class=${`tile ${count ? bad : "good"}`}><b>${number(count)}</b><span>${t(`oncall.${name}`, { n: count })}</span></div>`;
  return html`
    <div class="tiles">
      ${tile("tile-open", open, "warn")} ${tile("tile-held", held, "held")} ${tile("tile-missed", missed, "bad")}
      ${seen.letters && tile("tile-letters", seen.letters.length, "bad")}
    </div>`;
}

/** Schedules that brought no run, or will bring none. */
function Late({ standings }) {
  if (!standings.length) return null;
  return html`
    <${Section} title=${t("oncall.late")} actions=${html`<${Cure} entry="a-scheduled-run-did-not-start" />`}>
      <${Table} caption=${t("oncall.late")} rows=${standings} keyOf=${(row) => row.connection.connection_id + row.flow} columns=${[
        { key: "flow", title: t("oncall.flow"), cell: (row) => html`<${Which} id=${row.connection.connection_id} name=${row.connection.name} flow=${row.flow} />` },
        { key: "since", title: t("oncall.due"), cell: (row) => row.missed_at ? html`<${When} at=${row.missed_at} />` : html`<${Status} of="attention" text=${t("oncall.none-will-come")} />` },
        { key: "why", title: t("oncall.why"), cell: (row) => html`<${Reason} of=${row.missed_reason || row.next_run_problem} />` },
      ]} />
    <//>`;
}

/** What is wrong still: by reason, and the records of the reason that the address names. */
function Open({ query, groups, complete, named }) {
  const choose = (reason) => go(link("on-call", { reason: reason === query.reason ? "" : reason }), true);
  return html`
    <${Section} title=${t("oncall.open")} actions=${html`<${Cure} entry="records-failed-or-are-blocked" />`}>
      ${groups.length === 0 && html`<${Empty}>${t("oncall.nothing-open")}<//>`}
      ${!complete && html`<p class="fine">${t("oncall.newest-only")}</p>`}
      <${Choice} label=${t("oncall.by-reason")} value=${query.reason} choose=${choose}
        options=${groups.map((group) => [group.code, html`${words(group.code)} <b>${number(group.count)}</b>`])} />
      ${query.reason && html`<${Records} key=${query.reason} reason=${query.reason} named=${named} />`}
    <//>`;
}

function Records({ reason, named }) {
  const pages = usePages((cursor) => get("failures", { reason, cursor }), [reason]);
  if (pages.problem) return html`<${Trouble} problem=${pages.problem} retry=${pages.reload} />`;
  if (pages.loading && !pages.items.length) return html`<${Loading} />`;
  if (!pages.items.length) return html`<${Empty}>${t("oncall.none-of-reason")}<//>`;
  return html`
    <${Table} caption=${t("oncall.open-of", { reason: words(reason) })} rows=${pages.items} more=${pages.more}
      keyOf=${(row) => row.connection_id + row.flow + row.record_id} columns=${[
        { key: "record", title: t("oncall.record"), cell: (row) => html`<a href=${link("runs", row.run_id, { search: row.key })}>${row.label}</a>` },
        { key: "flow", title: t("oncall.flow"), cell: (row) => html`<${Which} id=${row.connection_id} name=${named[row.connection_id]} flow=${row.flow} />` },
        { key: "outcome", title: t("oncall.outcome"), cell: (row) => html`<${Status} of=${row.outcome} /> <${When} at=${row.at} />` },
        { key: "why", title: t("oncall.why"), cell: (row) => html`<${Reason} of=${row.reason} />` },
      ]} />`;
}

function Which({ id, name, flow }) {
  return html`<a href=${link("connections", id)}>${name ?? id}</a><br /><small>${t.maybe(`flow.${flow}`) ?? flow}</small>`;
}

/** The most frequent reasons of the runs of the last days, a line each. */
function OverTime({ standings }) {
  const { days, lines } = useMemo(() => byDay(standings), [standings]);
  return html`
    <${Section} title=${t("oncall.over-time", { n: DAYS })}>
      ${lines.length ? html`<${Plot} title=${t("oncall.over-time", { n: DAYS })} days=${days} lines=${lines} />`
        : html`<${Empty}>${t("oncall.no-failures-lately")}<//>`}
    <//>`;
}

function byDay(standings) {
  const today = Date.now();
  const days = Array.from({ length: DAYS }, (_, back) => dateOf(today - (DAYS - 1 - back) * DAY_MS));
  const counts = {};
  for (const run of standings.flatMap((one) => one.recent ?? [])) {
    const place = days.indexOf(dateOf(Date.parse(run.finished_at)));
    if (place < 0 || run.mode === "preview") continue;
    for (const [code, count] of Object.entries(run.reasons ?? {})) {
      (counts[code] ??= Array(DAYS).fill(0))[place] += count;
    }
  }
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  const most = Object.entries(counts).sort((one, other) => sum(other[1]) - sum(one[1])).slice(0, MOST_LINES);
  return { days, lines: most.map(([code, values]) => ({ label: words(code), values })) };
}

/** The day of a moment where the reader is. */
function dateOf(moment) {
  const local = new Date(moment);
  return new Date(Date.UTC(local.getFullYear(), local.getMonth(), local.getDate())).toISOString().slice(0, 10);
}

/** What lies with the dead letters: each can be given to its function again, once its cause is mended. */
function Letters({ letters, named, reload }) {
  return html`
    <${Section} title=${t("oncall.letters")} actions=${html`<${Cure} entry="dead-letters" />`}>
      ${letters.length === 0 ? html`<${Empty}>${t("oncall.no-letters")}<//>` : html`
        <${Table} caption=${t("oncall.letters")} rows=${letters} keyOf=${(row) => row.letter_id} columns=${[
          { key: "kind", title: t("oncall.letter"), cell: (row) => t(`oncall.letter-${row.kind}`) },
          { key: "flow", title: t("oncall.flow"), cell: (row) => row.connection_id && html`<${Which} id=${row.connection_id} name=${named[row.connection_id]} flow=${row.flow} />` },
          { key: "left", title: t("oncall.left"), cell: (row) => html`<${When} at=${row.left_at} />` },
          { key: "problem", title: t("oncall.why"), cell: (row) => html`${row.problem} ${row.run_id && html`<a href=${link("runs", row.run_id)}>${t("oncall.its-run")}</a>`}` },
          { key: "do", title: t("oncall.redrive"), cell: (row) => html`<${Redrive} letter=${row} reload=${reload} />` },
        ]} />`}
    <//>`;
}

function Redrive({ letter, reload }) {
  const [act, busy, problem] = useAct(async () => {
    const done = await post(at("dead-letters", letter.letter_id, "redrive"));
    say(t(`oncall.redriven-${done.outcome}`));
    reload(true);
  });
  return html`<${Button} busy=${busy} onClick=${act}>${t("oncall.redrive")}<//><${Trouble} problem=${problem} />`;
}

/** How the outside systems answered the last runs. */
function Vendors({ runs }) {
  const rows = useMemo(() => bySystem(runs), [runs]);
  if (!rows.length) return null;
  return html`
    <${Section} title=${t("oncall.vendors", { n: runs.length })} actions=${html`<${Cure} entry="a-vendor-is-slow-busy-or-down" />`}>
      <${Table} caption=${t("oncall.vendors", { n: runs.length })} rows=${rows} keyOf=${(row) => row.system} columns=${[
        { key: "system", title: t("oncall.system"), cell: (row) => t.maybe(`system.${row.system}`) ?? row.system },
        { key: "made", title: t("oncall.calls"), class: "number", cell: (row) => number(row.made) },
        { key: "refused", title: t("oncall.refused"), class: "number", cell: (row) => number(row.refused) },
        { key: "rate", title: t("oncall.rate"), class: "number", cell: (row) => percent(row.made ? row.refused / row.made : 0) },
        { key: "waited", title: t("oncall.waited"), class: "number", cell: (row) => t("oncall.seconds", { n: Math.round(row.waited_s) }) },
      ]} />
    <//>`;
}

function bySystem(runs) {
  const found = {};
  for (const run of runs) {
    for (const [system, calls] of Object.entries(run.calls ?? {})) {
      const row = (found[system] ??= { system, made: 0, refused: 0, waited_s: 0 });
      for (const name of ["made", "refused", "waited_s"]) row[name] += Number(calls[name] ?? 0);
    }
  }
  return Object.values(found).sort((one, other) => other.refused - one.refused || other.made - one.made);
}

/** The way to the runbook's entry about what a section shows. */
function Cure({ entry }) {
  return html`<a href=${link("on-call", "runbook", entry)}>${t("oncall.cure")}</a>`;
}
