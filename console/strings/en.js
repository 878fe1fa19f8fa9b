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

  leave: {},

  history: {},

  connections: {},

  connection: {},

  schedule: {},

  consent: {
    connect: "Connect",
    "connect-to": "Connect to {name}",
    connected: "Connected to {name}.",
    disconnect: "Disconnect",
    "disconnect-from": "Disconnect from {name}",
    disconnected: "Disconnected from {name}.",
    "disconnect-why": "A run in progress is stopped, and none starts until the connection is connected again.",
    "disconnect-consent": "The consent is given back: connecting again means signing in at {name} again.",
    waiting: "Sign in at {name} in the window that has opened, and allow the connection there. This page goes on by itself.",
    finishing: "Connecting to {name} …",
    "no-window": "No window?",
    open: "Open {name}",
    ask: "Sign in at {name}",
    refused: "{name} has not given its consent",
    confirm: "Work with it from now on",
    which: "You reach several companies at {name}. Which one is meant?",
    thanks: "Thank you",
    close: "The console has what it needs. You can close this window.",
  },

  apps: {},

  oncall: {},

  runbook: {},

  service: {},

  employee: {},
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
