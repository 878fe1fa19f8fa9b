/** Starting a run by hand: how, and the options that its flow takes, as the API's document has them. */

import { at, post } from "./api.js";
import { Form, Inputs } from "./form.js";
import { Button, Dialog, Loaded, go, html, link, say, t, useAct, useLoad, useState } from "./kit.js";
import { draftOf, schemas, valueOf, without } from "./schema.js";

/** A dialogue that starts a run of a flow and goes to it; `connection` is its id, `mode` what is chosen at first. */
export function StartRun({ connection, flow, mode, close }) {
  const known = useLoad(schemas, []);
  return html`
    <${Dialog} title=${t(`start.${mode}-flow`, { flow: t(`flow.${flow}`) })} close=${close}>
      <${Loaded} of=${known}>${({ orders }) => html`
        <${Order} schema=${orders[flow]} ...${{ connection, flow, mode, close }} />`}<//>
    <//>`;
}

function Order({ connection, flow, mode, schema, close }) {
  const options = schema.properties.options;
  const modes = without(schema, ["flow", "options"]);
  const [how, setHow] = useState(() => draftOf(modes, { mode }));
  const [draft, setDraft] = useState(() => draftOf(options));
  const [start, busy, problem] = useAct(async () => {
    const body = { flow, ...valueOf(modes, how), options: valueOf(options, draft, true) };
    const run = await post(at("connections", connection, "runs"), body);
    say(t(run.joined ? "start.joined" : "start.started"));
    go(run.mode === "preview" ? link("runs", run.run_id, "plan") : link("runs", run.run_id));
  });
  return html`
    <${Form} problem=${problem} paths=${["mode", "options"]} submit=${start} busy=${busy} text=${t(`start.${how.mode}`)}
      more=${html`<${Button} onClick=${close}>${t("state.cancel")}<//>`}>
      <${Inputs} schema=${modes} draft=${how} change=${setHow} path="" errors=${problem?.errors} />
      <${Inputs} schema=${options} draft=${draft} change=${setDraft} path="options" errors=${problem?.errors} />
      <p class="fine">${t(`start.${how.mode}-means`)}</p>
    <//>`;
}
