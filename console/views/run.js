/** A run: how far it is, how it ended, and each of its records. */

import { at, connections, get, post } from "../api.js";
import {
  Ask, Button, Loaded, Page, Progress, Reason, Remedy, Section, Status, Table, Trouble, When,
  go, html, link, may, say, t, useAct, useEffect, useLoad, useMemo, useRef, useState,
} from "../kit.js";
import { lasting, number, time } from "../format.js";
import { Call, Log, Reasons, Records } from "../records.js";
import { Estimate, Replay, scopes } from "../replay.js";
import { inProgress, untilEnded } from "../runs.js";

const MOST_NAMED = 1000;

const planned = (run) => run.status === "held" || run.mode === "preview" && ["succeeded", "partial"].includes(run.status);

export default function Run({ run: id, query }) {
  const reading = useLoad((signal) => get(at("runs", id), {}, { signal }), [id], untilEnded);
  const known = useLoad(() => connections(), []);
  const run = reading.data;
  if (!run) return html`<${Page} title=${t("run.title")} crumbs=${crumbs()}><${Loaded} of=${reading} /><//>`;
  const connection = known.data?.find((one) => one.connection_id === run.connection_id);
  return html`<${Shown} run=${run} connection=${connection} title=${titleOf(run)} query=${query}
    problem=${reading.problem} reload=${reading.reload} />`;
}

function titleOf(run) {
  return t("run.named", { flow: t(`flow.${run.flow}`), mode: t(`mode.${run.mode}`) });
}

function crumbs(connection) {
  const home = [t("navigation.home"), link("")];
  return connection ? [home, [connection.name, link("connections", connection.connection_id)]] : [home];
}

function Shown({ run, connection, title, query, problem, reload }) {
  const [replay, setReplay] = useState(null);
  const [selected, setSelected] = useState({});
  const [stopping, setStopping] = useState(false);
  useEnd(run);
  const replayable = may("operator") && !inProgress(run) && run.mode !== "preview";
  const ids = Object.keys(selected);
  const select = useMemo(() => replayable ? {
    has: (record) => record in selected,
    able: (record) => record.record_id in selected || ids.length < MOST_NAMED,
    toggle: ({ record_id: one }, on) => setSelected(({ [one]: _, ...others }) => on ? { ...others, [one]: true } : others),
  } : undefined, [selected, replayable]);
  const one = (record) => replayable && html`
    <${Button} onClick=${() => (go(link("runs", run.run_id, { ...query, record: null }), true), setReplay({ records: [record.record_id] }))}>
      ${t("run.replay-one")}<//>`;
  const actions = html`
    ${inProgress(run) && may("operator") && html`<${Button} kind="danger" onClick=${() => setStopping(true)}>${t("run.stop")}<//>`}
    ${planned(run) && html`<a class="button primary" href=${link("runs", run.run_id, "plan")}>${t("run.plan")}</a>`}
    ${replayable && html`<${Button} onClick=${() => setReplay(scopes(run, ids)[0].body)}>${t("run.replay")}<//>`}`;
  return html`
    <${Page} title=${title} crumbs=${crumbs(connection)} actions=${actions}>
      <${Trouble} problem=${problem} retry=${reload} />
      <${Summary} run=${run} connection=${connection}>
        ${run.calls && Object.keys(run.calls).length > 0 && html`<${Calls} calls=${run.calls} />`}
        ${may("operator") && html`<${Log} run=${run.run_id} />`}
      <//>
      <${Notices} run=${run} />
      <${Section} title=${t(planned(run) ? "record.would" : "run.records")}
        actions=${ids.length > 0 && html`
          <span>${t("run.selected", { n: ids.length })}</span>
          <${Button} onClick=${() => setReplay({ records: ids })}>${t("run.replay-selected")}<//>
          <${Button} kind="link" onClick=${() => setSelected({})}>${t("run.select-none")}<//>`}>
        <${Records} run=${run} query=${query} here=${["runs", run.run_id]} select=${select} actions=${one}>
          ${run.reasons?.length > 0 && html`
            <h3>${t("run.reasons")}</h3>
            <${Reasons} run=${run} chosen=${query.reason}
              choose=${(reason) => go(link("runs", run.run_id, { ...query, outcome: null, reason }), true)} />`}
        <//>
      <//>
      ${!may("operator") && html`<p class="fine">${t("run.who-may")}</p>`}
      ${stopping && html`<${Stop} run=${run} close=${() => setStopping(false)} done=${reload} />`}
      ${replay && html`<${Replay} run=${run} selected=${ids} begin=${replay} close=${() => setReplay(null)} />`}
    <//>`;
}

/** Says it when a run ends while somebody looks. */
function useEnd(run) {
  const before = useRef(run.status);
  useEffect(() => {
    if (before.current !== run.status && !inProgress(run)) say(t("run.ended", { status: t(`status.${run.status}`) }));
    before.current = run.status;
  }, [run.status]);
}

// --- What it is --------------------------------------------------------------------------------------

function Summary({ run, connection, children }) {
  const facts = [
    [t("run.asked"), html`${t(`trigger.${run.trigger}`, { who: run.requested_by })} <${When} at=${run.queued_at} exact />`],
    connection && [t("run.connection"), html`<a href=${link("connections", run.connection_id)}>${connection.name}</a> <span class="fine">${t(`kind.${connection.kind}`)}</span>`],
    run.finished_at && [t("run.ended-at"), html`<${When} at=${run.finished_at} exact />${run.started_at &&
      html` <span class="fine">${t("run.took", { time: lasting(Date.parse(run.finished_at) - Date.parse(run.started_at)) })}</span>`}`],
    Object.keys(run.options ?? {}).length > 0 && [t("run.options"), optionsOf(run.options)],
    run.compared && [t("run.compared"), html`${t(`run.compared-${run.compared}`)}${run.drift > 0 &&
      html` <strong>${t("run.drift", { n: run.drift })}</strong>`}`],
    ...["replay_of", "plan_of", "applied_by"].map((name) => run[name] && [t(`run.${name}`), html`<a href=${link("runs", run[name])}><code>${run[name]}</code></a>`]),
    run.estimate && [t("run.estimate"), html`<${Estimate} of=${run.estimate} />`],
    [t("run.id"), html`<code>${run.run_id}</code>`],
  ].filter(Boolean);
  return html`
    <${Section} class="card run-summary">
      <p class="run-status"><${Status} of=${run.status} /> ${run.mode === "preview" && html`<span>${t("run.wrote-nothing")}</span>`}</p>
      ${inProgress(run) && html`<${Progress} ...${run.progress} label=${t("run.how-far")} />`}
      <dl class="facts">${facts.map(([name, text]) => html`<dt key=${name}>${name}</dt><dd>${text}</dd>`)}</dl>
      ${children}
    <//>`;
}

function optionsOf(options) {
  return Object.entries(options).map(([name, value]) => `${name}: ${Array.isArray(value) ? value.join(", ") : value}`).join("; ");
}

// --- What is to be known of it -----------------------------------------------------------------------

function Notices({ run }) {
  return html`
    ${run.waits && html`<div class="notice" role="status"><strong>${t("run.waits")}</strong><p>${run.waits.message}</p></div>`}
    ${run.held && html`<${HeldFor} run=${run} />`}
    ${run.error && html`
      <div class="notice bad"><strong>${t("run.error")}</strong><${Reason} of=${run.error} />
        ${run.request && html`<${Call} of=${run.request} />`}</div>`}
    ${run.died && run.died.message !== run.error?.message && html`
      <div class="notice bad"><strong>${t("run.died")}</strong><${Reason} of=${run.died} /></div>`}`;
}

function HeldFor({ run }) {
  const others = run.same_cause ?? [];
  return html`
    <div class="notice held">
      <strong>${t(run.status === "held" ? "run.held" : "run.would-hold")}</strong>
      <p>${run.held.message}</p>
      <${Remedy} text=${run.held.remedy} />
      <p><a class="button" href=${link("runs", run.run_id, "plan")}>${t("run.plan")}</a></p>
      ${others.length > 0 && html`
        <p>${t("run.same-cause", { n: others.length })}</p>
        <ul>${others.map((one) => html`
          <li key=${one.run_id}><a href=${link("runs", one.run_id)}>${time(one.queued_at)}</a> (${one.requested_by})${
            one.applied_by && html` – <a href=${link("runs", one.applied_by)}>${t("run.was-applied")}</a>`}</li>`)}</ul>`}
    </div>`;
}

function Calls({ calls }) {
  const columns = [
    { key: "system", title: t("run.system"), cell: ([system]) => t.maybe(`system.${system}`) ?? system },
    { key: "made", title: t("run.made"), class: "number", cell: ([, one]) => number(one.made) },
    { key: "forecast", title: t("run.forecast"), class: "number", cell: ([, one]) => Number.isInteger(one.forecast) ? number(one.forecast) : "–" },
    { key: "refused", title: t("run.refused-calls"), class: "number", cell: ([, one]) => number(one.refused) },
    { key: "waited", title: t("run.waited"), class: "number", cell: ([, one]) => lasting(one.waited_s * 1000) },
  ];
  return html`
    <details><summary>${t("run.calls")}</summary>
      <${Table} caption=${t("run.calls")} columns=${columns} rows=${Object.entries(calls)} keyOf=${([system]) => system} />
    </details>`;
}

// --- Stop --------------------------------------------------------------------------------------------

function Stop({ run, close, done }) {
  const [stop, busy, problem] = useAct(async () => {
    await post(at("runs", run.run_id, "stop"));
    say(t("run.stopping"));
    close();
    done(true);
  });
  return html`
    <${Ask} title=${t("run.stop-title")} text=${t("run.stop")} back=${t("run.go-on")} act=${stop} ...${{ busy, problem, close }}>
      <p>${t("run.stop-why")}</p><//>`;
}
