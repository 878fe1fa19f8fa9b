/** The plan of a preview, or of a run that the brake holds: what a sync would write, and the way to write just that. */

import { at, connections, get, post } from "../api.js";
import {
  Button, Choice, Dialog, Empty, Loaded, Page, Progress, Reason, Remedy, Section, Status, Trouble, When,
  go, html, link, may, t, useAct, useCallback, useEffect, useLoad, useMemo, useRef, useState,
} from "../kit.js";
import { Records } from "../records.js";
import { number, percent, words } from "../format.js";
import { inProgress, untilEnded } from "../runs.js";
import { StartRun } from "../start.js";
import { Again, Otherwise, useAgain } from "./plan-again.js";

const MOVED = "MOVED_SINCE_PREVIEW";
const WRITES = ["created", "updated"];
const ENDED_WELL = ["succeeded", "partial"];
const NOBODY = new Map();
const LEFT = 5;
const GROUPS = 8;

export default function Plan({ run: id, query }) {
  const run = useLoad((signal) => get(at("runs", id), {}, { signal }), [id], untilEnded);
  const known = useLoad(() => connections(), []);
  const of = run.data;
  const connection = (known.data ?? []).find((one) => one.connection_id === of?.connection_id);
  const [starting, setStarting] = useState(false);
  const crumbs = [[t("navigation.home"), link("")]];
  if (of) crumbs.push([connection?.name ?? t("plan.connection"), link("connections", of.connection_id)]);
  if (of) crumbs.push([t("plan.run"), link("runs", id)]);
  const again = of && may("operator") && html`<${Button} onClick=${() => setStarting(true)}>${t("plan.another")}<//>`;
  return html`
    <${Page} title=${titleOf(of)} crumbs=${crumbs} actions=${again}>
      <${Loaded} of=${run}>${(one) => html`
        <${Told} run=${one} connection=${connection} query=${query} reload=${run.reload} />`}<//>
      ${starting && html`
        <${StartRun} mode="preview" connection=${of.connection_id} flow=${of.flow} close=${() => setStarting(false)} />`}
    <//>`;
}

function titleOf(run) {
  if (!run || run.mode !== "preview" && run.status !== "held") return t("plan.title-unknown");
  return t(run.status === "held" ? "plan.title-held" : "plan.title", { flow: t(`flow.${run.flow}`) });
}

/** What there is to say of a run here, whatever became of it. */
function Told({ run, connection, query, reload }) {
  if (run.plan_of) {
    const there = link("runs", run.plan_of, "plan");
    return html`<${Empty}>${t("plan.of-another")} <a href=${there}>${t("plan.look-there")}</a><//>`;
  }
  if (inProgress(run)) {
    return html`
      <${Section} title=${t(run.mode === "preview" ? "plan.looking" : "plan.no-plan-yet")}>
        <p><${Status} of=${run.status} /> ${run.waits && run.waits.message}</p>
        <${Progress} ...${run.progress} label=${t("plan.looking")} /><//>`;
  }
  if (run.mode !== "preview" && run.status !== "held") {
    return html`<${Empty}>${t("plan.none")} <a href=${link("runs", run.run_id)}>${t("plan.what-it-did")}</a><//>`;
  }
  if (![...ENDED_WELL, "held"].includes(run.status)) {
    return html`
      <div class="notice bad" role="alert">
        <strong>${t("plan.not-ended", { status: t(`status.${run.status}`) })}</strong>
        <${Reason} of=${run.error} /></div>`;
  }
  return html`<${Planned} run=${run} connection=${connection} query=${query} reload=${reload} />`;
}

function Planned({ run, connection, query, reload }) {
  const here = ["runs", run.run_id, "plan"];
  const narrow = (more) => go(link(...here, { ...query, record: null, ...more }), true);
  const arrived = useRef(Object.keys(query).length > 0);
  useEffect(() => {
    // Those whom the brake means come first, until somebody has chosen otherwise.
    if (run.held && !arrived.current) narrow({ risk: "people" });
    arrived.current = true;
  }, []);
  const [shown, setShown] = useState([]);
  const applied = useApplied(run);
  const again = useAgain(query, shown);
  const lead = useMarks(run, applied, again);
  const { left } = applied;
  const { moved } = again;
  const rowClass = useCallback((record) => moved(record) || left.has(record.record_id) ? "moved" : "", [moved, left]);
  const writes = writesOf(run);
  const open = !applied.state || applied.state === "failed";
  return html`
    <div class="plan">
      <${Applied} by=${applied} id=${run.applied_by} narrow=${narrow} />
      <${Brake} run=${run} open=${open} query=${query} narrow=${narrow} />
      ${open && html`<${Section} title=${t("plan.next")} class="card plan-next">
        <p>${writes ? t("plan.writes", { n: writes, target: targetOf(run, connection) }) : t("plan.writes-nothing")}
          ${run.estimate && html`
            ${" "}${t("run.already-right", { n: run.estimate.already_right })} ${t("run.calls-about", { n: run.estimate.calls })}`}
          <span class="fine"> ${t("plan.made")} <${When} at=${run.finished_at} /> · ${run.requested_by}</span></p>
        <${Apply} run=${run} connection=${connection} writes=${writes} again=${again} reload=${reload} />
        <${Again} run=${run} again=${again} choose=${(id) => narrow({ again: id })} />
      <//>`}
      <div class="columns">
        <${Groups} title=${t("plan.by-field")} groups=${fieldsOf(run)} chosen=${query.field}
          choose=${(field) => narrow({ field })} />
        <${Groups} title=${t("plan.by-reason")} groups=${reasonsOf(run)} chosen=${query.reason}
          choose=${(reason) => narrow({ reason })} />
      </div>
      <${Section} title=${t("plan.records")}>
        <${Records} run=${run} query=${query} here=${here} lead=${lead} seen=${setShown}
          rowClass=${rowClass} />
      <//>
    </div>`;
}

function targetOf(run, connection) {
  return connection?.sides?.[run.flow]?.target ?? t("plan.target");
}

// --- The brake ---------------------------------------------------------------------------------------

/** Whom the brake means, why, the limit, and who else was held for the same. */
function Brake({ run, open, query, narrow }) {
  const held = run.held;
  if (!held) return null;
  const people = { n: held.people, total: held.total, share: percent(held.people / held.total) };
  const risks = Object.entries(held.risks).sort((a, b) => b[1] - a[1]);
  const options = [
    ["people", t("plan.everybody", { n: held.people })],
    ...risks.map(([risk, n]) => [risk, `${t(`risk.${risk}`)} ${number(n)}`]),
    ["", t("plan.all-records")],
  ];
  return html`
    <section class="notice held" aria-labelledby="brake">
      <h2 id="brake">${t(`plan.${run.status !== "held" ? "would-hold" : open ? "held" : "was-held"}`, people)}</h2>
      <p>${held.message}</p>
      ${open && html`<${Remedy} text=${held.remedy} />`}
      <${Choice} label=${t("plan.show")} options=${options} value=${query.risk ?? ""}
        choose=${(risk) => narrow({ risk })} />
      ${run.same_cause?.length > 0 && html`<${Alike} runs=${run.same_cause} />`}
    </section>`;
}

function Alike({ runs }) {
  return html`
    <h3>${t("plan.same-cause")}</h3>
    <ul class="alike">${runs.map((one) => html`
      <li key=${one.run_id}>
        <a href=${link("runs", one.run_id, "plan")}><${When} at=${one.finished_at ?? one.queued_at} exact /></a>
        ${` ${t("plan.asked-by", { who: one.requested_by })} `}
        ${one.applied_by
          ? html`<a href=${link("runs", one.applied_by)}>${t("plan.was-applied")}</a>`
          : t("plan.not-applied")}</li>`)}
    </ul>`;
}

// --- Groups ------------------------------------------------------------------------------------------

/** How many records each has, as bars to choose by: `groups` are `{name, text, count}`. */
function Groups({ title, groups, chosen, choose }) {
  const [all, setAll] = useState(false);
  if (!groups.length) return null;
  const most = Math.max(...groups.map((one) => one.count));
  return html`
    <${Section} title=${title}>
      <ul class="plain plan-bars">${groups.slice(0, all ? undefined : GROUPS).map((one) => html`
        <li key=${one.name}><button type="button" aria-pressed=${chosen === one.name}
          onClick=${() => choose(chosen === one.name ? null : one.name)}>
          <span>${one.text}</span><meter min="0" max=${most} value=${one.count} aria-hidden="true"></meter>
          <b class="number">${number(one.count)}</b></button></li>`)}
      </ul>
      ${groups.length > GROUPS && !all && html`
        <${Button} kind="link" onClick=${() => setAll(true)}>
          ${t("plan.more-groups", { n: groups.length - GROUPS })}<//>`}
    <//>`;
}

function fieldsOf(run) {
  return (run.fields ?? []).map((one) => ({ name: one.field, text: one.field, count: one.count }));
}

function reasonsOf(run) {
  const reasons = run.reasons ?? [];
  return [...new Set(reasons.map((one) => one.code))].map((code) => {
    const these = reasons.filter((one) => one.code === code);
    return {
      name: code,
      text: html`${words(code)}
        ${these.map((one) => html`<${Status} key=${one.outcome} of=${one.outcome} />`)}`,
      count: these.reduce((sum, one) => sum + one.count, 0),
    };
  });
}

/** What is told of a record beside its plan: what the brake watches for, and whether it has moved since. */
function useMarks({ held }, { left }, { id, of, moved }) {
  return useMemo(() => [
    ...(held ? [{ key: "risks", title: t("plan.risk"), cell: (record) => (record.risks ?? []).map((risk) => html`
      <span key=${risk} class="status held">${t(`risk.${risk}`)}</span> `) }] : []),
    ...(id || left.size ? [{ key: "since", title: t("plan.since"), class: "since", cell: (record) => html`
      <${Since} record=${record} left=${left.get(record.record_id)} moved=${moved(record)}
        state=${of(record)} />` }] : []),
  ], [held, left, id, of, moved]);
}

function Since({ record, left, moved, state }) {
  return html`
    ${left && html`<p><${Status} of="blocked" text=${t("plan.left-alone")} /> ${left.message}</p>`}
    ${moved && html`
      <p><${Status} of="attention" text=${t(`again.${state.kind}`)} /></p>
      ${state.now && html`<${Otherwise} record=${record} now=${state.now} />`}`}
    ${!moved && state && !left && html`<span class="fine">${t(`again.${state.kind}`)}</span>`}`;
}

// --- Applying ----------------------------------------------------------------------------------------

/**
 * The run that has written the plan, or was started last to: `{run, left, state}`, with what it left alone since it
 * had moved. The state is null, "busy", "done" or "failed"; a plan of which that failed can be applied again.
 */
function useApplied(run) {
  const found = useLoad(async (signal) => {
    if (!run.applied_by) return null;
    const by = await get(at("runs", run.applied_by), {}, { signal });
    const page = await get(at("runs", run.applied_by, "records"), { reason: MOVED, limit: 200 }, { signal });
    return { run: by, left: new Map(page.items.map((one) => [one.record_id, one.reason])) };
  }, [run.applied_by], (one) => untilEnded(one?.run));
  const by = found.data;
  return { run: by?.run, left: by?.left ?? NOBODY, state: run.applied_by ? stateOf(by?.run) : null };
}

function stateOf(run) {
  if (!run || inProgress(run)) return "busy";
  return ENDED_WELL.includes(run.status) ? "done" : "failed";
}

const TONE = { busy: "", done: "good", failed: "bad" };

function Applied({ by, id, narrow }) {
  const of = by.run;
  if (!by.state) return null;
  return html`
    <div class=${`notice ${TONE[by.state]}`} role="status">
      <strong>${t(`plan.applied-${by.state}`)}</strong>
      <p>${of && html`
        <${Status} of=${of.status} /> ${t("plan.applied-by", { n: writesOf(of), who: of.requested_by })}
        ${" "}<${When} at=${of.queued_at} />. `}
        <a href=${link("runs", id)}>${t("plan.applied-run")}</a></p>
      ${by.left.size > 0 && html`<p>${t("plan.left", { n: by.left.size })}</p>
        <ul>${[...by.left.entries()].slice(0, LEFT).map(([record, why]) => html`<li key=${record}>
          <${Button} kind="link" onClick=${() => narrow({ record, risk: null })}>${why.message}<//></li>`)}</ul>`}
    </div>`;
}

function writesOf(run) {
  return WRITES.reduce((sum, outcome) => sum + (run.counts[outcome] ?? 0), 0);
}

/** Writes exactly the plan: operators a preview's, an admin one that the brake holds, or would hold. */
function Apply({ run, connection, writes, again, reload }) {
  const [asking, setAsking] = useState(false);
  const role = run.held ? "admin" : "operator";
  if (!writes) return null;
  if (!may(role)) return html`<p class="fine">${t(`plan.takes-${role}`)}</p>`;
  return html`
    <p><${Button} kind="primary" onClick=${() => setAsking(true)}>${t("plan.apply")}<//></p>
    ${asking && html`
      <${Asked} run=${run} connection=${connection} again=${again} reload=${reload} close=${() => setAsking(false)} />`}`;
}

function Asked({ run, connection, again, reload, close }) {
  const [looked, setLooked] = useState(!run.held);
  const [apply, busy, problem] = useAct(async () => {
    const made = await post(at("runs", run.run_id, "apply"));
    go(link("runs", made.run_id));
  });
  // The plan is shown as somebody else has left it once this is read.
  const leave = () => (close(), problem?.code === "ALREADY_APPLIED" && reload(true));
  const actions = html`
    <${Button} onClick=${leave}>${t("state.cancel")}<//>
    <${Button} kind="primary" busy=${busy} disabled=${!looked} onClick=${apply}>${t("plan.apply")}<//>`;
  const named = problem && /run_[0-9A-Z]{26}/.exec(`${problem.detail} ${problem.remedy}`)?.[0];
  return html`
    <${Dialog} title=${t("plan.apply")} close=${leave} actions=${actions}>
      <p>${t("plan.will", { target: targetOf(run, connection) })}</p>
      <ul>${WRITES.filter((outcome) => run.counts[outcome]).map((outcome) => html`
        <li key=${outcome}>${t(`plan.will-${outcome}`, { n: run.counts[outcome] })}</li>`)}</ul>
      <p>${t("plan.nothing-else")}</p>
      ${again.count > 0 && html`<div class="notice warn"><p>${t("plan.will-leave", { n: again.count })}</p></div>`}
      ${run.held && html`
        <label class="option"><input type="checkbox" checked=${looked}
          onChange=${(event) => setLooked(event.target.checked)} /> ${t("plan.looked", { n: run.held.people })}</label>`}
      <${Trouble} problem=${problem} />
      ${named && html`<p><a href=${link("runs", named)}>${t("plan.that-run")}</a></p>`}
    <//>`;
}
