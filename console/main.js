/** The start: signs in, asks who is here, and shows the view that the address names. */

import { arrive, get, leaving, Problem, signedIn, signIn, signOut, subject } from "./api.js";
import { html, link, Loading, may, me, Page, render, t, Trouble, useEffect, useErrorBoundary, useState } from "./kit.js";

/** Address → view (`views/<name>.js`, whose default is drawn with the named parts and `query`) and the role it takes. */
const ROUTES = [
  ["", "home", "viewer"],
  ["runs/:run", "run", "viewer"],
  ["runs/:run/plan", "plan", "viewer"],
  ["connections", "connections", "viewer"],
  ["connections/new", "connection-new", "admin"],
  ["connections/:connection", "connection", "viewer"],
  ["invoices", "invoices", "viewer"],
  ["invoices/:connection", "invoices", "viewer"],
  ["leave", "leave", "viewer"],
  ["leave/:connection", "leave", "viewer"],
  ["leave/:connection/:person", "leave", "viewer"],
  ["history", "history", "viewer"],
  ["history/:connection", "history", "viewer"],
  ["on-call", "on-call", "viewer"],
  ["on-call/runbook", "runbook", "viewer"],
  ["on-call/runbook/:entry", "runbook", "viewer"],
  ["apps", "apps", "admin"],
  ["service", "service", "service"],
  ["me", "employee", "employee"],
].map(([pattern, view, role]) => ({ parts: pattern.split("/"), view, role }));

/** What stands in the navigation, in its order: the address's first part. */
const NAVIGATION = [
  ["", "home", "viewer"],
  ["invoices", "invoices", "viewer"],
  ["leave", "leave", "viewer"],
  ["history", "history", "viewer"],
  ["connections", "connections", "viewer"],
  ["apps", "apps", "admin"],
  ["on-call", "on-call", "viewer"],
  ["service", "service", "service"],
  ["me", "employee", "employee"],
];

function allowed(role) {
  return role === "service" ? me.role === "service" : may(role) && (me.role !== "service" || me.tenant);
}

/** Where somebody begins: an employee at their own page, the service at its own, all others at home. */
function start() {
  if (me.role === "service" && !me.tenant) return ["service"];
  return may("viewer") ? [""] : ["me"];
}

function where(usual = start()) {
  const [path, search] = location.hash.replace(/^#\/?/, "").split("?");
  const asked = path === "" ? usual : path.split("/").map(decoded);
  const query = Object.fromEntries(new URLSearchParams(search));
  for (const route of ROUTES) {
    const fits = route.parts.length === asked.length &&
      route.parts.every((part, place) => part.startsWith(":") ? asked[place] : part === asked[place]);
    if (!fits) continue;
    const named = route.parts.flatMap((part, place) => part.startsWith(":") ? [[part.slice(1), asked[place]]] : []);
    return { ...route, path, first: asked[0], props: { ...Object.fromEntries(named), query } };
  }
  return { path, first: asked[0], props: { query } };
}

/** A part of an address; as it is where it was cut off in the middle of a letter. */
function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function Shell() {
  const [place, setPlace] = useState(where);
  const [out, setOut] = useState(!signedIn());
  useEffect(() => {
    // Another view begins at its top; the same one, narrowed or with a record opened, stays where it is.
    const moved = () => setPlace((before) => {
      const now = where();
      if (now.path !== before.path) scrollTo(0, 0);
      return now;
    });
    const gone = () => setOut(true);
    addEventListener("hashchange", moved);
    addEventListener("signed-out", gone);
    return () => (removeEventListener("hashchange", moved), removeEventListener("signed-out", gone));
  }, []);
  return html`
    <a class="skip" href="#main" onClick=${skip}>${t("shell.skip")}</a>
    <header class="top">
      <a class="brand" href="#/"><${Mark} />Payrelay</a>
      <${Menu} here=${place.first} />
      <div class="who">
        <span class="person" title=${t(`role.${me.role}`)}>${me.subject || subject()}
          <small>${t(`role.${me.role}`)}${me.tenant ? ` · ${me.tenant}` : ""}</small></span>
        <button type="button" onClick=${signOut}>${t("shell.sign-out")}</button>
      </div>
    </header>
    <main id="main" tabindex="-1">
      ${out && html`
        <div class="notice warn" role="alert"><strong>${t("shell.ended")}</strong>
          <p><button type="button" class="primary" onClick=${signIn}>${t("shell.sign-in")}</button></p></div>`}
      <${View} key=${place.path} place=${place} />
    </main>
    <div id="said" role="status" aria-live="polite"></div>`;
}

/** To the content without changing the address, which names the view. */
function skip(event) {
  event.preventDefault();
  document.getElementById("main").focus();
}

function Menu({ here }) {
  const [open, setOpen] = useState(false);
  useEffect(() => setOpen(false), [here]);
  const shown = NAVIGATION.filter(([, , role]) => allowed(role) && !(role === "employee" && !me.roles.includes("employee")));
  return html`
    <button type="button" class="menu" aria-expanded=${open} aria-controls="navigation" onClick=${() => setOpen(!open)}>
      ${t("shell.menu")}</button>
    <nav id="navigation" class=${open ? "open" : ""} aria-label=${t("shell.navigation")}>
      <ul>${shown.map(([first, name]) => html`
        <li><a href=${link(first)} aria-current=${first === here ? "page" : undefined}>${t(`navigation.${name}`)}</a></li>`)}</ul>
    </nav>`;
}

function Mark() {
  return html`<svg viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="7" />
    <path d="M8 12h13l-4-4M24 20H11l4 4" /></svg>`;
}

/** The view of the address, loaded when it is first asked for. What it throws is shown, not a white page. */
function View({ place }) {
  const [state, setState] = useState({});
  const [broken] = useErrorBoundary();
  useEffect(() => {
    if (place.view && allowed(place.role)) {
      import(`./views/${place.view}.js`).then((room) => setState({ Room: room.default }), (problem) => setState({ problem }));
    }
  }, [place.view]);
  if (!place.view) {
    return html`<${Page} title=${t("shell.nowhere")}><p>${t("shell.nowhere-why")}</p><p><a href="#/">${t("shell.home")}</a></p><//>`;
  }
  if (!allowed(place.role)) {
    return html`<${Page} title=${t("shell.no-rights")}>
      <p>${t("shell.no-rights-why", { role: t(`role.${place.role}`), mine: t(`role.${me.role}`) })}</p><//>`;
  }
  const problem = broken || state.problem;
  if (problem) {
    return html`<${Page} title=${t("shell.broken")}><${Trouble} problem=${{ code: "BROKEN", detail: String(problem) }} retry=${() => location.reload()} /><//>`;
  }
  return state.Room ? html`<${state.Room} ...${place.props} />` : html`<${Loading} />`;
}

/** The page before anybody is signed in: after the pool refused, after signing out, or while the API does not answer. */
function Door({ problem }) {
  return html`
    <main class="door"><${Mark} /><h1>Payrelay</h1>
      ${problem instanceof Problem && html`<${Trouble} problem=${problem} retry=${() => location.reload()} />`}
      ${problem && !(problem instanceof Problem) && html`
        <div class="notice bad" role="alert"><strong>${t("shell.refused")}</strong>
          ${problem.message && html`<p>${problem.message}</p>`}</div>`}
      <button type="button" class="primary" onClick=${signIn}>${t("shell.sign-in")}</button></main>`;
}

/** The page that a vendor's consent comes back to, in a window of its own: it hands over what it got, and closes. */
function handOver() {
  const answer = Object.fromEntries(new URLSearchParams(location.search));
  history.replaceState(null, "", location.pathname);
  new BroadcastChannel("payrelay.consent").postMessage(answer);
  return html`<main class="door"><${Mark} /><h1>${t("consent.thanks")}</h1><p>${t("consent.close")}</p></main>`;
}

async function begin() {
  const app = document.getElementById("app");
  const draw = (what) => (render(what, app), app.removeAttribute("aria-busy"));
  if (location.pathname.endsWith("/consent")) return draw(handOver());
  try {
    if (!await arrive()) return leaving() ? draw(html`<${Door} />`) : signIn();
    // The view is on its way while the API is asked who is here: mostly it is theirs to see.
    const { view } = where([""]);
    if (view) import(`./views/${view}.js`).catch(() => {});
    Object.assign(me, await get("me"));
    draw(html`<${Shell} />`);
  } catch (problem) {
    draw(html`<${Door} problem=${problem} />`);
  }
}

begin();
