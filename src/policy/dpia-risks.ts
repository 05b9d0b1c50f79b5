// Which risks a policy brings for people, each with what it does against it: derived rule by rule, so that a policy that tells more
// reads so. What nothing lessens is said plainly.
import type { Language } from "../languages/say.ts";
import type { Policy } from "../settings/schema.ts";
import { HOURS_MAX } from "./camera-words.ts";
import { countWindowS, permitsLightOfMotion, toldMotion } from "./compare-events.ts";
import { type Cameras, fill, type PaperLine } from "./paper.ts";
import type { PolicyWords } from "./words.ts";

type By = { readonly cameras: Cameras; readonly words: PolicyWords; readonly language: Language };

/** In the order of what weighs most: pictures first. */
export function riskLines(policy: Policy, by: By): readonly PaperLine[] {
  const { say } = by.language;
  const risk = (text: string, measures: readonly string[]): PaperLine => ({
    kind: "risk",
    text,
    measures: measures.length === 0 ? [say("dpia.measure-none")] : measures,
  });
  return [
    ...(by.cameras.length === 0 ? [] : pictureRisks(policy, by).map(({ text, measures }) => risk(text, measures))),
    ...motionRisk(policy, by.language).map(({ text, measures }) => risk(text, measures)),
    ...(policy.events.light && permitsLightOfMotion(policy.events)
      ? [risk(say("dpia.risk-light"), policy.events.motion.mode === "each" ? [] : [say("dpia.measure-light-off")])]
      : []),
    ...(policy.events.light && toldMotion(policy.events).mode !== "each"
      ? [risk(say("dpia.risk-lamp"), [say("dpia.measure-lamp")])]
      : []),
    risk(say("dpia.risk-place"), [...by.words.outside.sentences, ...(by.words.quiet?.sentences ?? [])]),
    risk(say("dpia.risk-theft"), [say("record.security-disk"), ...by.words.kept.sentences]),
    risk(say("dpia.risk-receiver"), [say("record.security-allow")]),
    fill(say("dpia.fill-receiver")),
    risk(say("dpia.risk-watched"), [say("dpia.measure-open"), ...by.words.changes.sentences]),
  ];
}

type Risk = { readonly text: string; readonly measures: readonly string[] };

function pictureRisks({ events }: Policy, { cameras, language }: By): readonly Risk[] {
  const { say } = language;
  const rules = cameras.map(([, rule]) => rule);
  const levels = [...new Set(rules.map(({ redact }) => redact.level))];
  const unsure = [...new Set(rules.map(({ redact }) => redact.whenUnsure))];
  const hours = Math.min(Math.max(...rules.map(({ retentionHours }) => retentionHours)), HOURS_MAX);
  const few = say("dpia.measure-few", {
    count: rules.reduce((sum, { snapshotsPerDay }) => sum + snapshotsPerDay, 0),
    time: language.hours(hours),
  });
  const persons = rules.every(({ redact }) => redact.persons) ? [say("policy.camera-persons")] : [];
  return [
    {
      text: say("dpia.risk-missed"),
      measures: [
        ...levels.map((level) => say(LEVELS[level])),
        ...unsure.map((what) => say(`policy.camera-unsure-${what}`)),
        ...persons,
        few,
      ],
    },
    { text: say("dpia.risk-known"), measures: [few] },
    ...(toldMotion(events).mode === "each" ? [] : [{ text: say("policy.camera-tells"), measures: [few] }]),
    {
      text: say("dpia.risk-windows"),
      measures: cameras.map(([camera, { masks }]) =>
        masks.length === 0
          ? say("dpia.measure-no-masks", { camera })
          : say("dpia.measure-masks", { camera, count: masks.length }),
      ),
    },
  ];
}

const LEVELS = {
  normal: "dpia.measure-stricter",
  thorough: "policy.camera-thorough",
  strict: "policy.camera-strict",
} as const;

function motionRisk({ events }: Policy, { say, seconds }: Language): readonly Risk[] {
  const { timeBucketS } = events;
  const motion = toldMotion(events);
  switch (motion.mode) {
    case "none":
      return [];
    case "each":
      return [
        {
          text: say("dpia.risk-each", { step: seconds(timeBucketS) }),
          measures: [say("dpia.measure-counts-instead")],
        },
      ];
    case "counts": {
      const window = seconds(countWindowS({ timeBucketS }, motion));
      // Counted from one on, a quiet quarter of an hour is told as one movement.
      if (motion.atLeast === 1) return [{ text: say("dpia.risk-each", { step: window }), measures: [] }];
      return [
        {
          text: say("dpia.risk-counts"),
          measures: [say("dpia.measure-counts", { window, least: motion.atLeast })],
        },
      ];
    }
  }
}
