/** A new connection: what it joins, its name, settings and credentials. It is connected next, on its own page. */

import { post } from "../api.js";
import { Form, Inputs } from "../form.js";
import { Field, go, html, link, Loaded, Page, say, Section, t, useAct, useEffect, useLoad, useMemo, useState } from "../kit.js";
import { draftOf, schemas, valueOf, without } from "../schema.js";

/** The setting that says which of several systems is meant. */
const PACKAGE = "package";

export default function NewConnection({ query }) {
  const known = useLoad(schemas, []);
  return html`
    <${Page} title=${t("connections.new")} crumbs=${[[t("connections.title"), link("connections")]]}>
      <${Loaded} of=${known}>
        ${({ connections }) => html`
          <${Kinds} kinds=${Object.keys(connections)} chosen=${query.kind} />
          ${connections[query.kind] && html`
            <${Entered} key=${query.kind} schema=${connections[query.kind].new} kind=${query.kind} />`}`}
      <//>
    <//>`;
}

/** What each kind does, in words. */
function Kinds({ kinds, chosen }) {
  const choose = (kind) => go(link("connections", "new", { kind }), true);
  return html`
    <fieldset class="card kind-choice">
      <legend>${t("connections.which")}</legend>
      ${kinds.map((kind) => html`
        <label key=${kind} class="kind-one">
          <input type="radio" name="kind" checked=${kind === chosen} onChange=${() => choose(kind)} />
          <span><b>${t(`kind.${kind}`)}</b><small>${t(`connections.what-${kind}`)}</small></span></label>`)}
    </fieldset>`;
}

function Entered({ schema, kind }) {
  const [name, setName] = useState("");
  const [settings, setSettings] = useState(() => draftOf(schema.properties.settings));
  const [credentials, setCredentials] = useState(() => draftOf(schema.properties.credentials));
  const parts = useMemo(() => partsOf(schema, settings[PACKAGE]), [schema, settings[PACKAGE]]);
  const [create, busy, problem] = useAct(async () => {
    const made = await post("connections", {
      name,
      kind,
      settings: valueOf(parts.settings, settings, true),
      credentials: valueOf(parts.credentials, credentials, true),
    });
    say(t("connections.made", { name: made.name }));
    go(link("connections", made.connection_id, { made: 1 }), true);
  });
  const errors = problem?.errors ?? [];
  const first = useMemo(() => without(parts.settings, optional(parts.settings)), [parts]);
  const rest = useMemo(() => without(parts.settings, parts.settings.required ?? []), [parts]);
  const wrong = errors.some((one) => Object.keys(rest.properties).some((name) => one.field.startsWith(`settings.${name}`)));
  const fields = { draft: settings, change: setSettings, path: "settings", errors };
  return html`
    <${Form} problem=${problem} paths=${["name", "settings", "credentials"]} submit=${create} busy=${busy}
      text=${t("connections.create")} more=${html`<a href=${link("connections")}>${t("state.cancel")}</a>`}>
      <${Section} title=${t(`kind.${kind}`)}>
        <${Field} label=${t("connections.name")} help=${t("connections.name-help")} error=${problem?.of?.("name")}
          required=${true}>
          ${(props) => html`<input type="text" ...${props} value=${name} onInput=${(event) => setName(event.target.value)} />`}
        <//>
        <${Inputs} schema=${first} ...${fields} />
      <//>
      <${Section} title=${t("connection.credentials")}>
        <p class="fine">${t("credentials.never")}</p>
        <${Inputs} schema=${parts.credentials} draft=${credentials} change=${setCredentials} path="credentials"
          errors=${errors} />
      <//>
      <${Section}><${Usual} wrong=${wrong}><${Inputs} schema=${rest} ...${fields} /><//><//>
    <//>`;
}

/** Settings with a usual value, which most people leave as they are; open once something in them is wrong. */
function Usual({ wrong, children }) {
  const [open, setOpen] = useState(false);
  useEffect(() => void (wrong && setOpen(true)), [wrong]);
  return html`
    <details open=${open || wrong} onToggle=${(event) => setOpen(event.target.open)}>
      <summary>${t("connections.usual")}</summary><p class="fine">${t("connections.usual-help")}</p>${children}
    </details>`;
}

function optional(settings) {
  return Object.keys(settings.properties).filter((name) => !settings.required?.includes(name));
}

/** Of several packages only the chosen one's settings and credentials. */
function partsOf(schema, chosen) {
  const { settings, credentials } = schema.properties;
  const others = (settings.properties[PACKAGE]?.enum ?? []).filter((one) => one !== chosen);
  return {
    settings: without(settings, others),
    credentials: { ...without(credentials, others), required: [...(credentials.required ?? []), ...(chosen ? [chosen] : [])] },
  };
}
