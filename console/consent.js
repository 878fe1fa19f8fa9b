/**
 * Connecting and disconnecting, for every kind of connection. Where a system needs a person's consent, its own page
 * is shown in a window of its own, which comes back to `consent` beside this page and hands over what it got (main.js).
 */

import { at, HOME, patch, post } from "./api.js";
import { Ask, Button, Dialog, html, may, say, t, Trouble, useAct, useEffect, useRef, useState } from "./kit.js";

const CHANNEL = "payrelay.consent";
const WINDOW = "popup,width=720,height=800";

/** Kind → the name of its system that needs a consent, by the connection's settings. */
const BY_CONSENT = {
  autovu_accounting: (settings) => settings.package,
  attache_express_leave: () => "attache",
};
// What a new consent may mend.
const ASK_AGAIN = ["CONSENT_NEEDED", "CONSENT_UNKNOWN", "CREDENTIALS_REFUSED"];

/** The system of a connection that needs a consent, such as `quickbooks`; undefined where none does. */
export function consentOf(connection) {
  return BY_CONSENT[connection.kind]?.(connection.settings);
}

/** The name that people know of what a connection is connected to. */
function target(connection) {
  const system = consentOf(connection);
  return system ? t(`system.${system}`) : connection.name;
}

/**
 * The button that connects, with the dialogues that may follow; nothing for those who may not. `done(connection)` is
 * told the answer of the API, which may have the `run_id` of a sync that has begun; `refused()`, that the dialogue is
 * closed after a refusal, which may have changed the connection's status.
 */
export function Connect({ connection, done, refused, kind = "primary" }) {
  const [shown, setShown] = useState(null); // {asking, url} while consent is given, {problem} after
  const [asking, setAsking] = useState(false);
  const page = useRef(null);
  const path = at("connections", connection.connection_id);
  const system = consentOf(connection);
  const name = target(connection);

  const [connect, busy] = useAct(async (body, before) => {
    try {
      await before?.();
      const answer = await post(`${path}/connect`, body);
      setShown(null);
      say(t("consent.connected", { name }));
      done(answer);
    } catch (problem) {
      setShown({ problem });
    }
  });

  // The window has to be opened in the click itself: browsers block those that come later.
  const ask = async () => {
    page.current = globalThis.open("", "_blank", WINDOW);
    setShown({ asking: true });
    setAsking(true);
    try {
      const { consent_url: url } = await post(`${path}/connect`, { redirect_uri: new URL("consent", HOME).href });
      setShown({ asking: true, url });
      page.current?.location.replace(url);
    } catch (problem) {
      page.current?.close();
      setShown({ problem });
    }
    setAsking(false);
  };

  useEffect(() => {
    if (!shown?.url) return;
    const state = new URL(shown.url).searchParams.get("state");
    const channel = new BroadcastChannel(CHANNEL);
    channel.onmessage = ({ data }) => {
      if (data.state !== state) return;
      if (!data.code) return setShown({ problem: refusedBy(name, data) });
      setShown({ finishing: true });
      connect({ code: data.code, state, ...(data.realmId && { realm_id: data.realmId }) });
    };
    return () => channel.close();
  }, [shown?.url]);

  if (!may("admin")) return null;
  const never = connection.status === "not_connected" && !connection.reason;
  return html`
    <${Button} kind=${kind} busy=${busy || asking} onClick=${() => (system && never ? ask() : connect({}))}>
      ${system ? t("consent.connect-to", { name }) : t("consent.connect")}
    <//>
    ${shown && html`
      <${Dialog} title=${t("consent.connect-to", { name })} close=${() => (setShown(null), shown.problem && refused?.())}>
        ${shown.problem
          ? html`<${Stuck} problem=${shown.problem} connection=${connection} connect=${connect} ask=${system && ask} busy=${busy} />`
          : html`<${Waiting} name=${name} shown=${shown} />`}
      <//>`}`;
}

function refusedBy(name, answer) {
  return { title: t("consent.refused", { name }), detail: answer.error_description || answer.error };
}

/** While the person is at the vendor's page. */
function Waiting({ name, shown }) {
  return html`
    <p role="status"><span class="spinner"></span> ${t(shown.finishing ? "consent.finishing" : "consent.waiting", { name })}</p>
    ${shown.url && html`
      <p class="fine">${t("consent.no-window")} <a href=${shown.url} target="_blank" rel="noopener">${t("consent.open", { name })}</a></p>`}`;
}

/** Why it is not connected yet, and the way on. */
function Stuck({ problem, connection, connect, ask, busy }) {
  if (problem.code === "COMPANY_NOT_CHOSEN" && problem.choices?.length) {
    return html`<${Companies} ...${{ problem, connection, connect, busy }} />`;
  }
  if (problem.code === "OTHER_ORGANISATION") {
    return html`
      <${Trouble} problem=${{ ...problem, remedy: t("consent.other") }} />
      <${Button} kind="danger" busy=${busy} onClick=${() => connect({ confirm_organisation: true })}>${t("consent.confirm")}<//>`;
  }
  return html`
    <${Trouble} problem=${problem} />
    <div class="actions">
      ${ask && (!problem.code || ASK_AGAIN.includes(problem.code))
        ? html`<${Button} kind="primary" busy=${busy} onClick=${ask}>${t("consent.ask", { name: target(connection) })}<//>`
        : html`<${Button} busy=${busy} onClick=${() => connect({})}>${t("state.retry")}<//>`}
    </div>`;
}

/** The consent reaches several companies: the settings name the one that is meant, and it stays good. */
function Companies({ problem, connection, connect, busy }) {
  const system = consentOf(connection);
  const choose = (id) => {
    const settings = { [system]: { ...connection.settings[system], company_id: id } };
    connect({}, () => patch(at("connections", connection.connection_id), { settings }));
  };
  return html`
    <p>${t("consent.which", { name: target(connection) })}</p>
    <ul class="plain companies">${problem.choices.map((one) => html`
      <li key=${one.id}><${Button} busy=${busy} onClick=${() => choose(one.id)}>${one.name} <small>${one.id}</small><//></li>`)}
    </ul>`;
}

/** The button that disconnects, which asks first; nothing for those who may not. */
export function Disconnect({ connection, done }) {
  const [asked, setAsked] = useState(false);
  const name = target(connection);
  const [disconnect, busy, problem] = useAct(async () => {
    const answer = await post(at("connections", connection.connection_id, "disconnect"));
    setAsked(false);
    say(t("consent.disconnected", { name }));
    done(answer);
  });
  if (!may("admin")) return null;
  return html`
    <${Button} onClick=${() => setAsked(true)}>${t("consent.disconnect")}<//>
    ${asked && html`
      <${Ask} title=${t("consent.disconnect-from", { name })} text=${t("consent.disconnect")} act=${disconnect}
        close=${() => setAsked(false)} ...${{ busy, problem }}>
        <p>${t("consent.disconnect-why")} ${consentOf(connection) && t("consent.disconnect-consent", { name })}</p><//>`}`;
}
