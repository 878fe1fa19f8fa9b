import { at, get } from "../api.js";
import { Connect, Disconnect } from "../consent.js";
import { html, Loaded, Page, Status, t, useLoad } from "../kit.js";
export default function Invoices({ connection: id }) {
  const connection = useLoad((signal) => get(at("connections", id), {}, { signal }), [id]);
  return html`<${Page} title=${t("navigation.invoices")}><${Loaded} of=${connection}>${(one) => html`
    <${Status} of=${one.status} /> ${one.status === "connected" ? html`<${Disconnect} connection=${one} done=${connection.reload} />` : null}
     <${Connect} connection=${one} done=${connection.reload} />`}<//><//>`;
}
