// Step 6: everything once more in words, "We have agreed: begin", and the three files to keep.
import type { Language } from "../languages/say.ts";
import { receiversOf } from "../policy/paper.ts";
import type { WordsOn } from "../policy/words.ts";
import type { SiteView } from "../settings/site-commands.ts";
import { mistakeNote } from "./form-parts.ts";
import { type Html, html, named, plainText, withoutControls } from "./html.ts";
import { publicWords } from "./public-policy.ts";
import { backToSteps } from "./setup-parts.ts";
import { signCard } from "./setup-sign.ts";
import type { SetupStep } from "./setup-steps.ts";

/** `missing`: steps without which nothing may begin. `today`: YYYY-MM-DD at the site. */
type Shown = {
  readonly view: SiteView;
  readonly missing: readonly SetupStep[];
  readonly today: string;
  readonly mistake?: string | undefined;
};

export function finishPage({ view, missing, today, mistake }: Shown, language: Language): Html {
  const { say } = language;
  const { policy, platform, gateway } = view;
  const isDraft = policy.draft;
  return html`${backToSteps(language)}<h1>${say(isDraft ? "setup.finish-title" : "setup.policy-title")}</h1>
${mistakeNote(mistake)}
${isDraft ? html`<p class="lead">${say("setup.finish-lead")}</p>${missingPart(missing, language)}` : donePart(language)}
<div class="columns agreed"><section aria-label="${say("setup.policy-title")}">${words({ policy, cell: gateway.cell ?? null, today }, language)}
<p class="card card-text">${goesTo(platform, language)}</p>
${isDraft && missing.length === 0 ? html`<p><a class="button" href="/setup/begin">${say("setup.finish-begin")}</a></p>` : null}</section>
<section aria-labelledby="sign-title"><h2 id="sign-title" class="first">${say("setup.policy-sign")}</h2>
${signCard({ policy, platform, today }, language)}
<p class="muted">${say(isDraft ? "setup.finish-sign-later" : "setup.finish-sign-help")}</p>
${isDraft ? null : html`<p><a class="button" href="/sign">${say("setup.finish-sign")}</a></p>`}
${filesPart(language)}</section></div>`;
}

/** The second question: after it what allows more takes its notice. */
export function beginPage({ say }: Language): Html {
  return html`<div class="narrow"><h1>${say("setup.finish-sure-title")}</h1>
<p class="lead">${say("setup.finish-sure")}</p>
<form method="post" action="/setup/begin" class="actions"><button>${say("setup.finish-sure-yes")}</button><a class="button quiet" href="/setup/finish">${say("setup.finish-cancel")}</a></form></div>`;
}

function missingPart(missing: readonly SetupStep[], { say }: Language): Html | null {
  if (missing.length === 0) return null;
  return html`<div class="card card-text late"><p><b>${say("setup.finish-missing")}</b></p><ul>${missing.map(({ name, said }) => html`<li><a href="/setup/${name}">${say(`setup.step-${name}`)}</a><br>${said}</li>`)}</ul></div>`;
}

function donePart({ say }: Language): Html {
  return html`<p class="done" role="status">${say("setup.finish-done")}</p><p><a class="button" href="/">${say("setup.finish-status")}</a></p>`;
}

function words(
  of: Parameters<typeof publicWords>[2] & { readonly policy: SiteView["policy"] },
  language: Language,
): Html {
  const { noticed, cameras, quiet, kept, outside, never } = publicWords({ ...of.policy, draft: false }, language, of);
  const list = ({ title, sentences }: WordsOn, isFirst = false) =>
    html`<h2${isFirst ? html` class="first"` : null}>${title}</h2><div class="card card-text"><ul>${sentences.map((said) => html`<li>${withoutControls(said)}</li>`)}</ul></div>`;
  return html`${list(noticed, true)}${cameras.each.length === 0 ? list(cameras) : html`<h2>${cameras.title}</h2>`}${cameras.each.map(
    ({ id, purpose, sentences }) =>
      html`<div class="card card-text"><h3>${named(id)}</h3><p lang="${purpose.language}" dir="auto">${plainText(purpose.text)}</p><ul>${sentences.map((said) => html`<li>${withoutControls(said)}</li>`)}</ul></div>`,
  )}${quiet === null ? null : list(quiet)}${list(kept)}${list(outside)}${list(never)}`;
}

function goesTo(platform: SiteView["platform"], { say, list }: Language): string {
  if (platform.length === 0) return say("setup.finish-platform-none");
  return say("setup.finish-platform", { platforms: list(receiversOf(platform).map(({ host }) => host)) });
}

function filesPart({ say }: Language): Html {
  return html`<h2>${say("setup.finish-files")}</h2><div class="card card-text"><p>${say("setup.finish-files-help")}</p><ul>${(["gateway", "policy", "kit"] as const).map((name) => html`<li><a href="/setup/files/${name}.yaml" download>${say(`setup.finish-file-${name}`)}</a></li>`)}</ul></div>`;
}
