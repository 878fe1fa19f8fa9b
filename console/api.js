/** The API: the one way to data. Problems are thrown as they come (RFC 9457); lists are read by the page. */

import { HOME, refused, token } from "./session.js";

const BASE = new URL("..", HOME);
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
export function get(path, query = {}, options = {}) {
  return call("GET", path, query, undefined, options);
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
    const reading = all("connections");
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

/** The address of one thing: its parts are encoded. */
export function at(...parts) {
  return parts.map(encodeURIComponent).join("/");
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
    throw new Problem({ status: answer.status, code: "", title: answer.statusText, detail: "", ...told });
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
