/** Looking again at what a plan is about: a fresh preview of the same, compared record by record with the plan. */

import { at, get, post } from "../api.js";
import {
  Button, Progress, Status, Trouble,
  html, link, may, t, useAct, useCallback, useEffect, useLoad, useMemo, useState,
} from "../kit.js";
import { inProgress, untilEnded } from "../runs.js";

const PAGE = 200;
const AT_ONCE = 2000;

/**
 * The fresh preview that the address names (`query.again`), and how the `shown` records of the plan
 * compare: `of(record)` answers `{kind, now}` or null, `moved(record)` whether it is planned otherwise now.
 */
export function useAgain(query, shown) {
  const id = query.again;
  const found = useLoad((signal) => id ? get(at("runs", id), {}, { signal }) : null, [id], untilEnded);
  const ready = ["succeeded", "partial"].includes(found.data?.status);
  const fresh = useFresh(ready ? id : null);
  const of = useCallback((record) => id && ready ? compared(record, fresh) : null, [id, ready, fresh.records, fresh.done]);
  const moved = useCallback((record) => MOVED.includes(of(record)?.kind), [of]);
  const told = useMemo(() => {
    const kinds = shown.map((record) => of(record)?.kind);
    return (kind) => kinds.filter((one) => one === kind).length;
  }, [shown, of]);
  const count = told("differs") + told("gone");
  return { id, run: found.data, problem: found.problem ?? fresh.problem, ready, fresh, of, moved, told, count };
}

const MOVED = ["differs", "gone"];

/** The records of the fresh preview by their ids, so many at once; `on()` reads on. */
function useFresh(id) {
  const [state, setState] = useState({ records: new Map(), done: false });
  const [upTo, setUpTo] = useState(AT_ONCE);
  useEffect(() => {
    if (!id) return;
    const own = new AbortController();
    const before = state.of === id ? state : { of: id, records: new Map(), cursor: null };
    readOn(before, upTo, own.signal).then(
      (now) => own.signal.aborted || setState(now),
      (problem) => own.signal.aborted || setState({ ...before, problem }),
    );
    return () => own.abort();
  }, [id, upTo]);
  return { ...state, on: () => setUpTo(state.records.size + AT_ONCE) };
}

async function readOn(before, upTo, signal) {
  if (before.done) return before;
  const records = new Map(before.records);
  let cursor = before.cursor;
  do {
    const page = await get(at("runs", before.of, "records"), { limit: PAGE, cursor }, { signal });
    for (const record of page.items) records.set(record.record_id, record);
    cursor = page.next_cursor;
  } while (cursor && records.size < upTo);
  return { of: before.of, records, cursor, done: !cursor };
}

/** How a record of the plan would be planned now; `unread` where the fresh preview was not read so far. */
function compared(record, fresh) {
  const now = fresh.records.get(record.record_id);
  if (!now) return { kind: fresh.done ? "gone" : "unread" };
  return same(record, now) ? { kind: "same" } : { kind: "differs", now };
}

function same(record, now) {
  const told = (one) => JSON.stringify([
    one.outcome,
    one.reason?.code ?? null,
    one.changes.map((change) => [change.field, change.old, change.new]).sort(),
    one.withheld?.changes ?? 0,
  ]);
  return told(record) === told(now);
}

/** In words, field by field, how a record that is planned otherwise `now` differs from the plan. */
export function Otherwise({ record, now }) {
  const was = new Map(record.changes.map((change) => [change.field, change]));
  const is = new Map(now.changes.map((change) => [change.field, change]));
  const fields = [...new Set([...was.keys(), ...is.keys()])];
  const told = fields.map((field) => oneField(field, was.get(field), is.get(field))).filter(Boolean);
  const ended = now.outcome !== record.outcome || now.reason?.code !== record.reason?.code;
  return html`
    ${ended && html`<p><${Status} of=${now.outcome} /> ${now.reason?.message}</p>`}
    ${told.map((text) => html`<p key=${text}>${text}</p>`)}`;
}

function oneField(field, then, now) {
  const shown = (text) => text || t("record.empty");
  if (!now) return t("again.field-gone", { field });
  if (!then) return t("again.field-too", { field, now: shown(now.new) });
  if (now.new !== then.new) return t("again.field-new", { field, now: shown(now.new), then: shown(then.new) });
  return now.old === then.old ? null : t("again.field-old", { field, now: shown(now.old), then: shown(then.old) });
}

/** Starts the fresh preview, tells how far it is, and what has moved of what is shown. */
export function Again({ run, again, choose }) {
  const [other, setOther] = useState(null);
  const [look, busy, problem] = useAct(async () => {
    const made = await post(at("runs", run.run_id, "replay"), { preview: true });
    setOther(made.replay_of === run.run_id && made.mode === "preview" ? null : made);
    if (made.replay_of === run.run_id && made.mode === "preview") choose(made.run_id);
  });
  const ended = !again.id || again.run?.finished_at;
  return html`
    <div class="again">
      ${may("operator") && ended && html`
        <p><${Button} busy=${busy} onClick=${look}>${t("again.look")}<//>
          ${" "}<span class="fine">${t("again.what")}</span></p>`}
      <${Trouble} problem=${problem ?? again.problem} />
      ${other && html`
        <div class="notice warn" role="status"><p>${t("again.joined")}
          ${" "}<a href=${link("runs", other.run_id)}>${t("again.that-run")}</a></p></div>`}
      ${inProgress(again.run) && html`
        <p role="status">${t("again.looking")}</p><${Progress} ...${again.run.progress} label=${t("again.looking")} />`}
      ${again.run?.finished_at && !again.ready && html`
        <div class="notice bad" role="alert">
          <p><${Status} of=${again.run.status} /> ${again.run.error?.message ?? t("again.failed")}</p></div>`}
      ${again.ready && html`<${Compared} again=${again} />`}
    </div>`;
}

function Compared({ again }) {
  const { told, fresh } = again;
  const looked = told("same") + told("differs") + told("gone");
  const text = again.count
    ? t("again.moved", { n: again.count, of: looked, differs: told("differs"), gone: told("gone") })
    : t("again.all-same", { n: looked });
  return html`
    <div class=${`notice ${again.count ? "warn" : "good"}`} role="status">
      <strong>${text}</strong>
      <p>${t("again.means")}</p>
      ${told("unread") > 0 && fresh.cursor && html`
        <p>${t("again.unread-yet", { n: told("unread") })}
          ${" "}<${Button} kind="link" onClick=${fresh.on}>${t("again.on")}<//></p>`}
      <p class="fine"><a href=${link("runs", again.id, "plan")}>${t("again.see")}</a> ${t("again.hidden")}</p>
    </div>`;
}
