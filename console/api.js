/**
 * The API, the one way to data, and who is signed in to it. Problems are thrown as they come (RFC 9457); lists are read
 * by the page.
 *
 * Who is signed in: authorization code with PKCE at the user pool. Tokens live in this module's memory and nowhere
 * else, so that a page that is loaded anew signs in anew (which the user pool does by itself while its own session
 * lasts). What has to outlive the way to the pool and back is a verifier, a state and the view to come back to.
 */

// --- Signing in -------------------------------------------------------------------------------------

const KEPT = "payrelay.sign-in";
const LEFT = "payrelay.signed-out";
const RENEW_BEFORE_MS = 60_000;
const SCOPES = "openid";

/** `{client_id, sign_in, token, sign_out}`, written into the page by the function that serves it. */
const pool = JSON.parse(document.querySelector('meta[name="payrelay"]').content || "{}");

/** The console's own address, with a slash at its end. */
export const HOME = new URL(".", location.href).href;

let tokens = null;
let renewing = null;

/** The e-mail of the token, or null before anybody has signed in. */
export function subject() {
  return tokens && (tokens.claims.email || tokens.claims["cognito:username"] || tokens.claims.sub);
}

/** Whether somebody is signed in. */
export function signedIn() {
  return tokens !== null;
}

/**
 * Take up what the address bears: an answer of the user pool. Answers whether somebody is signed in now; throws
 * Error with the pool's own words if it refused, and without a word if nobody asked it: anybody can write a link.
 */
export async function arrive() {
  const query = new URLSearchParams(location.search);
  const kept = JSON.parse(sessionStorage.getItem(KEPT) || "null");
  const answered = query.has("state") && kept && query.get("state") === kept.state;
  if (query.has("error")) {
    history.replaceState(null, "", HOME);
    throw new Error(answered ? query.get("error_description") || query.get("error") : "");
  }
  if (!answered || !query.has("code")) return false;
  sessionStorage.removeItem(KEPT);
  history.replaceState(null, "", HOME + kept.view);
  await exchange({
    grant_type: "authorization_code",
    code: query.get("code"),
    redirect_uri: HOME,
    code_verifier: kept.verifier,
  });
  return true;
}

/** Leave for the user pool's page, and come back to the view that is shown now. */
export async function signIn() {
  const kept = { state: random(), verifier: random(), view: location.hash };
  sessionStorage.setItem(KEPT, JSON.stringify(kept));
  sessionStorage.removeItem(LEFT);
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(kept.verifier));
  location.assign(withQuery(pool.sign_in, {
    response_type: "code",
    client_id: pool.client_id,
    redirect_uri: HOME,
    scope: SCOPES,
    state: kept.state,
    code_challenge: base64url(new Uint8Array(digest)),
    code_challenge_method: "S256",
  }));
}

/** Whether somebody has just signed out here: they are not signed in again without being asked. */
export function leaving() {
  return sessionStorage.getItem(LEFT) !== null;
}

const tabs = new BroadcastChannel("payrelay.signed-out");
tabs.onmessage = () => {
  leave();
  location.replace(HOME);
};

function leave() {
  tokens = null;
  sessionStorage.setItem(LEFT, "");
}

/** Forget the tokens, in every tab, and end the user pool's session where it has one. */
export function signOut() {
  leave();
  tabs.postMessage(null);
  if (pool.sign_out) location.assign(withQuery(pool.sign_out, { client_id: pool.client_id, logout_uri: HOME }));
  else location.replace(HOME);
}

/** A token that is good for the next minute, renewed if need be; null when one has to sign in again. */
async function token() {
  if (!tokens) return null;
  if (Date.now() < tokens.until - RENEW_BEFORE_MS) return tokens.id;
  renewing ??= renew().finally(() => (renewing = null));
  await renewing;
  return tokens && tokens.id;
}

/** The API did not take the token: whatever it is, it is of no use. */
function refused() {
  tokens = null;
}

async function renew() {
  const refresh_token = tokens.refresh;
  if (!refresh_token) return refused();
  try {
    await exchange({ grant_type: "refresh_token", refresh_token });
  } catch {
    refused();
  }
}

async function exchange(form) {
  const answer = await fetch(pool.token, {
    method: "POST",
    body: new URLSearchParams({ client_id: pool.client_id, ...form }),
  });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body.error_description || body.error || String(answer.status));
  const claims = claimsOf(body.id_token);
  tokens = {
    id: body.id_token,
    refresh: body.refresh_token || (tokens && tokens.refresh),
    claims,
    until: Date.now() + 1000 * (claims.exp - claims.iat),
  };
}

/** What a JWT says; the API is who verifies it. */
function claimsOf(jwt) {
  const bytes = Uint8Array.from(
    atob(jwt.split(".")[1].replaceAll("-", "+").replaceAll("_", "/")),
    (letter) => letter.charCodeAt(0),
  );
  return JSON.parse(new TextDecoder().decode(bytes));
}

function random() {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

function base64url(bytes) {
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function withQuery(address, query) {
  return `${address}?${new URLSearchParams(query)}`;
}

// --- Calls ------------------------------------------------------------------------------------------

const BASE = new URL("..", HOME);
// What is only read is asked for again by itself where the API is busy for a moment.
const BUSY = [429, 503];
const TRIES = 3;
const WAIT_MS = 2000;
const LONGEST_WAIT_MS = 10_000;
const CONNECTIONS_FRESH_MS = 15_000;

const files = {};

let tenant = null;
let known = null;

/** A problem document: `status`, `code`, `title`, `detail`, and where the API has them `remedy`, `errors`, `request_id`. */
export class Problem extends Error {
  constructor(body) {
    super(body.detail || body.title);
    Object.assign(this, body);
  }

  /** What the API says of one field of the body that was sent, or undefined. */
  of(field) {
    return (this.errors || []).find((error) => error.field === field)?.message;
  }
}

/** Whose data somebody of the service looks at from now on, by an access that they have; null for none. */
export function lookAt(name) {
  tenant = name;
  known = null;
}

/** GET `path`, with `query` (what is null or "" is left out; lists are repeated). */
export async function get(path, query = {}, options = {}) {
  for (let tried = 1; ; tried += 1) {
    try {
      return await call("GET", path, query, undefined, options);
    } catch (problem) {
      if (tried === TRIES || !BUSY.includes(problem.status)) throw problem;
      const wait = problem.retry_after_ms ?? WAIT_MS * tried;
      if (wait > LONGEST_WAIT_MS) throw problem;
      await new Promise((done) => setTimeout(done, wait));
      options.signal?.throwIfAborted();
    }
  }
}

/** POST a body; the answer has `location` of a thing that was made. */
export function post(path, body = {}) {
  return call("POST", path, {}, body);
}

export function put(path, body, query = {}) {
  return call("PUT", path, query, body);
}

export function patch(path, body) {
  return call("PATCH", path, {}, body);
}

export function remove(path, query = {}) {
  return call("DELETE", path, query);
}

/** All items of a list that is known to be short (connections, apps); the views read long ones by `kit.usePages`. */
export async function all(path, query = {}) {
  const items = [];
  let cursor = null;
  do {
    const page = await get(path, { limit: 200, ...query, cursor });
    items.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor);
  return items;
}

/** The tenant's connections, read at most every quarter of a minute unless `anew`. */
export function connections(anew = false) {
  if (anew || !known || Date.now() - known.at > CONNECTIONS_FRESH_MS) {
    // Each tells the last 30 runs of all its flows: 200 can be more than the 6 MB that one answer may have.
    const reading = all("connections", { limit: 50 });
    reading.catch(() => (known = null));
    known = { at: Date.now(), reading };
  }
  return known.reading;
}

/** One of the console's own JSON files, such as `schemas.json`, read once. */
export function file(name) {
  files[name] ??= fetch(new URL(name, import.meta.url)).then((answer) => answer.json());
  files[name].catch(() => delete files[name]);
  return files[name];
}

/** The address of one thing: its parts are encoded. Dots would lead out of it, to another call: nothing is called so. */
export function at(...parts) {
  return parts.map((part) => encodeURIComponent(part).replace(/^\.+$/, "_")).join("/");
}

async function call(method, path, query, body, options = {}) {
  const address = new URL(path, BASE);
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== null && one !== undefined && one !== "") address.searchParams.append(name, one);
    }
  }
  const bearer = await token();
  const headers = { accept: "application/json" };
  if (bearer) headers.authorization = `Bearer ${bearer}`;
  if (tenant) headers["payrelay-tenant"] = tenant;
  if (body !== undefined) headers["content-type"] = "application/json";
  let answer;
  try {
    answer = await fetch(address, {
      method,
      headers,
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: options.signal,
      cache: "no-store",
    });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem({ status: 0, code: "NO_ANSWER", title: "", detail: "" });
  }
  const told = await bodyOf(answer);
  if (answer.status === 401) {
    refused();
    dispatchEvent(new Event("signed-out"));
  }
  if (!answer.ok) {
    const after = Number(answer.headers.get("retry-after") || NaN);
    const retry_after_ms = Number.isNaN(after) ? undefined : 1000 * after;
    // What stands before the API answers in its own short form: `{"message": …}`.
    throw new Problem({ code: "", title: "", detail: told.message ?? "", ...told, status: answer.status, retry_after_ms });
  }
  return told;
}

async function bodyOf(answer) {
  const text = await answer.text();
  if (!text) return {};
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
