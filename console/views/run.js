/** A run. */
import { at, get } from "../api.js";
import { Loaded, Page, html, useLoad } from "../kit.js";
import { Records } from "../records.js";

export default function Run({ run: id, query }) {
  const run = useLoad((signal) => get(at("runs", id), {}, { signal }), [id]);
  return html`<${Page} title="Run"><${Loaded} of=${run}>${(data) => html`<${Records} run=${data} query=${query} here=${["runs", id]} />`}<//><//>`;
}
