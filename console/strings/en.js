/**
 * Every text that people read, by its place. `{name}` stands for a value; a text with a number has the forms of
 * `Intl.PluralRules` (`one`, `other`), by its `n`. Another language is another file of this form.
 */

import { list, number } from "../format.js";

const LANGUAGE = "en";
const plurals = new Intl.PluralRules(LANGUAGE);

const TEXTS = {
  shell: {
    skip: "Skip to content",
    menu: "Menu",
    navigation: "Views",
    crumbs: "You are here",
    "sign-in": "Sign in",
    "sign-out": "Sign out",
    refused: "The sign-in did not work.",
    ended: "Your sign-in has ended. What stands here stays until you sign in again.",
    nowhere: "There is no such page",
    "nowhere-why": "The address names a view that the console does not have. It may be misspelled, or cut off.",
    home: "Go to the overview",
    "no-rights": "You may not see this",
    "no-rights-why": "This takes the role {role}; you are {mine}. An admin of your company can give it to you.",
    broken: "This page has stopped working",
  },
  navigation: {
    home: "Overview",
    invoices: "Invoices",
    leave: "Leave",
    history: "History",
    connections: "Connections",
    apps: "App keys",
    "on-call": "On call",
    service: "Service",
    employee: "My leave and pay",
  },
  role: {
    none: "nobody with a role",
    employee: "employee",
    viewer: "viewer",
    operator: "operator",
    admin: "admin",
    service: "service",
  },
  state: {
    loading: "Loading …",
    retry: "Try again",
    remedy: "What to do:",
    close: "Close",
    cancel: "Cancel",
    more: "Show more",
    all: "All",
  },
  problem: {
    unknown: "Something went wrong",
    request: "Request {id}",
    NO_ANSWER: "The API does not answer. Is this machine online?",
    BROKEN: "The console itself has met with an error. Loading the page again may help.",
    FORBIDDEN: "Your role does not allow this.",
    NOT_FOUND: "There is no such thing, or it is not yours.",
  },
  form: {
    required: "(required)",
    save: "Save",
  },
  status: {
    queued: "queued",
    running: "running",
    succeeded: "succeeded",
    partial: "partly done",
    failed: "failed",
    stopped: "stopped",
    held: "held",
    missed: "missed",
    never: "never run",
    created: "created",
    updated: "updated",
    unchanged: "unchanged",
    skipped: "skipped",
    blocked: "blocked",
    connected: "connected",
    not_connected: "not connected",
    attention: "needs attention",
  },
  mode: { sync: "sync", preview: "preview", auto: "Auto Sync", apply: "plan applied" },
  kind: {
    attache_express_leave: "Attaché Payroll to Express Leave",
    simployer_xledger: "Simployer One to Xledger",
    synergy_payroll_plus: "Exact Synergy and Payroll Plus",
    millennium_timeworksplus: "Millennium and TimeWorksPlus",
    autovu_accounting: "AutoVu to accounting",
  },
  flow: {
    balance_sync: "Leave balances",
    employee_export: "Employees",
    time_off_export: "Time off",
    payroll_sync: "Payroll data",
    request_sync: "Requests",
    document_pull: "Pay slips and statements",
    report_pull: "Payroll reports",
    journal_sync: "Payroll journals",
    accrual_sync: "Accruals",
    invoice_sync: "Invoices",
  },
  system: {
    simployer: "Simployer One",
    xledger: "Xledger",
    autovu: "AutoVu",
    quickbooks: "QuickBooks",
    xero: "Xero",
    sage: "Sage",
    attache: "Attaché Payroll",
    express_leave: "Express Leave",
    payroll_plus: "Exact Payroll Plus",
    synergy: "Exact Synergy",
    globe_next: "Exact Globe Next",
    millennium: "Millennium",
    timeworksplus: "TimeWorksPlus",
  },
  record: {
    field: "Field",
    old: "Before",
    new: "After",
    empty: "empty",
    nothing: "Nothing changes.",
    withheld: { one: "{n} change is not shown.", other: "{n} changes are not shown." },
  },

  // --- One section a view, in the order of the navigation ---

  home: {
    title: "Overview",
    spark: { one: "The last run", other: "The last {n} runs, {bad} of them not as they should be" },
  },

  run: {
    progress: "{done} of {total}",
    beginning: "beginning",
  },

  plan: {},

  invoices: {},

  leave: {
    title: "Leave balances",
    all: "Leave",
    "no-connection": "There is no connection from Attaché Payroll to Express Leave. An admin makes one under Connections.",
    sync: "Sync now",
    last: "Last sync",
    "last-run": "Last run",
    agreed: "Balances agreed",
    organisation: "Organisation",
    connect: "Connect to Organisation",
    "refresh-connection": "Check the connection again",
    refreshed: "Both systems were asked, and the connection is as it should be.",
    "admin-connects": "An admin connects to the organisation.",
    one: "One employee",
    "code-or-email": "Employee code or e-mail",
    "code-help": "As Attaché Payroll has it, such as E0042.",
    check: "Check",
    "check-again": "Check again",
    who: "Who is right and who is not",
    compare: "Compare everybody now",
    "compare-again": "Compare again",
    "compare-why": "Payroll and Express Leave are read whole and compared, which takes some seconds and writes nothing.",
    "all-right": "Everybody's balances are right",
    "set-up": "How it is set up",
    "as-of": "Compared",
    "show-all": "Show all {n}",
    history: "History",
    checks: "What was checked, in this order",
    passed: "right",
    "not-passed": "not right",
    unchecked: "not checked",
  },

  balances: {
    title: "Leave balances",
    of: "Leave balances, {name}",
    type: "Leave type",
    payroll: "Payroll",
    "as-at": "As At",
    shown: "Express Leave",
    "shown-as-at": "As At there",
    agrees: "Same?",
    right: "the same",
    differs: "differs",
    hidden: "Visible To hides it from the employee.",
    source: "From",
    "row-hours": "{row}: {owing} h owing, {pro_rata} h pro rata",
    "row-days": "{row}: {owing} days owing, {pro_rata} days pro rata, {per_day} h a day",
    "no-pro-rata": "(not counted)",
    saved: "saved",
    hours: "{hours} h",
    "not-there": "–",
    none: "Neither system has a leave type for this person.",
    checked: "Last checked:",
    refresh: "Refresh",
    refreshing: "The balances are on their way.",
    "on-its-way": "On its way …",
    refreshed: "The balances are up to date.",
  },

  history: {},

  connections: {},

  connection: {},

  schedule: {},

  consent: {
    thanks: "Thank you",
    close: "The console has what it needs. You can close this window.",
  },

  apps: {},

  oncall: {
    title: "On call",
    runbook: "Runbook",
    "tile-open": { one: "record is still wrong", other: "records are still wrong" },
    "tile-held": { one: "run is held", other: "runs are held" },
    "tile-missed": { one: "run did not come", other: "runs did not come" },
    "tile-letters": { one: "dead letter", other: "dead letters" },
    late: "Late runs",
    due: "Was due",
    "none-will-come": "none will come",
    flow: "Connection and flow",
    why: "Why, and what to do",
    open: "What is wrong still",
    "nothing-open": "Nothing. Every record is right, or was never looked at.",
    "newest-only": "There are so many that only the newest were counted.",
    "by-reason": "By reason",
    "open-of": "What is wrong still because of {reason}",
    record: "Record",
    outcome: "Outcome",
    "over-time": "Failed and blocked records by reason, {n} days",
    "no-failures-lately": "None in the runs that ended in these days.",
    day: "Day",
    "as-table": "As a table",
    letters: "Dead letters",
    "no-letters": "None. Every schedule, login and end of a run was handled.",
    letter: "What was left",
    "letter-start": "a start that could not be handed over",
    "letter-close": "a run that could not be closed",
    "letter-tell": "an end that a system could not be told of",
    left: "Since",
    "its-run": "Its run",
    redrive: "Redrive",
    "redriven-started": "A run has started.",
    "redriven-joined": "A run in progress was joined.",
    "redriven-closed": "The run is closed.",
    "redriven-told": "The system was told.",
    vendors: "How the outside systems answered the last {n} runs",
    system: "System",
    calls: "Calls",
    refused: "Refused",
    rate: "Share refused",
    waited: "Waited",
    seconds: "{n} s",
    cure: "What to do: the runbook",
  },

  runbook: {},

  service: {
    title: "All tenants",
    take: "Take access",
    access: "Access that you have",
    "no-access": "You see no tenant's data now. Take access for a reason and some hours; its admins see that you have it.",
    tenant: "Tenant",
    reason: "Reason",
    "reason-help": "The tenant's admins read it.",
    until: "Until",
    look: "What to do",
    enter: "Look at {tenant}",
    end: "End it",
    ended: "Your access to {tenant} has ended.",
    wrong: "Whose runs went wrong",
    "by-status": "What went wrong",
    "status-failed": "failed",
    "status-held": "held",
    "status-missed": "never came",
    "status-dead": "died",
    "status-partial": "partly done",
    "nothing-wrong": "Nothing, in the last 24 hours.",
    flow: "Flow and connection",
    status: "What",
    code: "Code",
    when: "When",
    well: "Well again since",
    "not-yet": "not yet",
    letters: "Dead letters of all tenants",
    "no-letters": "None.",
    letter: "What was left",
    unknown: "not told",
    hours: "For how long",
    "hours-of": { one: "{n} hour", other: "{n} hours" },
    "what-it-is": "Until then you are an operator of this tenant. That, your reason, and each call that you make stand in its trail.",
  },

  employee: {
    title: "My leave and pay",
    nothing: "Your company shows nothing here yet: no connection has leave balances or payroll reports for you.",
    report: "Payroll report",
    "no-report": "No payroll report was pulled yet. They come after each pay run.",
    corrected: { one: "corrected once", other: "corrected {n} times" },
    before: "Before, as of",
    component: "Component",
    amount: "Amount",
    pulled: "As of",
    "taken-out": "You were taken out of this period later.",
    checked: "Your right to read it was asked for:",
  },
};

/** The text of a key such as `run.progress`, with its values; a key that is not there is shown itself. */
export function t(key, values = {}) {
  return t.maybe(key, values) ?? key;
}

/** The same, or undefined when there is no such key: for codes that the API may add to. */
t.maybe = (key, values = {}) => {
  const [section, ...rest] = key.split(".");
  let text = TEXTS[section]?.[rest.join(".")];
  if (text && typeof text === "object") text = text[plurals.select(values.n)] ?? text.other;
  return text?.replace(/\{(\w+)\}/g, (_, name) => shown(values[name]));
};

function shown(value) {
  if (typeof value === "number") return number(value);
  return Array.isArray(value) ? list(value) : value ?? "";
}
