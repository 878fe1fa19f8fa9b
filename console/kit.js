/** What views share: reading, and the parts that pages are made of. Views import from here, never from the library. */

import {
  html,
  render,
  useCallback,
  useEffect,
  useErrorBoundary,
  useMemo,
  useRef,
  useState,
} from "./vendor/preact/standalone.module.js";
import { ago, number, time } from "./format.js";
import { t } from "./strings/en.js";

export { html, render, t, useCallback, useEffect, useErrorBoundary, useMemo, useRef, useState };

const ROLES = ["none", "employee", "viewer", "operator", "admin"];
const POLL_MS = 2000;
const QUIET_MS = 300;
const LONG_MS = 4000;
const CHUNK = 100;
const ALL_DRAWN = 3 * CHUNK;
const OUTCOMES = ["created", "updated", "unchanged", "skipped", "blocked", "failed"];

// --- Who is here -------------------------------------------------------------------------------------

/** `GET /me` as it was answered at the start; main.js sets it. */
export const me = { subject: "", role: "none", roles: [], tenant: null, connections: [] };

/** Whether the person may do what takes this role. Somebody of the service may what an operator may. */
export function may(role) {
  const mine = me.role === "service" ? "operator" : me.role;
  return ROLES.indexOf(mine) >= ROLES.indexOf(role);
}

// --- Where one is ------------------------------------------------------------------------------------

/** The address of a view within the console: `link("runs", id)`, with a query that it shows. */
export function link(...parts) {
  const query = typeof parts.at(-1) === "object" ? parts.pop() : {};
  const kept = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== "");
  const search = new URLSearchParams(kept).toString();
  return `#/${parts.map(encodeURIComponent).join("/")}${search && `?${search}`}`;
}

/** Go to a view; with `replace` the way back leads past the one that is shown. */
export function go(hash, replace = false) {
  if (replace) location.replace(hash);
  else location.hash = hash;
}

// --- Reading -----------------------------------------------------------------------------------------

/**
 * What `read(signal)` answers: `{data, problem, loading, reload}`. It is read again when `deps` change, and every
 * `every(data)` milliseconds (null for never; 2 s at the least; not while the page is hidden).
 */
export function useLoad(read, deps, every = () => null) {
  const [state, setState] = useState({ loading: true });
  const reading = useRef();
  const asked = useRef(0);
  const load = useCallback((quiet) => {
    reading.current?.abort();
    asked.current = Date.now();
    const own = (reading.current = new AbortController());
    if (!quiet) setState((before) => ({ ...before, loading: true }));
    return Promise.resolve(read(own.signal)).then(
      (data) => own.signal.aborted || setState({ data, loading: false }),
      (problem) => own.signal.aborted || setState((before) => ({ data: before.data, problem, loading: false })),
    );
  }, deps);
  useEffect(() => {
    setState({ loading: true });
    load();
    return () => reading.current?.abort();
  }, [load]);
  const wait = state.loading ? null : every(state.data, state.problem);
  useEffect(() => {
    if (wait === null) return;
    let timer;
    let left = false;
    // So long after the last question, whoever asked it: a slow answer is waited for, and no hurry to look begins another.
    const again = () => {
      clearTimeout(timer);
      if (left || document.hidden) return;
      const rest = asked.current + Math.max(POLL_MS, wait) - Date.now();
      if (rest > 0) timer = setTimeout(again, rest);
      else load(true).then(again);
    };
    again();
    document.addEventListener("visibilitychange", again);
    return () => {
      left = true;
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", again);
    };
  }, [wait, load]);
  return { ...state, reload: load };
}

/** A long list by its pages: `{items, first, more, done, loading, problem, reload}`; `read(cursor)` answers a page. */
export function usePages(read, deps) {
  const [state, setState] = useState({ items: [], cursor: null, done: false, loading: true });
  const turn = useRef(0);
  const next = useCallback(async (cursor, before) => {
    const own = before.length ? turn.current : ++turn.current;
    setState((now) => ({ ...now, items: before, loading: true, problem: undefined }));
    try {
      let page = await read(cursor);
      let items = [...before, ...page.items];
      // A page may be empty before the end, where filters left out very much.
      while (items.length === before.length && page.next_cursor && own === turn.current) {
        page = await read(page.next_cursor);
        items = [...before, ...page.items];
      }
      if (own !== turn.current) return;
      setState({ items, first: page, cursor: page.next_cursor, done: !page.next_cursor, loading: false });
    } catch (problem) {
      if (own === turn.current) setState((now) => ({ ...now, loading: false, problem }));
    }
  }, deps);
  useEffect(() => void next(null, []), [next]);
  const more = () => state.loading || state.done || state.problem || next(state.cursor, state.items);
  return { ...state, more, reload: () => next(null, []) };
}

/** `[act, busy, problem]`: one call at a time by a button; the problem of the last one is kept until the next. */
export function useAct(doing) {
  const [state, setState] = useState({ busy: false });
  const act = async (...given) => {
    if (state.busy) return;
    setState({ busy: true });
    try {
      const answer = await doing(...given);
      setState({ busy: false });
      return answer;
    } catch (problem) {
      setState({ busy: false, problem });
    }
  };
  return [act, state.busy, state.problem];
}

/** `act(…)`, once it was not asked for again for a moment: for what somebody is typing. */
export function useQuiet(act) {
  const waiting = useRef();
  const newest = useRef();
  newest.current = act;
  useEffect(() => () => clearTimeout(waiting.current), []);
  return (...given) => {
    clearTimeout(waiting.current);
    waiting.current = setTimeout(() => newest.current(...given), QUIET_MS);
  };
}

/**
 * Keeps the focus where something is opened in place, and closed again: the answer is the `ref` of what holds both.
 * Opened, its first field has the focus, or else its first button; closed, the button that opens it.
 */
export function useTurn(open) {
  const place = useRef();
  const before = useRef(open);
  useEffect(() => {
    if (before.current === open) return;
    before.current = open;
    const inside = (selector) => place.current?.querySelector(selector);
    const next = open && inside("input, select, textarea") || inside("button") ||
      place.current?.closest("dialog")?.querySelector("button");
    next?.focus();
  }, [open]);
  return place;
}

// --- Pages and their states --------------------------------------------------------------------------

/** A view: its name (also the window's), what leads to it (`[[text, href]]`), what one can do, and its content. */
export function Page({ title, crumbs = [], actions, children }) {
  const heading = useRef();
  useEffect(() => {
    document.title = `${title} – Payrelay`;
  }, [title]);
  useEffect(() => heading.current.focus({ preventScroll: true }), []);
  return html`
    <header class="page-head">
      ${crumbs.length > 0 && html`
        <nav class="crumbs" aria-label=${t("shell.crumbs")}>
          <ol>${crumbs.map(([text, href]) => html`<li><a href=${href}>${text}</a></li>`)}</ol>
        </nav>`}
      <div class="page-title">
        <h1 tabindex="-1" ref=${heading}>${title}</h1>
        ${actions && html`<div class="actions">${actions}</div>`}
      </div>
    </header>
    ${children}`;
}

/** A part of a page with a heading of its own. */
export function Section({ title, actions, within, children, ...more }) {
  return html`
    <section class="card" ref=${within} ...${more}>
      ${title && html`<div class="card-head"><h2>${title}</h2>${actions && html`<div class="actions">${actions}</div>`}</div>`}
      ${children}
    </section>`;
}

/** What `useLoad` or `usePages` have, in each of their states: `children(data)` draws it once it is there. */
export function Loaded({ of, children, empty }) {
  if (of.problem && of.data === undefined && !of.loading) return html`<${Trouble} problem=${of.problem} retry=${of.reload} />`;
  if (of.data === undefined) return html`<${Loading} />`;
  return html`
    ${of.problem && html`<${Trouble} problem=${of.problem} retry=${of.reload} />`}
    ${empty && empty(of.data) ? html`<${Empty}>${empty(of.data)}<//>` : children(of.data)}`;
}

/** Something is on its way; read out once. */
export function Loading() {
  const [long, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), LONG_MS);
    return () => clearTimeout(timer);
  }, []);
  return html`<div class="loading" role="status"><span class="spinner"></span>${t(long ? "state.loading-long" : "state.loading")}</div>`;
}

/** Nothing is here, why, and what to do about it. */
export function Empty({ children }) {
  return html`<div class="empty">${children}</div>`;
}

/** A problem of the API, with its remedy; a missing right says which role has it. */
export function Trouble({ problem, retry }) {
  if (!problem) return null;
  const known = problem.code ? t.maybe(`problem.${problem.code}`) : undefined;
  const again = () => {
    // The button goes with the problem: who has pressed it by the keyboard goes on from the view's name.
    document.querySelector("h1")?.focus({ preventScroll: true });
    retry();
  };
  const title = known || problem.title || t.maybe(`problem.${problem.status}`) || t("problem.unknown");
  return html`
    <div class=${`notice ${problem.status === 403 ? "warn" : "bad"}`} role="alert">
      <strong>${title}</strong>
      ${problem.detail && html`<p>${problem.detail}</p>`}
      ${problem.remedy && html`<p class="remedy">${forPeople(problem.remedy)}</p>`}
      ${problem.errors && html`<ul>${problem.errors.map((one) => html`<li><code>${one.field}</code>: ${one.message}</li>`)}</ul>`}
      <p class="fine">
        ${problem.code && html`<code>${problem.code}</code>`} ${problem.request_id && t("problem.request", { id: problem.request_id })}
        ${retry && problem.status !== 403 && html` <button type="button" class="link" onClick=${again}>${t("state.retry")}</button>`}
      </p>
    </div>`;
}

/** Said to everybody, and read out: what an action has done. */
export function say(text) {
  const line = document.getElementById("said");
  line.textContent = text;
  line.classList.add("shown");
  clearTimeout(say.timer);
  say.timer = setTimeout(() => line.classList.remove("shown"), 6000);
}

// --- Small parts -------------------------------------------------------------------------------------

const SIGNS = {
  good: "M3 8.5l3.2 3.2L13 5",
  bad: "M4 4l8 8M12 4l-8 8",
  warn: "M8 3v6M8 12.4v.2",
  busy: "M8 3a5 5 0 1 1-5 5",
  idle: "M4 8h8",
  held: "M6 4v8M10 4v8",
};
const TONES = {
  succeeded: "good",
  connected: "good",
  created: "good",
  updated: "good",
  unchanged: "idle",
  skipped: "idle",
  partial: "warn",
  blocked: "warn",
  attention: "bad",
  failed: "bad",
  missed: "bad",
  held: "held",
  stopped: "idle",
  queued: "busy",
  running: "busy",
  not_connected: "idle",
  never: "idle",
};

/** A status as a sign, a colour and its word: of a run, a record, a connection. */
export function Status({ of, text }) {
  const tone = TONES[of] || "idle";
  return html`<span class=${`status ${tone}`}><${Sign} tone=${tone} />${text || t(`status.${of}`)}</span>`;
}

function Sign({ tone }) {
  return html`<svg class="sign" viewBox="0 0 16 16" aria-hidden="true"><path d=${SIGNS[tone]} /></svg>`;
}

/** When something was or will be: how long from now, and the very time for whoever points at it. */
export function When({ at, exact }) {
  if (!at) return html`<span class="fine">–</span>`;
  return html`<time datetime=${at} title=${exact ? ago(at) : time(at)}>${exact ? time(at) : ago(at)}</time>`;
}

/** A button; `busy` keeps it from being pressed twice. Kinds: "", "primary", "danger", "link". */
export function Button({ kind = "", busy, disabled, children, ...more }) {
  return html`<button type="button" class=${kind} disabled=${busy || disabled} aria-busy=${busy} ...${more}>${children}</button>`;
}

/** How far something is. */
export function Progress({ done, total, label }) {
  const share = total ? Math.min(1, done / total) : 0;
  return html`
    <div class="progress">
      <progress max="1" value=${total ? share : undefined} aria-label=${label}></progress>
      <span>${total ? t("run.progress", { done: number(done), total: number(total) }) : t("run.beginning")}</span>
    </div>`;
}

/** The counts of a run as one bar, each outcome a button: `choose(outcome)`, null when it is chosen already. */
export function Outcomes({ counts, chosen, choose }) {
  const total = OUTCOMES.reduce((sum, outcome) => sum + (counts[outcome] || 0), 0);
  return html`
    <div>
      <div class="stack" aria-hidden="true">
        ${OUTCOMES.filter((outcome) => counts[outcome]).map((outcome) => html`
          <span key=${outcome} class=${`part ${outcome}`} style=${{ flexGrow: Math.max(counts[outcome] / total, 0.01) }}
            title=${`${t(`status.${outcome}`)}: ${number(counts[outcome])}`}
            onClick=${choose && (() => choose(chosen === outcome ? null : outcome))}></span>`)}
      </div>
      <div class="legend">
        ${OUTCOMES.map((outcome) => html`
          <button key=${outcome} type="button" class=${`chip ${outcome}`} aria-pressed=${choose ? chosen === outcome : undefined}
            disabled=${!choose || !counts[outcome]} onClick=${() => choose(chosen === outcome ? null : outcome)}>
            <span class="dot"></span>${t(`status.${outcome}`)} <b>${number(counts[outcome] || 0)}</b>
          </button>`)}
      </div>
    </div>`;
}

/** The last runs of a flow, oldest first, as bars whose height and colour are how they ended; in words for who listens. */
export function Spark({ runs }) {
  const width = 4;
  const tall = { good: 8, idle: 8, held: 12, warn: 12, bad: 16, busy: 8 };
  const bad = runs.filter((run) => ["failed", "held", "partial"].includes(run.status)).length;
  const words = t("home.spark", { n: runs.length, bad });
  // One shape for each colour: fifty connections have too many bars for an element each.
  const shapes = {};
  runs.slice(-30).forEach((run, place, all) => {
    const tone = TONES[run.status];
    const bar = `M${(30 - all.length + place) * width} 16v-${tall[tone]}h${width - 1}v${tall[tone]}z`;
    shapes[tone] = (shapes[tone] ?? "") + bar;
  });
  return html`
    <svg class="spark" viewBox=${`0 0 ${30 * width} 16`} role="img" aria-label=${words}>
      <title>${words}</title>
      ${Object.entries(shapes).map(([tone, shape]) => html`<path key=${tone} class=${tone} d=${shape} />`)}
    </svg>`;
}

/** A remedy without the calls of the API that it names in brackets: people have buttons for them. */
function forPeople(remedy) {
  return remedy.replace(/ \((?:or )?(?:GET|POST|PUT|PATCH|DELETE) [^()]*\)/g, "");
}

/** Why something is as it is, and what to do: `{code, message, remedy}`. */
export function Reason({ of }) {
  if (!of) return null;
  return html`
    <div>
      <p>${withCode(of.message)}</p>
      <${Remedy} text=${of.remedy} />
      <code class="fine">${of.code}</code>
    </div>`;
}

/** What somebody can do about it, as the API says it. */
export function Remedy({ text }) {
  return text && html`<p class="remedy"><b>${t("state.remedy")}</b> ${withCode(forPeople(text))}</p>`;
}

/** A text of the API, in which names of settings and calls stand between backticks. */
function withCode(text) {
  return text.split("`").map((part, place) => place % 2 ? html`<code>${part}</code>` : part);
}

/** What a record changes, field by field; what the caller may not see is told. */
export function Changes({ of, withheld }) {
  if (!of.length && !withheld) return html`<p class="fine">${t("record.nothing")}</p>`;
  return html`
    ${of.length > 0 && html`
      <table class="changes">
        <thead><tr><th scope="col">${t("record.field")}</th><th scope="col">${t("record.old")}</th><th scope="col">${t("record.new")}</th></tr></thead>
        <tbody>
          ${of.map((change) => html`
            <tr><th scope="row">${change.field}</th><td>${orEmpty(change.old)}</td><td>${orEmpty(change.new)}</td></tr>`)}
        </tbody>
      </table>`}
    <${Withheld} of=${withheld} />`;
}

/** How many changes the caller may not see, and why. */
export function Withheld({ of }) {
  return of && html`<p class="fine">${t("record.withheld", { n: of.changes })} ${of.why}</p>`;
}

/** A field's value; that there is none is said. */
export function orEmpty(text) {
  return text === null || text === "" ? html`<i class="fine">${t("record.empty")}</i>` : text;
}

/**
 * Rows under headings, for long lists too: `columns` are `{key, title, cell(row), class}`; the first cell of a row is
 * its heading. `more()` is called as the end comes near. On a narrow page each row is a card, its cells with titles.
 */
export function Table({ caption, columns, rows, keyOf, more, rowClass }) {
  const end = useRef();
  useEffect(() => {
    if (!more || !end.current) return;
    const near = new IntersectionObserver((seen) => seen.some((one) => one.isIntersecting) && more(), { rootMargin: "600px" });
    near.observe(end.current);
    return () => near.disconnect();
  }, [more, rows.length]);
  // A row that was drawn with these columns is the same one still: a long list grows at the cost of its new rows.
  const drawn = useMemo(() => new Map(), [columns, rowClass]);
  const draw = (row) => {
    const line = html`
      <tr key=${keyOf(row)} class=${rowClass && rowClass(row)}>
        ${columns.map((column, place) => place
          ? html`<td class=${column.class} data-title=${column.title}>${column.cell(row)}</td>`
          : html`<th scope="row" class=${column.class}>${column.cell(row)}</th>`)}
      </tr>`;
    drawn.set(row, line);
    return line;
  };
  return html`
    <div class="table">
      <table>
        <caption class="unseen">${caption}</caption>
        <thead><tr>${columns.map((column) => html`<th scope="col" class=${column.class}>${column.title}</th>`)}</tr></thead>
        ${inChunks(rows).map((chunk, place) => html`
          <${Chunk} key=${place} rows=${chunk} draw=${(row) => drawn.get(row) ?? draw(row)} wide=${columns.length}
            all=${rows.length <= ALL_DRAWN} />`)}
      </table>
      <div ref=${end} aria-hidden="true"></div>
    </div>`;
}

function inChunks(rows) {
  const chunks = [rows.slice(0, CHUNK)];
  for (let start = CHUNK; start < rows.length; start += CHUNK) chunks.push(rows.slice(start, start + CHUNK));
  return chunks;
}

/** Some rows of a table. Those of a long one are drawn while they are near what is seen; else their height is kept. */
function Chunk({ rows, draw, wide, all }) {
  const body = useRef();
  const [height, setHeight] = useState(null);
  useEffect(() => {
    if (all) return setHeight(null);
    const seen = ([one]) => setHeight(one.isIntersecting ? null : body.current.getBoundingClientRect().height);
    const near = new IntersectionObserver(seen, { rootMargin: "1500px" });
    near.observe(body.current);
    return () => near.disconnect();
  }, [all]);
  return html`
    <tbody ref=${body}>
      ${height === null
        ? rows.map(draw)
        : html`<tr class="away" aria-hidden="true"><td colspan=${wide} style=${{ height: `${height}px` }}></td></tr>`}
    </tbody>`;
}

/** A dialogue: closed by its button, by Escape, and by `close`. The browser keeps the focus in it, and gives it back. */
export function Dialog({ title, close, children, actions }) {
  const dialog = useRef();
  useEffect(() => {
    const shown = dialog.current;
    shown.showModal();
    return () => shown.close();
  }, []);
  return html`
    <dialog ref=${dialog} aria-labelledby="dialog-title" onCancel=${(event) => (event.preventDefault(), close())}>
      <header><h2 id="dialog-title">${title}</h2>
        <button type="button" class="link close" aria-label=${t("state.close")} onClick=${close}>×</button></header>
      <div class="dialog-body">${children}</div>
      ${actions && html`<footer class="actions">${actions}</footer>`}
    </dialog>`;
}

/** A dialogue that asks before something is done: what will happen, the button `text` that does it, and the way `back`. */
export function Ask({ title, text, back = t("state.cancel"), act, busy, problem, close, kind = "danger", disabled, children }) {
  const actions = html`
    <${Button} onClick=${close}>${back}<//>
    <${Button} kind=${kind} busy=${busy} disabled=${disabled} onClick=${() => act()}>${text}<//>`;
  return html`<${Dialog} ...${{ title, close, actions }}>${children}<${Trouble} problem=${problem} /><//>`;
}

/** A text to be copied; one that is shown this once is `fresh`, and has the focus. */
export function Copied({ label, text, fresh }) {
  const field = useRef();
  useEffect(() => void (fresh && field.current.focus()), [text]);
  const [done, setDone] = useState(false);
  const copy = async () => {
    field.current.select();
    try {
      await navigator.clipboard.writeText(text);
      setDone(true);
    } catch {
      setDone(false);
    }
  };
  return html`
    <${Field} label=${label}>
      ${(props) => html`
        <div class="copied"><input ref=${field} readonly ...${props} value=${text} onFocus=${(event) => event.target.select()} />
          <${Button} onClick=${copy}>${t(done ? "state.copied" : "state.copy")}<//></div>`}
    <//>`;
}

let fields = 0;

/** A field with its label, help and what is wrong with it; `children(props)` draws the control with these props. */
export function Field({ label, help, error, required, children }) {
  const id = useMemo(() => `field-${++fields}`, []);
  const told = [help && `${id}-help`, error && `${id}-error`].filter(Boolean).join(" ");
  return html`
    <div class=${`field ${error ? "wrong" : ""}`}>
      <label for=${id}>${label}${required && html` <span class="fine">${t("form.required")}</span>`}</label>
      ${children({ id, required, "aria-invalid": error ? "true" : undefined, "aria-describedby": told || undefined })}
      ${help && html`<p class="fine" id=${`${id}-help`}>${help}</p>`}
      ${error && html`<p class="error" id=${`${id}-error`}>${error}</p>`}
    </div>`;
}

/** A field that is chosen from a list: `options` are `[value, text]`. */
export function Select({ options, value, choose, short, ...field }) {
  return html`<${Field} ...${field}>${(props) => html`
    <select ...${props} class=${short && "short"} value=${value} onChange=${(event) => choose(event.target.value)}>
      ${options.map(([one, text]) => html`<option key=${one} value=${one} selected=${one === value}>${text}</option>`)}
    </select>`}<//>`;
}

/** A row of choices of which one is chosen: `options` are `[value, text]`. */
export function Choice({ label, options, value, choose }) {
  return html`
    <div class="choice" role="group" aria-label=${label}>
      ${options.map(([one, text]) => html`
        <button key=${one} type="button" class="chip" aria-pressed=${one === value} onClick=${() => choose(one)}>${text}</button>`)}
    </div>`;
}
