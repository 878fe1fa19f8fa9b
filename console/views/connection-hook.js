/** The login hook: where Express Leave sends its logins, and the secret by which it signs them. */

import { all, at, HOME, post } from "../api.js";
import { Ask, Button, Copied, html, Loaded, may, Section, t, useAct, useLoad, useState, When } from "../kit.js";

export function Hook({ connection }) {
  const path = at("connections", connection.connection_id);
  const address = new URL(`../hooks/login/${connection.connection_id}`, HOME).href;
  const [made, setMade] = useState(null);
  const [asked, setAsked] = useState(false);
  const changes = useLoad(() => all(`${path}/changes`), [made]);
  const [change, busy, problem] = useAct(async () => {
    setMade(await post(`${path}/hook-secret`));
    setAsked(false);
  });
  return html`
    <${Section} title=${t("connection.hook")}>
      <p>${t("hook.what")}</p>
      <${Copied} label=${t("hook.address")} text=${address} />
      ${made && html`<${Made} ...${made} />`}
      <${Loaded} of=${changes}>${(found) => {
        const last = found.find((one) => one.act === "hook_secret_made");
        const text = t(last ? "hook.change" : "hook.make");
        return html`
          <p>${last ? html`${t("hook.made-by", { who: last.who })} <${When} at=${last.at} exact=${true} />` : t("hook.none")}</p>
          ${may("admin")
            ? html`<${Button} kind=${last ? "" : "primary"} onClick=${() => setAsked(true)}>${text}<//>`
            : html`<p class="fine">${t("hook.who")}</p>`}
          ${asked && html`
            <${Ask} title=${text} kind="primary" act=${change} close=${() => setAsked(false)} ...${{ text, busy, problem }}>
              <p>${t(last ? "hook.change-why" : "hook.make-why")}</p><//>`}`;
      }}<//>
    <//>`;
}

function Made({ secret, former_valid_until: former }) {
  return html`
    <div class="notice good" role="status">
      <strong>${t("hook.once")}</strong>
      <${Copied} label=${t("hook.secret")} text=${secret} fresh />
      ${former && html`<p>${t("hook.former")} <${When} at=${former} exact=${true} /></p>`}
    </div>`;
}
