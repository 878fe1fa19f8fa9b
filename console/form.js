/**
 * Forms drawn from the API's JSON schemas (schema.js): a field that is left empty gets the default that stands there in
 * grey. What is wrong is for the API to say: its errors (`{field, message}`) stand at the field that their path names.
 */

import { capital, words } from "./format.js";
import { Button, Field, html, t, Trouble, useEffect, useRef } from "./kit.js";
import { draftOf, linesOf, options, sort, unsettable } from "./schema.js";

const WRONG = '[aria-invalid="true"], fieldset.faulty, .notice[tabindex]';
const NOTHING = [undefined, "null", "[]", "{}"];
const SECRET = /(secret|password|key|token)$/;

// --- Words -------------------------------------------------------------------------------------------

/** The words for a field, a system or a setting of this name. */
export function label(name) {
  return t.maybe(`setting.${name}`) ?? t.maybe(`system.${name}`) ?? words(name);
}

/** The words for a path such as `settings.xledger.base_url`. */
export function labelOf(path) {
  return path.split(".").map((part) => t.maybe(`flow.${part}`) ?? label(part)).join(" › ");
}

function choiceOf(value) {
  return t.maybe(`choice.${value}`) ?? (/^[a-z_]+$/.test(value) ? words(value) : String(value));
}

/** Names of requirements, signs of code, and what every credential says of itself. */
const NOT_FOR_PEOPLE = /^[A-Z]+-\d+: | \([A-Z]+-\d+\)|^One line;.*|`/g;

/** A description in the words of the console, without what only developers look for. */
function helpOf(schema) {
  const text = (schema.description ?? "")
    .replace(NOT_FOR_PEOPLE, "")
    .replaceAll("null", t("form.none").toLowerCase())
    .replace(/\b[a-z]+_[a-z]+\b/g, (name) => t.maybe(`flow.${name}`) ?? label(name));
  return capital(text);
}

// --- What is wrong -----------------------------------------------------------------------------------

function within(field, path) {
  return field === path || field.startsWith(`${path}.`);
}

function told(errors, path) {
  return errors.filter((one) => within(one.field, path)).map((one) => one.message).join(" ");
}

/** What is wrong with a group itself, or with something in it that it does not show. */
function toldOfGroup(errors, path, names) {
  const shown = names.map((name) => `${path}.${name}`);
  const own = errors.filter((one) => within(one.field, path) && !shown.some((inner) => within(one.field, inner)));
  const inner = (one) => `${one.field.slice(path.length + 1)}: ${one.message}`;
  return own.map((one) => (one.field === path ? one.message : inner(one))).join(" ");
}

/**
 * A form with its button: `submit()` by a click or by Enter. What the API refuses stands at its field, of which the
 * first has the focus then; what is wrong with fields outside of `paths`, which are not shown, stands on top.
 */
export function Form({ problem, paths, submit, busy, text, more, children }) {
  const form = useRef();
  useEffect(() => {
    if (problem) form.current.querySelector(WRONG)?.focus();
  }, [problem]);
  const send = (event) => (event.preventDefault(), submit());
  return html`
    <form ref=${form} class="form" noValidate autocomplete="off" onSubmit=${send}>
      <${Refused} problem=${problem} paths=${paths} />
      ${children}
      <div class="actions"><button type="submit" class="primary" disabled=${busy} aria-busy=${busy}>${text}</button>${more}</div>
    </form>`;
}

function Refused({ problem, paths }) {
  if (!problem?.errors) return html`<${Trouble} problem=${problem} />`;
  const others = problem.errors.filter((one) => !paths.some((path) => within(one.field, path)));
  return html`
    <div class="notice bad" role="alert" tabindex=${others.length ? -1 : undefined}>
      <strong>${t("form.wrong", { n: problem.errors.length })}</strong>
      ${others.length > 0 && html`<ul>${others.map((one) => html`<li>${labelOf(one.field)}: ${one.message}</li>`)}</ul>`}
    </div>`;
}

// --- What is drawn -----------------------------------------------------------------------------------

/** The fields of an object's schema; `change(draft)` is called with each change, `path` is where the API names them. */
export function Inputs({ schema, draft, change, path, errors = [] }) {
  return html`
    <div class="inputs">${Object.entries(schema.properties).map(([name, one]) => html`
      <${Input} key=${name} name=${name} schema=${one} draft=${draft[name]} required=${schema.required?.includes(name)}
        change=${(next) => change({ ...draft, [name]: next })} path=${path ? `${path}.${name}` : name} errors=${errors} />`)}
    </div>`;
}

const CONTROLS = {
  const: () => null, group: Group, map: Pairs, rows: Rows, several: Several, flag: Flag, choice: Chosen, lines: Lines,
  number: Line, decimal: Line, text: Line,
};

function Input(props) {
  const text = props.title ?? label(props.name);
  const help = helpOf(props.schema);
  return html`<${CONTROLS[sort(props.schema)]} ...${props} text=${text} help=${help} />`;
}

function Line({ name, schema, draft, change, path, errors, required, text, help }) {
  const secret = schema.writeOnly && SECRET.test(name);
  const kind = schema.format === "date" ? "date" : secret ? "password" : "text";
  const how = { type: kind, spellcheck: false, autocomplete: "off", placeholder: String(schema.default ?? "") };
  const digits = { number: "numeric", decimal: "decimal" }[sort(schema)];
  if (digits) Object.assign(how, { class: "short", inputmode: digits });
  const zone = name === "time_zone";
  return html`
    <${Field} label=${text} help=${help} error=${told(errors, path)} required=${required}>
      ${(props) => html`
        <input ...${how} ...${props} list=${zone ? `zones-${path}` : undefined} value=${draft ?? ""} disabled=${draft === null}
          onInput=${(event) => change(event.target.value)} />
        ${zone && html`<${Zones} id=${`zones-${path}`} />`}
        ${unsettable(schema) && html`
          <label class="tick"><input type="checkbox" checked=${draft === null} aria-label=${`${text}: ${t("form.none")}`}
            onChange=${(event) => change(event.target.checked ? null : "")} />${t("form.none")}</label>`}`}
    <//>`;
}

/** The time zones that the browser knows, for an input whose `list` names them. */
export function Zones({ id }) {
  return html`<datalist id=${id}>${Intl.supportedValuesOf("timeZone").map((zone) => html`<option value=${zone} />`)}</datalist>`;
}

function Lines({ schema, draft, change, path, errors, required, text, help }) {
  const found = linesOf(draft);
  const named = errors.filter((one) => within(one.field, path)).map((one) => {
    const line = found[one.field.slice(path.length + 1).split(".")[0]];
    return { field: path, message: line === undefined || one.field === path ? one.message : `“${line}”: ${one.message}` };
  });
  const rows = Math.min(8, Math.max(2, found.length + 1));
  return html`
    <${Field} label=${text} help=${[help, t("form.lines")].filter(Boolean).join(". ")} error=${told(named, path)}
      required=${required}>
      ${(props) => html`
        <textarea ...${props} rows=${rows} spellcheck=${false} placeholder=${[schema.default ?? []].flat().join("\n")}
          onInput=${(event) => change(event.target.value)} value=${draft} />`}
    <//>`;
}

function Chosen({ schema, draft, change, path, errors, required, text, help }) {
  const open = required || schema.default === undefined || schema.default === null;
  return html`
    <${Field} label=${text} help=${help} error=${told(errors, path)} required=${required}>
      ${(props) => html`
        <select ...${props} value=${draft} onChange=${(event) => change(event.target.value)}>
          ${open && html`<option value="">${t(required ? "form.choose" : "form.unset")}</option>`}
          ${options(schema).map((one) => html`<option value=${String(one)}>${choiceOf(one)}</option>`)}
        </select>`}
    <//>`;
}

function Flag({ draft, change, path, errors, text, help }) {
  const error = told(errors, path);
  const id = `flag-${path}`;
  return html`
    <div class=${`field ${error ? "wrong" : ""}`}>
      <label class="tick"><input type="checkbox" checked=${draft} aria-invalid=${error ? "true" : undefined}
        aria-describedby=${help ? id : undefined} onChange=${(event) => change(event.target.checked)} />${text}</label>
      ${help && html`<p class="fine" id=${id}>${help}</p>`}
      ${error && html`<p class="error">${error}</p>`}
    </div>`;
}

/** Fields that belong together, under a heading of their own. */
function Fieldset({ text, help, error, children }) {
  return html`
    <fieldset class=${error ? "faulty" : ""} tabindex=${error ? -1 : undefined}>
      <legend>${text}</legend>
      ${help && html`<p class="fine">${help}</p>`}
      ${error && html`<p class="error">${error}</p>`}
      ${children}
    </fieldset>`;
}

function Several({ schema, draft, change, path, errors, text, help }) {
  const toggled = (one) => schema.items.enum.filter((other) => draft.includes(other) !== (other === one));
  return html`
    <${Fieldset} text=${text} help=${help} error=${told(errors, path)}>
      ${schema.items.enum.map((one) => html`
        <label class="tick" key=${one}>
          <input type="checkbox" checked=${draft.includes(one)} onChange=${() => change(toggled(one))} />${choiceOf(one)}</label>`)}
    <//>`;
}

function Group(props) {
  const { schema, draft, change, path, errors, text, help } = props;
  const names = Object.keys(schema.properties);
  const error = toldOfGroup(errors, path, names);
  if (names.length === 1 && !error) {
    const [name] = names;
    return html`
      <${Input} name=${name} title=${`${text}: ${label(name)}`} schema=${schema.properties[name]} draft=${draft[name]}
        required=${schema.required?.includes(name)} change=${(next) => change({ [name]: next })}
        path=${`${path}.${name}`} errors=${errors} />`;
  }
  return html`
    <${Fieldset} text=${text} help=${help} error=${error}><${Inputs} ...${{ schema, draft, change, path, errors }} /><//>`;
}

function Rows({ schema, draft, change, path, errors, text, help }) {
  const put = (place, next) => change(draft.map((one, other) => (other === place ? next : one)));
  const names = Object.keys(schema.items.properties);
  const row = (one, place) => {
    const [named, where] = [`${text} ${place + 1}`, `${path}.${place}`];
    return html`
      <${Fieldset} key=${place} text=${named} error=${toldOfGroup(errors, where, names)}>
        <${Inputs} schema=${schema.items} draft=${one} change=${(next) => put(place, next)} path=${where} errors=${errors} />
        <${Remove} text=${named} act=${() => change(draft.filter((_, other) => other !== place))} />
      <//>`;
  };
  return html`
    <${Fieldset} text=${text} help=${help} error=${toldOfGroup(errors, path, draft.map((_, place) => String(place)))}>
      ${draft.map(row)}
      <${Add} text=${text} act=${() => change([...draft, draftOf(schema.items)])} />
    <//>`;
}

function Remove({ text, act }) {
  return html`<${Button} kind="link" aria-label=${t("form.remove-one", { text })} onClick=${act}>${t("form.remove")}<//>`;
}

function Add({ text, act }) {
  return html`<${Button} aria-label=${`${t("form.add")}: ${text}`} onClick=${act}>${t("form.add")}<//>`;
}

/** What the two halves of a pair are: what stands left and right of the arrow in its description. */
function halves(name, help) {
  if (help.includes("→")) return help.split(/[,:]/)[0].split("→").map((half) => capital(half.trim()));
  return [t.maybe(`setting.${name}.key`) ?? t("form.key"), t("form.value")];
}

function Pairs({ name, schema, draft, change, path, errors, text, help }) {
  const [key, value] = halves(name, help);
  const empty = () => ({ key: "", value: draftOf(schema.additionalProperties) });
  const put = (place, next) => change(draft.map((one, other) => (other === place ? { ...one, ...next } : one)));
  const twice = (place) => draft.findIndex((one) => one.key.trim() === draft[place].key.trim()) < place;
  return html`
    <${Fieldset} text=${text} help=${help} error=${toldOfGroup(errors, path, draft.map((one) => one.key.trim()))}>
      ${draft.map((one, place) => html`
        <div class="form-pair" key=${place}>
          <${Field} label=${key} error=${twice(place) && t("form.twice")}>
            ${(props) => html`
              <input type="text" ...${props} value=${one.key} spellcheck=${false}
                onInput=${(event) => put(place, { key: event.target.value })} />`}
          <//>
          <${Input} name=${name} title=${value} schema=${schema.additionalProperties} draft=${one.value}
            change=${(next) => put(place, { value: next })} path=${`${path}.${one.key.trim()}`} errors=${errors} />
          <${Remove} text=${one.key} act=${() => change(draft.filter((_, other) => other !== place))} />
        </div>`)}
      <${Add} text=${text} act=${() => change([...draft, empty()])} />
    <//>`;
}

// --- What is only shown ------------------------------------------------------------------------------

/** The same values for those who may not change them. */
export function Shown({ schema, value }) {
  return html`
    <dl class="facts">${Object.entries(schema.properties).map(([name, one]) => html`
      <dt key=${name}>${label(name)}</dt><dd><${Value} schema=${one} value=${value?.[name]} /></dd>`)}
    </dl>`;
}

function Value({ schema, value }) {
  const kind = sort(schema);
  if (kind === "group") return html`<${Shown} ...${{ schema, value }} />`;
  if (NOTHING.includes(JSON.stringify(value))) return html`<span class="fine">${t("form.unset")}</span>`;
  if (kind === "rows") return value.map((one) => html`<${Shown} schema=${schema.items} value=${one} />`);
  if (kind === "map") return Object.entries(value).map(([key, one]) => html`<div>${key} → ${[one].flat().join(", ")}</div>`);
  if (kind === "flag" || kind === "choice") return choiceOf(value);
  return [value].flat().map(kind === "several" ? choiceOf : String).join(", ");
}
