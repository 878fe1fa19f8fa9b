/** Starting a run by hand: connection, flow, and the options that its flow takes, as the API's document has them. */

import { at, connections, file, post } from "./api.js";
import { Button, Dialog, Field, Loaded, Trouble, go, html, link, t, useAct, useLoad, useState } from "./kit.js";

/** A dialogue that starts a run of `mode` ("preview" or "sync") and goes to it; what is known already is chosen. */
export function StartRun({ mode, connection, flow, close }) {
  const known = useLoad(() => Promise.all([
    connections(),
    file("schemas.json"),
  ]), []);
  return html`
    <${Dialog} title=${t(`start.${mode}`)} close=${close}>
      <${Loaded} of=${known} empty=${([all]) => !all.length && t("start.none")}>${([all, schemas]) => html`
        <${Order} mode=${mode} all=${all} schemas=${schemas} given=${{ connection, flow }} close=${close} />`}<//>
    <//>`;
}

function Order({ mode, all, schemas, given, close }) {
  const [chosen, setChosen] = useState(given.connection ?? all[0].connection_id);
  const of = all.find((one) => one.connection_id === chosen) ?? all[0];
  const [named, setFlow] = useState(given.flow);
  const flow = of.flows.includes(named) ? named : of.flows[0];
  const [options, setOptions] = useState({});
  const [start, busy, problem] = useAct(async () => {
    const run = await post(at("connections", of.connection_id, "runs"), { flow, mode, options });
    close();
    go(run.mode === "preview" ? link("runs", run.run_id, "plan") : link("runs", run.run_id));
  });
  const fields = Object.entries(optionsOf(schemas, flow));
  const elsewhere = problem && !fields.some(([name]) => wrong(problem, name));
  return html`
    <form onSubmit=${(event) => (event.preventDefault(), start())}>
      <${Field} label=${t("start.connection")}>${(props) => html`
        <select ...${props} value=${of.connection_id} onChange=${(event) => (setChosen(event.target.value), setOptions({}))}>
          ${all.map((one) => html`<option key=${one.connection_id} value=${one.connection_id}>${one.name}</option>`)}</select>`}<//>
      <${Field} label=${t("start.flow")}>${(props) => html`
        <select ...${props} value=${flow} onChange=${(event) => (setFlow(event.target.value), setOptions({}))}>
          ${of.flows.map((one) => html`<option key=${one} value=${one}>${t.maybe(`flow.${one}`) ?? one}</option>`)}</select>`}<//>
      ${fields.map(([name, schema]) => html`
        <${Option} key=${flow + name} name=${name} schema=${schema} error=${wrong(problem, name)} value=${options[name]}
          choose=${(value) => setOptions({ ...options, [name]: value })} />`)}
      <${Trouble} problem=${elsewhere ? problem : null} />
      <p class="fine">${t(`start.${mode}-means`)}</p>
      <div class="actions"><button type="submit" class="primary" disabled=${busy}>${t(`start.${mode}`)}</button>
        <${Button} onClick=${close}>${t("state.cancel")}<//></div>
    </form>`;
}

function wrong(problem, name) {
  return problem?.errors?.find((error) => [`options.${name}`, name].includes(error.field.replace(/[[.]\d.*$/, "")))?.message;
}

function optionsOf(schemas, flow) {
  const named = (schema) => schema.$ref ? schemas.$defs[schema.$ref.split("/").at(-1)] : schema;
  const options = named(schemas.orders[flow] ?? {})?.properties?.options;
  return options ? named(options).properties ?? {} : {};
}

/** One option: a list of words with commas, a day, a choice, or a yes. What is left empty is left out. */
function Option({ name, schema, error, value, choose }) {
  const label = t.maybe(`option.${name}`) ?? name.replaceAll("_", " ");
  const typed = (event) => choose(event.target.value || undefined);
  const words = (event) => {
    const found = event.target.value.split(/[,;\n]/).map((word) => word.trim()).filter(Boolean);
    choose(found.length ? found : undefined);
  };
  const kinds = [schema.type].flat();
  if (kinds.includes("boolean")) {
    return html`<p><label class="option"><input type="checkbox" checked=${value ?? false}
      onChange=${(event) => choose(event.target.checked || undefined)} /><span>${label}<br /><span class="fine">${schema.description}</span></span></label></p>`;
  }
  return html`<${Field} label=${label} help=${schema.description} error=${error}>${(props) => {
    if (schema.enum) {
      return html`<select ...${props} onChange=${typed}><option value="">${t("start.usual")}</option>
        ${schema.enum.filter(Boolean).map((one) => html`<option key=${one} value=${one}>${t.maybe(`option.${name}-${one}`) ?? one}</option>`)}</select>`;
    }
    if (kinds.includes("array")) return html`<input ...${props} onChange=${words} />`;
    return html`<input ...${props} type=${schema.format === "date" ? "date" : "text"} onChange=${typed} />`;
  }}<//>`;
}
