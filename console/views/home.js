/** The overview: every connection and flow, those that need somebody on top. */

import { Page, html, t } from "../kit.js";

export default function Home() {
  return html`<${Page} title=${t("home.title")} />`;
}
