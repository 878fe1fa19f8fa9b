/** Lines over days, by uPlot, which is loaded when the first plot is drawn; with the same numbers as a table. */

import { html, Table, t, useEffect, useMemo, useRef } from "./kit.js";
import { day, number } from "./format.js";

const HEIGHT = 220;
const COLOURS = ["--failed", "--blocked", "--updated", "--held", "--created", "--skipped"];
// The page takes scripts by a policy alone, and this is the one that there is: for the one file.
const SCRIPT = new URL("vendor/uplot/uPlot.iife.min.js", import.meta.url).href;
const policy = globalThis.trustedTypes?.createPolicy("payrelay-plot", { createScriptURL: () => SCRIPT }) ??
  { createScriptURL: () => SCRIPT };
let library;

/** The released file puts `uPlot` into the window; its style sheet goes into the head. */
function loaded() {
  library ??= new Promise((done, fail) => {
    const style = Object.assign(document.createElement("link"), {
      rel: "stylesheet",
      href: new URL("vendor/uplot/uPlot.min.css", import.meta.url).href,
    });
    const script = Object.assign(document.createElement("script"), {
      src: policy.createScriptURL(""),
      onload: () => done(globalThis.uPlot),
      onerror: fail,
    });
    document.head.append(style, script);
  });
  return library;
}

/** `days` are `YYYY-MM-DD`, `lines` are `[{label, values}]` with a number for each day. */
export function Plot({ title, days, lines }) {
  const place = useRef();
  const drawn = JSON.stringify([days, lines]);
  useEffect(() => {
    let plot;
    let gone = false;
    const width = () => Math.max(200, place.current.clientWidth);
    const resized = new ResizeObserver(() => plot?.setSize({ width: width(), height: HEIGHT }));
    loaded().then((Library) => {
      if (gone) return;
      plot = new Library(options(Library, width(), lines), data(days, lines), place.current);
      resized.observe(place.current);
    });
    return () => (gone = true, resized.disconnect(), plot?.destroy());
  }, [drawn]);
  const columns = useMemo(() => [
    { key: "day", title: t("oncall.day"), cell: (row) => day(row.day) },
    ...lines.map((line) => ({ key: line.label, title: line.label, class: "number", cell: (row) => number(row[line.label]) })),
  ], [drawn]);
  const rows = days.map((date, at) => Object.assign({ day: date }, ...lines.map((line) => ({ [line.label]: line.values[at] }))));
  return html`
    <figure class="plot">
      <div ref=${place} role="img" aria-label=${title}></div>
      <details><summary>${t("oncall.as-table")}</summary>
        <${Table} caption=${title} columns=${columns} rows=${rows} keyOf=${(row) => row.day} /></details>
    </figure>`;
}

function options(Library, width, lines) {
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  const axis = { stroke: colour("--fine"), grid: { stroke: colour("--line") }, ticks: { stroke: colour("--line") } };
  return {
    width,
    height: HEIGHT,
    // The days are drawn as days of UTC, so that a mark stands at its day wherever the reader is.
    tzDate: (at) => Library.tzDate(new Date(at * 1000), "UTC"),
    // The last day's name is as wide as the others'.
    padding: [null, 44, null, null],
    scales: { y: { range: (_plot, _least, most) => [0, Math.max(most, 4)] } },
    axes: [{ ...axis, values: (_, days) => days.map((at) => day(at * 1000)), space: 110 }, { ...axis, incrs: [1, 2, 5, 10, 20, 50, 100, 500, 1000, 10_000] }],
    series: [
      { label: t("oncall.day"), value: (_, at) => at === null ? "" : day(at * 1000) },
      ...lines.map((line, at) => ({ label: line.label, stroke: colour(COLOURS[at % COLOURS.length]), width: 2, points: { show: true } })),
    ],
  };
}

function data(days, lines) {
  return [days.map((date) => Date.parse(date) / 1000), ...lines.map((line) => line.values)];
}
