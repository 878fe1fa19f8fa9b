/** A connection's credentials: who entered them and when, and new ones; what is stored is never shown. */

import { all, at, patch } from "../api.js";
import { Form, Inputs } from "../form.js";
import { Button, html, Loaded, may, say, Section, t, useAct, useLoad, useState, useTurn, When } from "../kit.js";
import { draftOf, schemas, valueOf } from "../schema.js";

export function Credentials({ connection, again }) {
  const path = at("connections", connection.connection_id, "changes");
  const known = useLoad(() => Promise.all([schemas(), all(path)]), [connection.updated_at]);
  return html`
    <p>${t("credentials.never")} ${t(may("admin") ? "credentials.replace" : "credentials.who")}</p>
    <${Loaded} of=${known}>${([{ connections }, changes]) => {
      const { properties } = connections[connection.kind].new.properties.credentials;
      return systemsOf(connections[connection.kind], connection).map((system) => html`
        <${System} key=${system} schema=${properties[system]} entered=${lastOf(changes, system)}
          ...${{ connection, again, system }} />`);
    }}<//>`;
}

/** Of several packages the one that the connection has. */
function systemsOf(forms, connection) {
  const packages = forms.settings.properties.package?.enum ?? [];
  const every = Object.keys(forms.new.properties.credentials.properties);
  return every.filter((one) => !packages.includes(one) || one === connection.settings.package);
}

/** The newest change that entered something of the system. */
function lastOf(changes, system) {
  return changes.find((change) => change.fields.some((field) => field.startsWith(`credentials.${system}.`)));
}

function System({ connection, again, system, schema, entered }) {
  const [open, setOpen] = useState(false);
  const [draft, setDraft] = useState(() => draftOf(schema));
  const name = t(`system.${system}`);
  const [save, busy, problem] = useAct(async () => {
    const credentials = { [system]: valueOf(schema, draft, true) };
    const answer = await patch(at("connections", connection.connection_id), { credentials });
    leave();
    await again();
    say(t(answer.status === "attention" ? "credentials.refused" : "credentials.saved", { name }));
  });
  const place = useTurn(open);
  const leave = () => (setOpen(false), setDraft(draftOf(schema)));
  const where = `credentials.${system}`;
  const replace = html`
    <${Button} aria-label=${t("credentials.change-one", { name })} onClick=${() => setOpen(true)}>${t("credentials.change")}<//>`;
  return html`
    <${Section} title=${name} within=${place} actions=${may("admin") && !open && replace}>
      <p>${entered
        ? html`${t("credentials.entered", { who: entered.who })} <${When} at=${entered.at} exact=${true} />`
        : t("credentials.none")}</p>
      ${open && html`
        ${schema.description && html`<p class="fine">${schema.description}</p>`}
        <${Form} problem=${problem} paths=${[where]} submit=${save} busy=${busy} text=${t("credentials.save")}
          more=${html`<${Button} onClick=${leave}>${t("state.cancel")}<//>`}>
          <${Inputs} schema=${schema} draft=${draft} change=${setDraft} path=${where} errors=${problem?.errors} />
        <//>`}
    <//>`;
}
