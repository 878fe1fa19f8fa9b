/** When the flows of a connection run by themselves: days, time and zone, and the next five runs as they will be. */

import { at, get, put, remove } from "../api.js";
import { Zones } from "../form.js";
import { list, offset, timeInZone, timeOfDay, weekday } from "../format.js";
import {
  Ask, Button, Choice, Field, go, html, link, Loaded, may, Reason, say, Section, Select, Status, t, Trouble, useAct,
  useEffect, useLoad, useRef, useState, useTurn, When,
} from "../kit.js";

const DAYS = ["MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"];
const WORKING = DAYS.slice(0, 5);
/** The flows that may run all day long, and how often. */
const OFTEN = ["request_sync", "accrual_sync"];
const MINUTES = [5, 10, 15, 20, 30, 60, 120, 180, 240, 360];
const QUIET_MS = 400;
const MINUTE_MS = 60_000;

const USUAL = { days: WORKING, time: "06:00", every_minutes: 30, from: "06:00", until: "20:00", enabled: true };
const MINE = Intl.DateTimeFormat().resolvedOptions().timeZone;

export function Schedules({ connection, again, query }) {
  const path = (flow) => at("connections", connection.connection_id, "schedules", flow);
  const read = () => Promise.all(connection.flows.map((flow) => get(path(flow)).catch(none)));
  const found = useLoad(read, [connection.connection_id]);
  const saved = () => Promise.all([again(), found.reload(true)]);
  return html`
    <p>${t("schedule.what")}${!may("admin") && ` ${t("schedule.who")}`}</p>
    <${Loaded} of=${found}>${(stored) => connection.flows.map((flow, place) => html`
      <${Flow} key=${flow} path=${path(flow)} stored=${stored[place]} open=${query.flow === flow}
        ...${{ connection, flow, saved }} />`)}
    <//>`;
}

function none(problem) {
  if (problem.status === 404) return null;
  throw problem;
}

function Flow({ connection, flow, path, stored, open, saved }) {
  const edit = (one) => go(link("connections", connection.connection_id, { tab: "schedules", flow: one }), true);
  const editing = open && may("admin");
  const standing = connection.standings[flow];
  const place = useTurn(editing);
  const zone = connection.settings.time_zone ?? connection.settings.time_off?.time_zone;
  return html`
    <${Section} title=${t(`flow.${flow}`)} within=${place} actions=${stored && html`<${OnOff} on=${stored.enabled} />`}>
      ${standing.missed_at && html`
        <div class="notice bad"><strong>${t("schedule.missed")} <${When} at=${standing.missed_at} exact=${true} /></strong>
          <${Reason} of=${standing.missed_reason} /></div>`}
      ${editing
        ? html`<${Edited} close=${() => edit(null)} ...${{ flow, path, stored, saved, zone }} />`
        : html`
          <div class="columns">
            <div>
              <p>${stored ? html`<strong>${inWords(stored)}</strong>` : t("schedule.none")}</p>
              ${may("admin") && html`<${Doors} edit=${() => edit(flow)} ...${{ flow, path, stored, saved }} />`}
            </div>
            ${stored && html`<div><${Ahead} of=${stored} /></div>`}
          </div>`}
    <//>`;
}

function OnOff({ on }) {
  return html`<${Status} of=${on ? "connected" : "held"} text=${t(on ? "schedule.on" : "schedule.paused")} />`;
}

/** "Mon, Tue and Wed at 06:00, Europe/Oslo". */
function inWords({ days, time, every_minutes: every, from, until, time_zone: zone }) {
  const on = days.length === DAYS.length ? t("schedule.daily") : list(days.map((one) => weekday(DAYS.indexOf(one))));
  return t(every ? "schedule.often-at" : "schedule.at", { days: on, time, every: lastingMinutes(every ?? 0), from, until, zone });
}

function lastingMinutes(minutes) {
  return minutes % 60 ? t("schedule.minutes", { n: minutes }) : t("schedule.hours", { n: minutes / 60 });
}

function Doors({ flow, path, stored, edit, saved }) {
  const [asked, setAsked] = useState(false);
  const [toggle, busy, problem] = useAct(async () => {
    await put(path, { ...bodyOf(stored), enabled: !stored.enabled });
    say(t(stored.enabled ? "schedule.now-paused" : "schedule.now-on"));
    await saved();
  });
  const [forget, forgetting, kept] = useAct(async () => {
    await remove(path);
    setAsked(false);
    say(t("schedule.deleted"));
    await saved();
  });
  const name = t(`flow.${flow}`);
  const button = (text, act, more) => html`
    <${Button} aria-label=${`${text}: ${name}`} onClick=${act} ...${more}>${text}<//>`;
  return html`
    <${Trouble} problem=${problem} />
    <div class="actions">
      ${button(t(stored ? "schedule.change" : "schedule.set"), edit)}
      ${stored && button(t(stored.enabled ? "schedule.pause" : "schedule.resume"), toggle, { busy })}
      ${stored && button(t("schedule.delete"), () => setAsked(true), { kind: "danger" })}
    </div>
    ${asked && html`
      <${Ask} title=${`${t("schedule.delete")}: ${name}`} text=${t("schedule.delete")} act=${forget} busy=${forgetting}
        problem=${kept} close=${() => setAsked(false)}>
        <p>${t("schedule.delete-why")}</p><//>`}`;
}

/** What the API takes of a schedule that it has answered. */
function bodyOf({ days, time, every_minutes, from, until, time_zone, enabled }) {
  return { days, ...(every_minutes ? { every_minutes, from, until } : { time }), time_zone, enabled };
}

// --- Changing one ------------------------------------------------------------------------------------

function Edited({ flow, path, stored, zone, saved, close }) {
  const [draft, setDraft] = useState(() => ({
    ...USUAL,
    time_zone: zone ?? MINE,
    ...stored,
    often: Boolean(stored?.every_minutes),
  }));
  const body = bodyOf({ ...draft, every_minutes: draft.often ? Number(draft.every_minutes) : undefined });
  const ahead = useAhead(path, body);
  const form = useRef();
  const [save, busy, problem] = useAct(async () => {
    await put(path, body);
    await saved();
    say(t("schedule.saved"));
    close();
  });
  useEffect(() => {
    if (problem) form.current.querySelector('[aria-invalid="true"]')?.focus();
  }, [problem]);
  const wrong = (name) => (ahead.problem ?? problem)?.of?.(name);
  const set = (name) => (event) => setDraft({ ...draft, [name]: event.target.value });
  const time = (name, label) => html`
    <${Field} label=${label} error=${wrong(name)}>${(props) => html`
      <input type="time" class="short" ...${props} value=${draft[name]} onInput=${set(name)} />`}<//>`;
  const send = (event) => (event.preventDefault(), save());
  return html`
    <form ref=${form} class="columns" noValidate onSubmit=${send}>
      <div>
        ${OFTEN.includes(flow) && html`
          <${Choice} label=${t("schedule.how-often")} value=${draft.often} choose=${(often) => setDraft({ ...draft, often })}
            options=${[[false, t("schedule.once")], [true, t("schedule.often")]]} />`}
        <${Days} days=${draft.days} error=${wrong("days")} change=${(days) => setDraft({ ...draft, days })} />
        ${draft.often
          ? html`
            <${Select} short label=${t("schedule.every")} error=${wrong("every_minutes")} value=${Number(draft.every_minutes)}
              options=${MINUTES.map((one) => [one, lastingMinutes(one)])}
              choose=${(every) => setDraft({ ...draft, every_minutes: every })} />
            ${time("from", t("schedule.from"))}${time("until", t("schedule.until"))}`
          : time("time", t("schedule.time"))}
        <${Field} label=${t("schedule.zone")} help=${t("schedule.zone-help")} error=${wrong("time_zone")}>
          ${(props) => html`
            <input list="zones" autocomplete="off" spellcheck=${false} ...${props} value=${draft.time_zone}
              onInput=${set("time_zone")} /><${Zones} id="zones" />
            ${draft.time_zone !== MINE && html`
              <${Button} kind="link" onClick=${() => setDraft({ ...draft, time_zone: MINE })}>
                ${t("schedule.mine", { zone: MINE })}<//>`}`}
        <//>
        <label class="tick"><input type="checkbox" checked=${draft.enabled}
          onChange=${(event) => setDraft({ ...draft, enabled: event.target.checked })} />
          ${t("schedule.enabled")}</label>
      </div>
      <div aria-live="polite">
        <h3>${t("schedule.ahead")}</h3>
        ${ahead.problem && !ahead.problem.errors && html`<${Trouble} problem=${ahead.problem} />`}
        ${ahead.problem?.errors && html`<p class="fine">${t("schedule.mend")}</p>`}
        ${ahead.answer && html`<${Ahead} of=${ahead.answer} />`}
      </div>
      <div class="actions schedule-end">
        ${problem && !problem.errors && html`<${Trouble} problem=${problem} />`}
        <button type="submit" class="primary" disabled=${busy} aria-busy=${busy}>${t("schedule.save")}</button>
        <${Button} onClick=${close}>${t("state.cancel")}<//>
      </div>
    </form>`;
}

/** What the API says of a schedule before it is stored, once nothing has been typed for a moment. */
function useAhead(path, body) {
  const [state, setState] = useState({});
  const text = JSON.stringify(body);
  useEffect(() => {
    let newest = true;
    const ask = () => put(path, body, { preview: true }).then(
      (answer) => newest && setState({ answer }), (problem) => newest && setState({ problem }),
    );
    const timer = setTimeout(ask, QUIET_MS);
    return () => (newest = false, clearTimeout(timer));
  }, [path, text]);
  return state;
}

function Days({ days, error, change }) {
  const toggled = (one) => DAYS.filter((other) => days.includes(other) !== (other === one));
  return html`
    <fieldset class=${error ? "faulty" : ""}>
      <legend>${t("schedule.days")}</legend>
      <div class="schedule-days">${DAYS.map((one, place) => html`
        <label key=${one} class="tick">
          <input type="checkbox" aria-invalid=${error ? "true" : undefined} checked=${days.includes(one)}
          onChange=${() => change(toggled(one))} />${weekday(place)}</label>`)}</div>
      ${error && html`<p class="error">${error}</p>`}
    </fieldset>`;
}

// --- The next runs -----------------------------------------------------------------------------------

/** The next runs in their zone, each with its offset; changes of the clock before one of them stand in words. */
function Ahead({ of }) {
  if (!of.enabled) return html`<p class="fine">${t("schedule.is-paused")}</p>`;
  const zone = of.time_zone;
  return html`
    ${of.notice && html`<div class="notice warn">${of.notice}</div>`}
    ${of.next_run_problem && html`<div class="notice warn"><${Reason} of=${of.next_run_problem} /></div>`}
    <ol class="runs-ahead">
      ${of.next_runs.map((run, place) => html`
        <li key=${run}>
          <${ClockChange} before=${place ? of.next_runs[place - 1] : new Date().toISOString()} after=${run} zone=${zone} />
          <time datetime=${run}>${timeInZone(run, zone)}</time>
          ${of.time && timeOfDay(run, zone) !== of.time && html`
            <p class="clock-change">${t("schedule.shifted", { time: of.time, instead: timeOfDay(run, zone) })}</p>`}
        </li>`)}
    </ol>
    ${of.next_runs.length > 0 && html`<p class="fine">${t("schedule.later")}</p>`}`;
}

function ClockChange({ before, after, zone }) {
  const by = offset(after, zone) - offset(before, zone);
  if (!by) return null;
  const when = timeInZone(new Date(changeBetween(Date.parse(before), Date.parse(after), zone)), zone);
  return html`<p class="clock-change">${t(by > 0 ? "schedule.forward" : "schedule.back", { by: lastingMinutes(Math.abs(by)), when })}</p>`;
}

/** The minute in which the zone's clocks change between two times. */
function changeBetween(before, after, zone) {
  const old = offset(before, zone);
  while (after - before > MINUTE_MS) {
    const middle = Math.floor((before + after) / 2 / MINUTE_MS) * MINUTE_MS;
    if (middle <= before) break;
    if (offset(middle, zone) === old) before = middle;
    else after = middle;
  }
  return after;
}
