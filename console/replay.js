/** The replay of a run, or of some of its records: first what it would do, then that. */

import { at, get, post } from "./api.js";
import {
  Button, Dialog, Empty, Loading, Outcomes, Progress, Reason, Trouble,
  go, html, link, say, t, useAct, useLoad, useState,
} from "./kit.js";
import { Briefly } from "./records.js";
import { inProgress, untilEnded } from "./runs.js";

const SHOWN = 20;

/** What of a run can be replayed, the likeliest first: `{text, body}`, the body being the API's. */
export function scopes(run, selected) {
  const wrong = run.counts.failed + run.counts.blocked;
  const reasons = (run.reasons ?? []).filter((one) => ["failed", "blocked"].includes(one.outcome));
  return [
    selected.length > 0 && { text: t("replay.selected", { n: selected.length }), body: { records: selected } },
    wrong > 0 && { text: t("replay.wrong", { n: wrong }), body: { outcomes: ["failed", "blocked"] } },
    ...reasons.map((one) => ({ text: t("replay.reason", { code: one.code, n: one.count }), body: { reasons: [one.code] } })),
    { text: t("replay.whole"), body: {} },
  ].filter(Boolean);
}

/** Whether a preview says that there is nothing to write. */
const useless = (preview) => preview.estimate?.would_write === 0;
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

/** The dialogue, which begins with the scope `begin`; `selected` are the ids of the records with a mark. */
export function Replay({ run, selected, begin, close }) {
  const [body, setBody] = useState(begin);
  const [preview, setPreview] = useState(null);
  const [ask, asking, refused] = useAct(async () => setPreview(await post(at("runs", run.run_id, "replay"), { ...body, preview: true })));
  const [replay, replaying, problem] = useAct(async () => {
    const made = await post(at("runs", run.run_id, "replay"), body);
    if (made.joined) say(t("home.joined"));
    close();
    go(link("runs", made.run_id));
  });
  const told = useLoad((signal) => preview && toldOf(preview.run_id, signal), [preview?.run_id],
    (data) => untilEnded(data?.run));
  const ended = preview && told.data && !inProgress(told.data.run);
  const one = body.records?.length === 1;
  const options = one && !selected.includes(body.records[0])
    ? [{ text: t("replay.one", { id: body.records[0] }), body }] : scopes(run, selected);
  const actions = html`
    <${Button} onClick=${close}>${t("state.cancel")}<//>
    ${!preview && html`<${Button} kind="primary" busy=${asking} onClick=${ask}>${t("replay.show")}<//>`}
    ${ended && html`<${Button} kind=${useless(told.data.run) ? "" : "primary"} busy=${replaying} onClick=${replay}>${t("replay.do")}<//>`}`;
  return html`
    <${Dialog} title=${t("replay.title")} close=${close} actions=${actions}>
      ${!preview && html`
        <p>${t("replay.how")}</p>
        <fieldset><legend>${t("replay.which")}</legend>
          ${options.map((option) => html`
            <label class="option" key=${option.text}><input type="radio" name="scope" checked=${same(option.body, body)}
              onChange=${() => setBody(option.body)} /> ${option.text}</label>`)}
        </fieldset>
        <${Trouble} problem=${refused} />`}
      ${preview && html`<${Told} told=${told} id=${preview.run_id} />`}
      <${Trouble} problem=${problem} />
    <//>`;
}

async function toldOf(id, signal) {
  const run = await get(at("runs", id), {}, { signal });
  const ended = !inProgress(run);
  const page = ended ? await get(at("runs", id, "records"), { limit: SHOWN }, { signal }) : { items: [], next_cursor: null };
  return { run, records: page.items, more: page.next_cursor !== null };
}

/** What the preview of the replay says, while it runs and once it has ended. */
function Told({ told, id }) {
  if (told.problem && !told.data) return html`<${Trouble} problem=${told.problem} retry=${told.reload} />`;
  if (!told.data) return html`<${Loading} />`;
  const { run, records, more } = told.data;
  if (inProgress(run)) {
    return html`<p>${t("replay.looking")}</p><${Progress} ...${run.progress} label=${t("run.how-far")} />
      ${run.waits && html`<p>${run.waits.message}</p>`}`;
  }
  return html`
    <${Reason} of=${run.error} />
    ${run.estimate && html`<${Estimate} of=${run.estimate} />`}
    ${useless(run) && html`<p>${t("replay.useless")}</p>`}
    <${Outcomes} counts=${run.counts} />
    ${records.length > 0 ? html`<${Briefly} run=${run} records=${records} />` : html`<${Empty}>${t("replay.nothing")}<//>`}
    <p><a href=${link("runs", id)}>${t(more ? "replay.all" : "replay.open")}</a></p>`;
}

/** What a preview says that it would do and cost. */
export function Estimate({ of }) {
  return html`
    <ul class="plain">
      <li><b>${t("run.would-write", { n: of.would_write })}</b></li>
      ${of.already_right > 0 && html`<li>${t("run.already-right", { n: of.already_right })}</li>`}
      ${of.refused > 0 && html`<li>${t("run.refused", { n: of.refused })}</li>`}
      <li>${t("run.calls-about", { n: of.calls })}</li>
    </ul>`;
}
