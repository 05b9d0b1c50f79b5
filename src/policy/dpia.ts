// The start of an impact assessment (GDPR, Article 35): what the policy and the program can say of themselves, which risks the
// policy's own rules bring, and what people have to answer. It says where nothing lessens a risk, too.
import type { Language, MessageKey } from "../languages/say.ts";
import type { Policy } from "../settings/schema.ts";
import { HOURS_MAX } from "./camera-words.ts";
import { riskLines } from "./dpia-risks.ts";
import {
  type Cameras,
  camerasOn,
  fill,
  type Paper,
  type PaperLine,
  type PaperOf,
  purposeLines,
  says,
} from "./paper.ts";
import { controllerLines, recipientLines } from "./record.ts";
import { type PolicyWords, policyWords } from "./words.ts";

/** The assessment's start in one language. */
export function dpiaOf(of: PaperOf, language: Language): Paper {
  const { policy, sha256, today, receivers, cell } = of;
  const { say } = language;
  const cameras = camerasOn(today, policy);
  const words = policyWords({ policy, language, today, ...(cell !== undefined && { cell }) });
  const section = (id: string, key: MessageKey, lines: readonly PaperLine[]) => ({ id, title: say(key), lines });
  return {
    title: say("dpia.title"),
    lead: say("dpia.lead"),
    language: language.tag,
    day: today,
    policy: sha256,
    sections: [
      section("controller", "record.controller", controllerLines(policy, language)),
      section("description", "dpia.description", descriptionLines(policy, { cameras, words, language })),
      section("recipients", "record.recipients", recipientLines(receivers, language)),
      section("necessity", "dpia.necessity", [
        ...(cameras.length === 0 ? [says(say("dpia.necessity-no-camera"))] : []),
        ...[...(words.quiet?.sentences ?? []), ...words.kept.sentences].map(says),
        fill(say("dpia.fill-necessity")),
      ]),
      section("risks", "dpia.risks", riskLines(policy, { cameras, words, language })),
      ...(cameras.length === 0 ? [] : [section("measured", "dpia.measured", measuredLines(cameras, language))]),
      section(
        "open",
        "dpia.open",
        OPEN.map((key) => fill(say(key))),
      ),
    ],
    foot: say("record.foot", { day: language.day(today), digest: sha256.slice(0, 12) }),
  };
}

const OPEN = [
  "record.fill-legal",
  "dpia.open-asked",
  "dpia.open-children",
  "dpia.open-officer",
  "dpia.open-left",
  "dpia.open-review",
] as const;

type By = { readonly cameras: Cameras; readonly words: PolicyWords; readonly language: Language };

function descriptionLines(policy: Policy, { cameras, words, language }: By): readonly PaperLine[] {
  const { say } = language;
  return [
    ...words.noticed.sentences.map(says),
    ...purposeLines(cameras, policy, language),
    ...cameras.flatMap(([camera, { snapshotsPerDay, retentionHours, until }]): PaperLine[] => [
      { kind: "says", text: say("policy.camera-per-day", { count: snapshotsPerDay }), camera },
      {
        kind: "says",
        text: say("policy.camera-hours", { time: language.hours(Math.min(retentionHours, HOURS_MAX)) }),
        camera,
      },
      { kind: "says", text: say("policy.camera-until", { day: language.day(until) }), camera },
    ]),
    ...(cameras.length === 0 ? [] : [says(say("dpia.camera-trigger"))]),
    ...words.never.sentences.map(says),
  ];
}

const MEASURED = [
  "dpia.measured-lead",
  "dpia.measured-large",
  "dpia.measured-middle",
  "dpia.measured-small",
  "dpia.measured-smaller",
  "dpia.measured-dark",
  "dpia.measured-turned",
] as const;

/** The figures stand in the project's README, with how they were measured. */
function measuredLines(cameras: Cameras, { say }: Language): readonly PaperLine[] {
  const own = cameras.filter(([, { redact }]) => redact.model !== undefined);
  return [
    ...(own.length === cameras.length ? [] : MEASURED.map((key) => says(say(key)))),
    ...own.map(([camera]) => says(say("dpia.measured-own", { camera }))),
    fill(say("dpia.fill-measured")),
  ];
}
