/** The keys of apps: who may call the API without a person, and since when nobody has. */

import { all, at, post, remove } from "../api.js";
import { Form, Inputs } from "../form.js";
import { day, time } from "../format.js";
import { Ask, Button, Copied, Dialog, html, Loaded, Page, say, t, Table, useAct, useLoad, useState } from "../kit.js";
import { draftOf, schemas, valueOf } from "../schema.js";

export default function Apps() {
  const found = useLoad(() => all("apps"), []);
  const known = useLoad(schemas, []);
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState(null);
  const [leaving, setLeaving] = useState(null);
  const done = (app) => (setMaking(false), setMade(app), found.reload(true));
  const gone = () => (made?.app_id === leaving.app_id && setMade(null), setLeaving(null), found.reload(true));
  const make = html`<${Button} kind="primary" onClick=${() => setMaking(true)}>${t("apps.new")}<//>`;
  return html`
    <${Page} title=${t("apps.title")} actions=${make}>
      <p>${t("apps.what")}</p>
      ${made && html`
        <div class="notice good" role="status"><strong>${t("apps.once", { name: made.name })}</strong>
          <${Copied} label=${t("apps.key")} text=${made.key} fresh /><p>${t("apps.how")}</p></div>`}
      <${Loaded} of=${found} empty=${(apps) => !apps.length && t("apps.none")}>
        ${(apps) => html`
          <${Table} caption=${t("apps.title")} columns=${columns(setLeaving)} rows=${apps} keyOf=${(one) => one.app_id} />`}
      <//>
      ${making && html`
        <${Dialog} title=${t("apps.new")} close=${() => setMaking(false)}>
          <${Loaded} of=${known}>${({ app }) => html`
            <${New} schema=${app} done=${done} close=${() => setMaking(false)} />`}<//><//>`}
      ${leaving && html`<${Revoke} app=${leaving} close=${() => setLeaving(null)} done=${gone} />`}
    <//>`;
}

function columns(revoke) {
  return [
    { key: "name", title: t("apps.name"), cell: (one) => html`${one.name} <small><code>${one.app_id}</code></small>` },
    { key: "role", title: t("apps.role"), cell: (one) => t(`role.${one.role}`) },
    { key: "made", title: t("apps.made"), cell: (one) => t("apps.made-by", { when: time(one.created_at), who: one.created_by }) },
    { key: "used", title: t("apps.used"), cell: (one) => (one.last_used_on ? day(one.last_used_on) : t("apps.never")) },
    { key: "act", title: t("apps.end"), class: "number", cell: (one) => html`
      <${Button} kind="danger" aria-label=${t("apps.revoke-one", { name: one.name })} onClick=${() => revoke(one)}>
        ${t("apps.revoke")}<//>` },
  ];
}

function New({ schema, done, close }) {
  const [draft, setDraft] = useState(() => draftOf(schema));
  const [make, busy, problem] = useAct(async () => done(await post("apps", valueOf(schema, draft, true))));
  return html`
    <${Form} problem=${problem} paths=${["name", "role"]} submit=${make} busy=${busy} text=${t("apps.make")}
      more=${html`<${Button} onClick=${close}>${t("state.cancel")}<//>`}>
      <${Inputs} schema=${schema} draft=${draft} change=${setDraft} path="" errors=${problem?.errors} />
    <//>`;
}

function Revoke({ app, close, done }) {
  const [act, busy, problem] = useAct(async () => {
    await remove(at("apps", app.app_id));
    say(t("apps.revoked", { name: app.name }));
    done();
  });
  return html`
    <${Ask} title=${t("apps.revoke-one", { name: app.name })} text=${t("apps.revoke")} ...${{ act, busy, problem, close }}>
      <p>${t("apps.revoke-why")}</p><//>`;
}
