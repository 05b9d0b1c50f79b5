// The way from the first login to the day on which the box begins: six steps, each with its state, to be left and taken up again.
import type { GatewayStatus } from "../core/commands.ts";
import type { Language, MessageKey, MessageValues } from "../languages/say.ts";
import { receiversOf } from "../policy/paper.ts";
import { TO_BE_NAMED } from "../settings/first-files.ts";
import type { GatewaySettings, Policy } from "../settings/schema.ts";
import { type Html, html, plainName, plainText, withoutControls } from "./html.ts";
import type { Icon } from "./icons.ts";
import { badge } from "./parts.ts";

/** What the steps are judged by: the settings as the files say, and the house as it is. */
export type SetupFacts = {
  readonly gateway: Pick<GatewaySettings["gateway"], "name">;
  readonly platform: readonly { readonly url: string }[];
  readonly policy: Pick<Policy, "draft" | "controller">;
  readonly status: Pick<GatewayStatus, "devices" | "cameras">;
};

type State = "done" | "open" | "optional" | "waiting";
export type SetupStep = {
  readonly name: "site" | "platform" | "policy" | "sensor" | "camera" | "finish";
  readonly state: State;
  readonly said: string;
};

export function setupSteps(facts: SetupFacts, language: Language): readonly SetupStep[] {
  const { gateway, platform, policy, status } = facts;
  const heard = status.devices.filter(({ heardAt }) => heardAt !== null).length;
  const hosts = receiversOf(platform).map(({ host }) => host);
  const is = (name: SetupStep["name"], state: State, key: MessageKey, values?: MessageValues): SetupStep => ({
    name,
    state,
    said: language.say(key, values),
  });
  return [
    gateway.name === undefined
      ? is("site", "open", "setup.step-site-open")
      : { name: "site", state: "done", said: plainName(gateway.name) },
    platform.length === 0
      ? is("platform", "optional", "setup.step-platform-open")
      : is("platform", "done", "setup.step-platform-done", { hosts: language.list(hosts) }),
    isControllerNamed(policy)
      ? is("policy", "done", "setup.step-policy-done", { name: plainName(policy.controller.name) })
      : is("policy", "open", "setup.step-policy-open"),
    heard > 0
      ? is("sensor", "done", "setup.step-sensor-done", { count: heard })
      : status.devices.length > 0
        ? is("sensor", "waiting", "setup.step-sensor-waiting")
        : is("sensor", "open", "setup.step-sensor-open"),
    status.cameras.length > 0
      ? is("camera", "done", "setup.step-camera-done", { count: status.cameras.length })
      : is("camera", "optional", "setup.step-camera-open"),
    policy.draft ? is("finish", "open", "setup.step-finish-open") : is("finish", "done", "setup.step-finish-done"),
  ];
}

/** Whether somebody answers for the data: without it nothing may begin. */
export function isControllerNamed({ controller }: Pick<Policy, "controller">): boolean {
  return [controller.name, controller.contact].every((said) => said !== TO_BE_NAMED);
}

/** How far the set-up is, with the way on, for the status page; null once what was agreed holds. */
export function setupCard(facts: SetupFacts, language: Language): Html | null {
  if (!facts.policy.draft) return null;
  const steps = setupSteps(facts, language);
  const done = steps.filter(({ state }) => state === "done").length;
  const { say } = language;
  return html`<section class="card card-text set-up-card" aria-labelledby="set-up-title"><h2 id="set-up-title" class="first">${say("setup.card-title", { done, all: steps.length })}</h2>
${bar(done, steps.length)}
<p>${say("setup.card")}</p>
<p><a class="button" href="/setup/steps">${say("setup.card-go-on")}</a></p></section>`;
}

const LOOKS: Record<State, { readonly look: "good" | "late" | "calm"; readonly shape: Icon }> = {
  done: { look: "good", shape: "ok" },
  open: { look: "late", shape: "stale" },
  optional: { look: "calm", shape: "paused" },
  waiting: { look: "late", shape: "stale" },
};

/** `why`: what hinders writing; `trouble`: why the last change was taken back; null where nothing is. In English. */
type Steps = { readonly facts: SetupFacts; readonly why: string | null; readonly trouble: string | null };

export function stepsPage({ facts, why, trouble }: Steps, language: Language): Html {
  const { say } = language;
  const steps = setupSteps(facts, language);
  const done = steps.filter(({ state }) => state === "done").length;
  const next = steps.find(({ state }) => state === "open") ?? steps.find(({ state }) => state !== "done");
  return html`<div class="reading"><h1>${say("setup.steps-title")}</h1>
<p class="lead">${say(facts.policy.draft ? "setup.steps-lead" : "setup.steps-done")}</p>
${wrong("setup.unwritable", why, language)}${wrong("setup.taken-back", trouble, language)}
<div id="steps" data-live>${bar(done, steps.length)}
<ol class="card rows set-up">${steps.map((step, at) => row(step, { number: at + 1, isNext: step === next }, language))}</ol></div></div>`;
}

function wrong(key: "setup.unwritable" | "setup.taken-back", why: string | null, { say }: Language): Html | null {
  if (why === null) return null;
  return html`<div class="mistake" role="alert"><p>${say(key)}</p><p class="facts" lang="en" dir="ltr">${plainText(why)}</p></div>`;
}

type Row = { readonly number: number; readonly isNext: boolean };

function row({ name, state, said }: SetupStep, { number, isNext }: Row, language: Language): Html {
  const { look, shape } = LOOKS[state];
  return html`<li><a class="row" href="/setup/${name}"${isNext ? html` aria-current="step"` : null}><span class="step-number" aria-hidden="true">${language.number(number)}</span>
<span class="what"><b>${language.say(`setup.step-${name}`)}</b><span class="said">${withoutControls(said)}</span></span>
${badge({ look, shape, word: language.say(`setup.state-${state}`) })}</a></li>`;
}

/** Decoration: the words beside it say the same. */
function bar(done: number, all: number): Html {
  const width = 100 / all;
  return html`<svg class="set-up-bar" viewBox="0 0 100 3" preserveAspectRatio="none" aria-hidden="true" focusable="false">${Array.from(
    { length: all },
    (_, at) =>
      html`<rect x="${at * width + 0.5}" y="0" width="${width - 1}" height="3" class="${at < done ? "is-done" : ""}"/>`,
  )}</svg>`;
}
