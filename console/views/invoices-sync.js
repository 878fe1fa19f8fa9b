/** Sync and Auto Sync: started, watched and stopped, and what each batch has done. */

import { at, get, post } from "../api.js";
import {
  Button, html, link, may, Outcomes, Progress, Reason, say, Section, Status, t, Trouble,
  useAct, useEffect, useLoad, useRef, useState, When,
} from "../kit.js";
import { clock } from "../format.js";
import { inProgress, untilEnded } from "../runs.js";

const FLOW = "invoice_sync";
const TICK_MS = 1000;
const AUTO_MS = 20 * 60_000;
// A session may have very many records: the log shows the last of them.
const PAGES = 5;
const SHOWN = 8;

/**
 * The last run of the connection, looked at while it is in progress: `{run, log, posted, start, stop, …}`. `posted` are the
 * documents that it has taken off the list; `ended()` is told when it is over, `lapsed()` that none can start.
 */
export function useSync(connection, ended, lapsed) {
  const id = connection.connection_id;
  const [joined, setJoined] = useState(null);
  const running = useRef(false);
  const found = useLoad(async (signal) => {
    if (joined) return get(at("runs", joined), {}, { signal });
    const last = await get("runs", { connection_id: id, flow: FLOW, limit: 1 }, { signal });
    return last.items[0] ?? null;
  }, [id, joined], untilEnded);
  const run = found.data;
  const watched = useRecords(run);

  useEffect(() => {
    if (running.current && run && !inProgress(run)) {
      say(t("invoices.ended", { ...run.counts, n: run.counts.created, left: run.counts.blocked + run.counts.failed }));
      ended();
    }
    if (run) running.current = inProgress(run);
  }, [run?.run_id, run?.finished_at]);

  const [start, starting, refused] = useAct(async (mode) => {
    const answer = await post(`${at("connections", id)}/runs`, { flow: FLOW, mode }).catch((problem) => {
      if (problem.status === 409) lapsed();
      throw problem;
    });
    if (answer.joined) say(t("invoices.joined"));
    running.current = true;
    if (answer.run_id === joined) found.reload(true);
    setJoined(answer.run_id);
  });
  const [stop, stopping, unstopped] = useAct(async () => {
    await post(`${at("runs", run.run_id)}/stop`);
    say(t("invoices.stopping"));
  });
  return { ...watched, run, start, stop, starting, stopping, problem: refused ?? unstopped ?? found.problem };
}

/** What a run has done, in batches as they were seen to come; read again only when its counts have changed. */
function useRecords(run) {
  const [known, setKnown] = useState({ run: null, keys: new Set(), log: [], posted: new Set() });
  const done = run ? Object.values(run.counts).reduce((sum, n) => sum + n, 0) : 0;
  const live = useRef(false);
  live.current ||= inProgress(run);
  useEffect(() => {
    if (!run || !done || !live.current) return;
    const reading = new AbortController();
    recordsOf(run.run_id, reading.signal).then((records) => setKnown((before) => {
      const of = before.run === run.run_id ? before : { keys: new Set(), log: [] };
      const fresh = records.filter((one) => !of.keys.has(keyOf(one)));
      if (!fresh.length) return before;
      return {
        run: run.run_id,
        keys: new Set(records.map(keyOf)),
        log: [{ at: new Date().toISOString(), records: fresh }, ...of.log],
        posted: new Set(records.filter((one) => one.outcome === "created").map((one) => one.key)),
      };
    }), () => null); // The run itself says what is wrong, and the next look tries again.
    return () => reading.abort();
  }, [run?.run_id, run?.finished_at, done]);
  return run && known.run === run.run_id ? known : { log: [], posted: new Set() };
}

const keyOf = (record) => `${record.record_id} ${record.outcome} ${record.reason?.message ?? ""}`;

async function recordsOf(run, signal) {
  const records = [];
  let cursor = null;
  for (let page = 0; page < PAGES; page += 1) {
    const found = await get(at("runs", run, "records"), { limit: 200, cursor }, { signal });
    records.push(...found.items);
    cursor = found.next_cursor;
    if (!cursor) break;
  }
  return records;
}

/** The buttons, and the run that is in progress, or the last one. */
export function Sync({ sync, stands, name }) {
  const { run, start, stop, starting, stopping, problem } = sync;
  const busy = inProgress(run);
  return html`
    <${Section} title=${t("invoices.sync-title", { name })} actions=${may("operator") && html`
      ${busy
        ? html`<${Button} kind="danger" busy=${stopping} onClick=${stop}>${t("invoices.stop")}<//>`
        : stands && html`
          <${Button} kind="primary" busy=${starting} onClick=${() => start("sync")}>${t("invoices.sync")}<//>
          <${Button} busy=${starting} onClick=${() => start("auto")}>${t("invoices.auto")}<//>`}`}>
      ${may("operator") && stands && !busy && html`<p class="fine">${t("invoices.sync-how")}</p>`}
      <${Trouble} problem=${problem} />
      ${run && html`<${Last} run=${run} log=${sync.log} />`}
      ${run === null && html`<p class="fine">${t("invoices.never")}</p>`}
    <//>`;
}

function Last({ run, log }) {
  const busy = inProgress(run);
  return html`
    <p class="invoices-run">
      <${Status} of=${run.status} /> <a href=${link("runs", run.run_id)}>${t(`mode.${run.mode}`)}</a>
      ${busy ? run.mode === "auto" && html`<${Clock} since=${run.started_at ?? run.queued_at} />` : html`<${When} at=${run.finished_at} />`}
    </p>
    ${busy && html`<${Progress} ...${run.progress} label=${t("invoices.progress")} />`}
    ${run.waits && html`<p class="fine">${run.waits.message}</p>`}
    <${Reason} of=${run.error} />
    ${busy || log.length > 0
      ? html`<${Outcomes} counts=${run.counts} /><${Batches} log=${log} />`
      : html`<p class="fine">${t("invoices.counted", { n: run.counts.created, left: run.counts.blocked + run.counts.failed })}</p>`}`;
}

/** How long Auto Sync has gone on, and when it ends by itself. */
function Clock({ since }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setTimeout(() => setNow(Date.now()), TICK_MS);
    return () => clearTimeout(timer);
  }, [now]);
  const gone = Math.min(AUTO_MS, Math.max(0, now - Date.parse(since)));
  return html`<span class="invoices-clock" role="timer" aria-live="off">${t("invoices.clock", { gone: minutes(gone), left: minutes(AUTO_MS - gone) })}</span>`;
}

function minutes(ms) {
  const seconds = Math.round(ms / 1000);
  return `${Math.trunc(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

function Batches({ log }) {
  return html`
    <ol class="plain invoices-log" tabindex="0" aria-label=${t("invoices.log")} aria-live="polite">${log.slice(0, SHOWN).map((batch) => html`
      <li key=${batch.at}><time datetime=${batch.at}>${clock(batch.at).slice(0, 8)}</time>
        <ul class="plain">${batch.records.map((one) => html`
          <li key=${one.record_id}><${Status} of=${one.outcome} text=${t.maybe(`invoices.outcome-${one.outcome}`)} />
            <b>${one.label}</b> ${one.reason && html`<span class="fine">${one.reason.message}</span>`}</li>`)}</ul></li>`)}
    </ol>`;
}
