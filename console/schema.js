/**
 * Values by the API's JSON schemas. `draftOf` makes what a form edits (form.js draws it), `valueOf` what is sent: what
 * is left empty is left out, and gets the default.
 */

import { file } from "./api.js";

let reading = null;

/** `schemas.json` with every reference resolved: `connections` by kind, `orders` by flow, `app`. */
export function schemas() {
  reading ??= file("schemas.json").then(({ $defs, ...all }) => resolved(all, { $defs }));
  return reading;
}

function resolved(part, all) {
  if (Array.isArray(part)) return part.map((one) => resolved(one, all));
  if (!part || typeof part !== "object") return part;
  const { $ref, ...own } = part;
  if (typeof $ref !== "string") return Object.fromEntries(Object.entries(part).map(([key, one]) => [key, resolved(one, all)]));
  const meant = $ref.split("/").slice(1).reduce((place, name) => place[name], all);
  return resolved({ ...meant, ...own }, all);
}

// --- What is edited, and what is sent ----------------------------------------------------------------

function typesOf(schema) {
  return [schema.type ?? (schema.properties ? "object" : "string")].flat();
}

function nullable(schema) {
  return typesOf(schema).includes("null");
}

/** Which control a schema takes; `lines` is a text of one entry a line, `several` are boxes to tick. */
export function sort(schema) {
  if ("const" in schema) return "const";
  if (schema.anyOf) return schema.anyOf.some((one) => one.type === "array") ? "lines" : "decimal";
  if (schema.enum) return "choice";
  const type = typesOf(schema).find((one) => one !== "null");
  if (type === "boolean") return nullable(schema) ? "choice" : "flag";
  if (type === "object") return schema.properties ? "group" : "map";
  if (type === "array") return schema.items.enum ? "several" : schema.items.properties ? "rows" : "lines";
  return type === "integer" || type === "number" ? "number" : "text";
}

/** What a form edits, of a value of the schema; undefined for what is new. */
export function draftOf(schema, value) {
  const given = value === undefined ? schema.default : value;
  switch (sort(schema)) {
    case "const": return schema.const;
    case "group": return mapped(schema.properties, (one, name) => draftOf(one, value?.[name]));
    case "map":
      return Object.entries(given ?? {}).map(([key, one]) => ({ key, value: draftOf(schema.additionalProperties, one) }));
    case "rows": return (given ?? []).map((one) => draftOf(schema.items, one));
    case "lines": return [given ?? []].flat().join("\n");
    case "several": return given ?? [];
    case "flag": return given ?? false;
    case "choice": return String(given ?? "");
    default: return value === null && unsettable(schema) ? null : String(value ?? "");
  }
}

/** Whether nothing at all is another thing than the default. */
export function unsettable(schema) {
  return nullable(schema) && (schema.default ?? null) !== null;
}

/** What is sent of a draft; undefined for what is left out, since it is empty or the default. */
export function valueOf(schema, draft, required = false) {
  const value = plain(schema, draft);
  return !required && same(value, usual(schema)) ? undefined : value;
}

function plain(schema, draft) {
  switch (sort(schema)) {
    case "group":
      return given(mapped(schema.properties, (one, name) => valueOf(one, draft[name], schema.required?.includes(name))));
    case "map": return pairs(schema, draft);
    case "rows": return draft.map((one) => plain(schema.items, one));
    case "lines": return lines(schema, draft);
    case "choice": return options(schema).find((one) => String(one) === draft);
    case "number": return /^[+-]?\d+$/.test(draft ?? "") ? Number(draft) : draft === "" ? undefined : draft;
    case "decimal":
    case "text": return draft === "" ? undefined : draft;
    default: return draft;
  }
}

/** The pairs in which something stands; the API is asked about a half of one. */
function pairs(schema, draft) {
  const every = draft.map(({ key, value }) => [key.trim(), valueOf(schema.additionalProperties, value, true) ?? ""]);
  return Object.fromEntries(every.filter(([key, value]) => key || value.length));
}

function lines(schema, draft) {
  const found = linesOf(draft);
  if (!found.length && nullable(schema)) return null;
  return schema.anyOf && found.length === 1 ? found[0] : found;
}

/** The entries of a text of one a line. */
export function linesOf(draft) {
  return draft.split("\n").map((line) => line.trim()).filter(Boolean);
}

function usual(schema) {
  if ("default" in schema) return schema.default;
  const nothing = { group: {}, map: {}, rows: [], several: [], flag: false, lines: nullable(schema) ? null : [] };
  return nothing[sort(schema)];
}

/** The top-level settings that a draft changes: each of them is sent as a whole, one that was emptied as its default. */
export function changed(schema, stored, draft) {
  const now = mapped(schema.properties, (one, name) => {
    const value = valueOf(one, draft[name]);
    if (same(value, valueOf(one, draftOf(one, stored[name])))) return undefined;
    return value !== undefined ? value : usual(one) ?? (nullable(one) ? null : "");
  });
  return given(now);
}

function mapped(properties, make) {
  return Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, make(one, name)]));
}

function given(values) {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}

function same(one, other) {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** What can be chosen, nothing at all left out. */
export function options(schema) {
  return (schema.enum ?? [true, false]).filter((one) => one !== null);
}

/** A schema without some of its properties. */
export function without(schema, names) {
  const kept = Object.entries(schema.properties).filter(([name]) => !names.includes(name));
  return { ...schema, properties: Object.fromEntries(kept) };
}
