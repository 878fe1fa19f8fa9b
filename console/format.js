/** Dates, numbers and durations in the reader's own form. Decimals stay text: nothing is rounded on the way. */

const language = navigator.languages?.[0] || "en";
const TIME = { dateStyle: "medium", timeStyle: "short" };
const STEPS = [["year", 31_536_000], ["month", 2_592_000], ["day", 86_400], ["hour", 3600], ["minute", 60]];
const forms = {};
const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });

/** One of Intl's forms, made once: that takes longer than many uses of it, and a table has hundreds. */
function form(kind, options, of = language) {
  return (forms[`${kind} ${of} ${JSON.stringify(options)}`] ??= new Intl[kind](of, options));
}

/** "29 Nov 2026, 06:00", of an RFC 3339 time; in another zone than the reader's, if one is named. */
export function time(at, zone) {
  return at ? form("DateTimeFormat", { ...TIME, timeZone: zone }).format(new Date(at)) : "";
}

/** "Mon, 29 Nov 2026, 06:00 GMT+1": for schedules, where the offset is what one looks for. */
export function timeInZone(at, zone) {
  return form("DateTimeFormat", {
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    timeZone: zone,
    timeZoneName: "shortOffset",
  }).format(new Date(at));
}

/** How far a zone's clocks are ahead of UTC at a time, in minutes. */
export function offset(at, zone) {
  const told = form("DateTimeFormat", { timeZone: zone, timeZoneName: "longOffset" }, "en");
  const name = told.formatToParts(new Date(at)).find((part) => part.type === "timeZoneName").value;
  const [, sign, hours, minutes] = /([+-])(\d+):(\d+)/.exec(name) ?? ["", "+", "0", "0"];
  return (sign === "-" ? -1 : 1) * (60 * Number(hours) + Number(minutes));
}

/** "06:00", the time of day in a zone, as the API has it. */
export function timeOfDay(at, zone) {
  const parts = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone };
  return form("DateTimeFormat", parts, "en").format(new Date(at));
}

/** "Mon", of the place of a day in a week that begins with Monday. */
export function weekday(place) {
  return form("DateTimeFormat", { weekday: "short", timeZone: "UTC" }).format(new Date(Date.UTC(2024, 0, 1 + place)));
}

/** "06:00:12.345", of a log line's "2026-11-29 06:00:12,345+0000"; what is no time stays as it is. */
export function clock(at) {
  const parts = { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 };
  const then = new Date(at.replace(" ", "T").replace(",", ".").replace(/([+-]\d\d)(\d\d)$/, "$1:$2"));
  return isNaN(then) ? at : form("DateTimeFormat", parts).format(then);
}

/** "29 Nov 2026", of `YYYY-MM-DD`: a day is the same everywhere. */
export function day(date) {
  return date ? form("DateTimeFormat", { dateStyle: "medium", timeZone: "UTC" }).format(new Date(date)) : "";
}

/** "October 2026", of `YYYY-MM`; another period stays as it is. */
export function month(period) {
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(period)) return period;
  const form = { month: "long", year: "numeric", timeZone: "UTC" };
  return new Intl.DateTimeFormat(language, form).format(new Date(`${period}-01`));
}

/** "3 hours ago", "in 12 minutes". */
export function ago(at, now = Date.now()) {
  const seconds = (Date.parse(at) - now) / 1000;
  for (const [unit, length] of STEPS) {
    if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit);
  }
  return relative.format(0, "second");
}

/** "1 h 02 min", "42 s", of milliseconds. */
export function lasting(ms) {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const unit = (value, name) => form("NumberFormat", { style: "unit", unit: name }).format(value);
  if (seconds < 60) return unit(seconds, "second");
  if (seconds < 3600) return `${unit(Math.trunc(seconds / 60), "minute")} ${unit(seconds % 60, "second")}`;
  return `${unit(Math.trunc(seconds / 3600), "hour")} ${unit(Math.trunc(seconds / 60) % 60, "minute")}`;
}

/** "100,000". */
export function number(value) {
  return form("NumberFormat").format(value);
}

/** "1,234.50", of the API's decimal text, with as many decimals as it has; what is no number stays as it is. */
export function decimal(text) {
  if (!/^-?\d+(\.\d+)?$/.test(text ?? "")) return text ?? "";
  const digits = (text.split(".")[1] || "").length;
  return form("NumberFormat", { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(text);
}

/** "€1,234.50", of decimal text and a currency's ISO code. */
export function money(text, currency) {
  try {
    return form("NumberFormat", { style: "currency", currency }).format(text);
  } catch {
    return `${decimal(text)} ${currency}`;
  }
}

/** "12 %". */
export function percent(share) {
  return form("NumberFormat", { style: "percent", maximumFractionDigits: 1 }).format(share);
}

/** "a, b and c". */
export function list(words) {
  return form("ListFormat").format(words);
}

/** "Cost centre unknown", of a code such as `COST_CENTRE_UNKNOWN`, or of a name such as `cost_centre`. */
export function words(name) {
  const text = name.replaceAll("_", " ");
  return capital(text === text.toUpperCase() ? text.toLowerCase() : text);
}

/** A text that begins with a capital. */
export function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
