/** A connection's name and settings: only what somebody has changed is sent. */

import { at, patch } from "../api.js";
import { Form, Inputs, Shown } from "../form.js";
import { Button, Field, html, Loaded, may, say, Section, t, useAct, useLoad, useState } from "../kit.js";
import { changed, draftOf, schemas, valueOf, without } from "../schema.js";

const PACKAGE = "package";

export function Settings({ connection, again }) {
  const known = useLoad(schemas, []);
  return html`
    <${Loaded} of=${known}>${({ connections }) => {
      const { settings, new: made } = connections[connection.kind];
      // The package is chosen once, and the others' settings mean nothing.
      const others = (settings.properties[PACKAGE]?.enum ?? []).filter((one) => one !== connection.settings[PACKAGE]);
      const schema = without(settings, [...others, ...(may("admin") ? [PACKAGE] : [])]);
      if (!may("admin")) return html`<${Read} ...${{ schema, connection }} />`;
      return html`
        <${Edited} key=${connection.updated_at} credentials=${made.properties.credentials} ...${{ connection, again, schema }} />`;
    }}<//>`;
}

function Read({ schema, connection }) {
  return html`
    <${Section} title=${t("connection.settings")}>
      <${Shown} schema=${schema} value=${connection.settings} /><p class="fine">${t("connection.settings-who")}</p><//>`;
}

function Edited({ connection, again, schema, credentials }) {
  const [name, setName] = useState(connection.name);
  const [draft, setDraft] = useState(() => draftOf(schema, connection.settings));
  const [entered, setEntered] = useState(() => draftOf(credentials));
  const settings = changed(schema, connection.settings, draft);
  const systems = Object.keys(credentials.properties);
  const [save, busy, problem] = useAct(async () => {
    const body = {
      ...(name !== connection.name && { name }),
      ...(Object.keys(settings).length && { settings }),
      ...(wanted.length && { credentials: valueOf(needed, entered, true) }),
    };
    if (!Object.keys(body).length) return say(t("connection.nothing-changed"));
    await patch(at("connections", connection.connection_id), body);
    await again();
    say(t("connection.saved"));
  });
  const errors = problem?.errors ?? [];
  // What is stored was entered for the address as it is: another one needs the system's credentials with it.
  const refused = (system) => errors.some((one) => `${one.field}.`.startsWith(`credentials.${system}.`));
  const wanted = systems.filter((one) => refused(one) || moved(settings, connection.settings, one));
  const needed = { ...without(credentials, systems.filter((one) => !wanted.includes(one))), required: wanted };
  const reset = () => (setName(connection.name), setDraft(draftOf(schema, connection.settings)));
  return html`
    <${Form} problem=${problem} paths=${["name", "settings", ...wanted.map((one) => `credentials.${one}`)]} submit=${save}
      busy=${busy} text=${t("form.save")} more=${html`<${Button} onClick=${reset}>${t("connection.reset")}<//>`}>
      <${Section} title=${t("connection.settings")}>
        <${Field} label=${t("connections.name")} error=${problem?.of?.("name")} required=${true}>
          ${(props) => html`<input type="text" ...${props} value=${name} onInput=${(event) => setName(event.target.value)} />`}
        <//>
        <${Inputs} schema=${schema} draft=${draft} change=${setDraft} path="settings" errors=${errors} />
      <//>
      ${wanted.length > 0 && html`
        <${Section} title=${t("connection.credentials")}><p>${t("connection.moved")}</p>
          <${Inputs} schema=${needed} draft=${entered} change=${setEntered} path="credentials" errors=${errors} /><//>`}
    <//>`;
}

function moved(settings, stored, system) {
  const address = settings[system]?.base_url;
  return address !== undefined && address !== stored[system]?.base_url;
}
