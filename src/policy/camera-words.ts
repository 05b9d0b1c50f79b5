// What was agreed of one camera, in plain words of one language. A new rule does not compile until it is worded here.
import { LIMITS } from "../core/limits.ts";
import type { Language } from "../languages/say.ts";
import type { CameraPolicyEntry, Policy } from "../settings/schema.ts";
import { type Said, sayChange } from "./change.ts";
import type { Redact } from "./compare-cameras.ts";
import { PAPER_LIMITS } from "./paper-limits.ts";
import { shortened } from "./plain.ts";
import { purposeIn } from "./paper.ts";

/** `purpose`: with the language it is written in, which may be another. `isOver`: its last day is over, and it does not look. */
export type CameraWords = {
  readonly id: string;
  readonly purpose: { readonly text: string; readonly language: string };
  readonly isOver: boolean;
  readonly sentences: readonly string[];
};

type Motion = Policy["events"]["motion"];
type Reader = {
  readonly language: Language;
  readonly languages: Policy["languages"];
  readonly today: string;
  readonly motion: Motion["mode"];
};
type Word<T> = (rules: T, by: Reader) => readonly Said[];

/** `languages`: of the policy, in which its purpose is looked for next. `today`: YYYY-MM-DD at the site. `motion`: how it is told. */
export function cameraWords(id: string, camera: CameraPolicyEntry, by: Reader): CameraWords {
  const { words, language } = purposeIn(camera.purpose, [by.language.tag, ...by.languages]);
  return {
    id,
    purpose: { text: shortened(words, PAPER_LIMITS.purposeChars), language },
    isOver: isOver(camera, by),
    sentences: Object.values(isOver(camera, by) ? WORDS_OVER : WORDS).flatMap((word) =>
      word(camera, by).map((said) => sayChange(said, by.language)),
    ),
  };
}

const REDACT_WORDS: { readonly [K in keyof Redact]-?: Word<Redact> } = {
  level: ({ level }) => [
    { key: "sign.faces" },
    ...(level === "thorough" ? [{ key: "policy.camera-thorough" } as const] : []),
    ...(level === "strict" ? [{ key: "policy.camera-strict" } as const] : []),
  ],
  persons: ({ persons }) => (persons ? [{ key: "policy.camera-persons" }] : []),
  model: ({ model }) => (model === undefined ? [] : [{ key: "policy.camera-own-model" }]),
  // Said with persons: alone it does nothing.
  personModel: () => [],
  whenUnsure: ({ whenUnsure }) => [
    { key: whenUnsure === "mosaic" ? "policy.camera-unsure-mosaic" : "policy.camera-unsure-withhold" },
  ],
};

const WORDS: { readonly [K in keyof CameraPolicyEntry]-?: Word<CameraPolicyEntry> } = {
  // It stands above the sentences, in its own language.
  purpose: () => [],
  until: ({ until }) => [{ key: "policy.camera-until", values: { day: { day: until } } }],
  snapshotsPerDay: ({ snapshotsPerDay }, { motion }) => [
    { key: "policy.camera-per-day", values: { count: snapshotsPerDay } },
    // Where each movement is told, a picture says nothing more of it.
    ...(motion === "each" || snapshotsPerDay === 0 ? [] : [{ key: "policy.camera-tells" } as const]),
  ],
  redact: ({ redact }, by) => Object.values(REDACT_WORDS).flatMap((word) => word(redact, by)),
  masks: ({ masks }, { language }) => {
    const names = language.list(masks.map(({ name }) => shortened(name, PAPER_LIMITS.nameChars)));
    return masks.length === 0 ? [] : [{ key: "policy.camera-masks", values: { count: masks.length, names } }];
  },
  retentionHours: ({ retentionHours }) => [
    { key: "policy.camera-hours", values: { time: { hours: Math.min(retentionHours, HOURS_MAX) } } },
  ],
};

/** Its pictures may wait for some hours more; of the rest nothing happens any more. */
const WORDS_OVER: Pick<typeof WORDS, "until" | "retentionHours"> = {
  until: ({ until }) => [{ key: "policy.camera-done", values: { day: { day: until } } }],
  retentionHours: WORDS.retentionHours,
};

/** Nothing is kept for longer, whatever the policy says. */
export const HOURS_MAX = LIMITS.eventTtlMs / 3_600_000;

function isOver({ until }: CameraPolicyEntry, { today }: Reader): boolean {
  return until < today;
}
