/**
 * Who is signed in: authorization code with PKCE at the user pool. Tokens live in this module's memory and nowhere
 * else, so that a page that is loaded anew signs in anew (which the user pool does by itself while its own session
 * lasts). What has to outlive the way to the pool and back is a verifier, a state and the view to come back to.
 */

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
 * Error with the pool's own words if it refused.
 */
export async function arrive() {
  const query = new URLSearchParams(location.search);
  const kept = JSON.parse(sessionStorage.getItem(KEPT) || "null");
  const answered = query.has("state") && kept && query.get("state") === kept.state;
  if (query.has("error")) {
    history.replaceState(null, "", HOME);
    throw new Error(query.get("error_description") || query.get("error"));
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

/** Forget the tokens, and end the user pool's session where it has one. */
export function signOut() {
  tokens = null;
  sessionStorage.setItem(LEFT, "");
  if (pool.sign_out) location.assign(withQuery(pool.sign_out, { client_id: pool.client_id, logout_uri: HOME }));
  else location.replace(HOME);
}

/** A token that is good for the next minute, renewed if need be; null when one has to sign in again. */
export async function token() {
  if (!tokens) return null;
  if (Date.now() < tokens.until - RENEW_BEFORE_MS) return tokens.id;
  renewing ??= renew().finally(() => (renewing = null));
  await renewing;
  return tokens && tokens.id;
}

/** The API did not take the token: whatever it is, it is of no use. */
export function refused() {
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
