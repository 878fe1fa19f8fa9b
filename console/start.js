/** Starting a run by hand: connection, flow, and the options that its flow takes, as the API's document has them. */

import { at, connections, post } from "./api.js";
import { Form, Inputs } from "./form.js";
import { Button, Dialog, Field, Loaded, go, html, link, t, useAct, useLoad, useState } from "./kit.js";
import { draftOf, schemas, valueOf } from "./schema.js";

/** A dialogue that starts a run of `mode` ("preview" or "sync") and goes to it; what is known already is chosen. */
export function StartRun({ mode, connection, flow, close }) {
  const known = useLoad(() => Promise.all([connections(), schemas()]), []);
  return html`
    <${Dialog} title=${t(`start.${mode}`)} close=${close}>
      <${Loaded} of=${known} empty=${([all]) => !all.length && t("start.none")}>${([all, { orders }]) => html`
        <${Order} mode=${mode} all=${all} orders=${orders} given=${{ connection, flow }} close=${close} />`}<//>
    <//>`;
}

function Order({ mode, all, orders, given, close }) {
  const [chosen, setChosen] = useState(given.connection ?? all[0].connection_id);
  const [named, setFlow] = useState(given.flow);
  const of = all.find((one) => one.connection_id === chosen) ?? all[0];
  const flow = of.flows.includes(named) ? named : of.flows[0];
  const schema = orders[flow].properties.options;
  // The options of each flow by themselves, so that they are still there when somebody comes back to it.
  const [drafts, setDrafts] = useState({});
  const draft = drafts[flow] ?? draftOf(schema);
  const [start, busy, problem] = useAct(async () => {
    const order = { flow, mode, options: valueOf(schema, draft) ?? {} };
    const run = await post(at("connections", of.connection_id, "runs"), order);
    close();
    go(run.mode === "preview" ? link("runs", run.run_id, "plan") : link("runs", run.run_id));
  });
  const paths = Object.keys(schema.properties).map((name) => `options.${name}`);
  return html`
    <${Form} problem=${problem} paths=${paths} submit=${start} busy=${busy} text=${t(`start.${mode}`)}
      more=${html`<${Button} onClick=${close}>${t("state.cancel")}<//>`}>
      <${Field} label=${t("start.connection")}>${(props) => html`
        <select ...${props} value=${of.connection_id} onChange=${(event) => setChosen(event.target.value)}>
          ${all.map((one) => html`<option key=${one.connection_id} value=${one.connection_id}>${one.name}</option>`)}</select>`}<//>
      <${Field} label=${t("start.flow")}>${(props) => html`
        <select ...${props} value=${flow} onChange=${(event) => setFlow(event.target.value)}>
          ${of.flows.map((one) => html`<option key=${one} value=${one}>${t.maybe(`flow.${one}`) ?? one}</option>`)}</select>`}<//>
      <${Inputs} key=${flow} schema=${schema} draft=${draft} path="options" errors=${problem?.errors}
        change=${(next) => setDrafts({ ...drafts, [flow]: next })} />
      <p class="fine">${t(`start.${mode}-means`)}</p>
    <//>`;
}
