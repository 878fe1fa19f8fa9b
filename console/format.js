/** Dates, numbers and durations in the reader's own form. Decimals stay text: nothing is rounded on the way. */

const language = navigator.languages?.[0] || "en";
const TIME = { dateStyle: "medium", timeStyle: "short" };
const STEPS = [["year", 31_536_000], ["month", 2_592_000], ["day", 86_400], ["hour", 3600], ["minute", 60]];
const relative = new Intl.RelativeTimeFormat(language, { numeric: "auto" });

/** "29 Nov 2026, 06:00", of an RFC 3339 time; in another zone than the reader's, if one is named. */
export function time(at, zone) {
  return at ? new Intl.DateTimeFormat(language, { ...TIME, timeZone: zone }).format(new Date(at)) : "";
}

/** "Mon, 29 Nov 2026, 06:00 GMT+1": for schedules, where the offset is what one looks for. */
export function timeInZone(at, zone) {
  return new Intl.DateTimeFormat(language, {
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
  const form = new Intl.DateTimeFormat("en", { timeZone: zone, timeZoneName: "longOffset" });
  const name = form.formatToParts(new Date(at)).find((part) => part.type === "timeZoneName").value;
  const [, sign, hours, minutes] = /([+-])(\d+):(\d+)/.exec(name) ?? ["", "+", "0", "0"];
  return (sign === "-" ? -1 : 1) * (60 * Number(hours) + Number(minutes));
}

/** "06:00", the time of day in a zone, as the API has it. */
export function timeOfDay(at, zone) {
  const form = { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: zone };
  return new Intl.DateTimeFormat("en", form).format(new Date(at));
}

/** "Mon", of the place of a day in a week that begins with Monday. */
export function weekday(place) {
  return new Intl.DateTimeFormat(language, { weekday: "short", timeZone: "UTC" }).format(new Date(Date.UTC(2024, 0, 1 + place)));
}

/** "06:00:12.345", of a log line's "2026-11-29 06:00:12,345+0000"; what is no time stays as it is. */
export function clock(at) {
  const form = { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 };
  const then = new Date(at.replace(" ", "T").replace(",", ".").replace(/([+-]\d\d)(\d\d)$/, "$1:$2"));
  return isNaN(then) ? at : new Intl.DateTimeFormat(language, form).format(then);
}

/** "29 Nov 2026", of `YYYY-MM-DD`: a day is the same everywhere. */
export function day(date) {
  return date ? new Intl.DateTimeFormat(language, { dateStyle: "medium", timeZone: "UTC" }).format(new Date(date)) : "";
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
  const unit = (value, name) => new Intl.NumberFormat(language, { style: "unit", unit: name }).format(value);
  if (seconds < 60) return unit(seconds, "second");
  if (seconds < 3600) return `${unit(Math.trunc(seconds / 60), "minute")} ${unit(seconds % 60, "second")}`;
  return `${unit(Math.trunc(seconds / 3600), "hour")} ${unit(Math.trunc(seconds / 60) % 60, "minute")}`;
}

/** "100,000". */
export function number(value) {
  return new Intl.NumberFormat(language).format(value);
}

/** "1,234.50", of the API's decimal text, with as many decimals as it has; what is no number stays as it is. */
export function decimal(text) {
  if (!/^-?\d+(\.\d+)?$/.test(text ?? "")) return text ?? "";
  const digits = (text.split(".")[1] || "").length;
  return new Intl.NumberFormat(language, { minimumFractionDigits: digits, maximumFractionDigits: digits }).format(text);
}

/** "€1,234.50", of decimal text and a currency's ISO code. */
export function money(text, currency) {
  try {
    return new Intl.NumberFormat(language, { style: "currency", currency }).format(text);
  } catch {
    return `${decimal(text)} ${currency}`;
  }
}

/** "12 %". */
export function percent(share) {
  return new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 }).format(share);
}

/** "a, b and c". */
export function list(words) {
  return new Intl.ListFormat(language).format(words);
}

/** "Cost centre unknown", of a code such as `COST_CENTRE_UNKNOWN`. */
export function words(code) {
  return code.replaceAll("_", " ").toLowerCase().replace(/^./, (letter) => letter.toUpperCase());
}
