// What the record of processing and the impact assessment are made of: sections of lines, some for a person to fill in. Content
// only; HTML is made of it in web/paper-page.ts, and `--json` prints it as it is.
import type { Language } from "../languages/say.ts";
import type { CameraPolicyEntry, Policy } from "../settings/schema.ts";
import { PAPER_LIMITS } from "./paper-limits.ts";
import { shortened } from "./plain.ts";

/** `camera`: whose words they are. `language`: of words that are not in the paper's own. Texts are plain, to be escaped. */
export type PaperLine =
  | { readonly kind: "says"; readonly text: string; readonly camera?: string; readonly language?: string }
  | { readonly kind: "fill"; readonly text: string }
  | { readonly kind: "risk"; readonly text: string; readonly measures: readonly string[] };
/** `id` stays the same in each language. */
export type PaperSection = { readonly id: string; readonly title: string; readonly lines: readonly PaperLine[] };

/** `day`: YYYY-MM-DD on which it was made. `policy`: the digest (hex) of what it was made from. */
export type Paper = {
  readonly title: string;
  readonly lead: string;
  readonly language: string;
  readonly day: string;
  readonly policy: string;
  readonly sections: readonly PaperSection[];
  readonly foot: string;
};

/** What a paper is made from. `receivers`: null where gateway.yaml was not given. */
export type PaperOf = {
  readonly policy: Policy;
  readonly sha256: string;
  readonly receivers: readonly Receiver[] | null;
  /** Geohash of the site; null where gateway.yaml says none, undefined where it was not given. */
  readonly cell: string | null | undefined;
  readonly today: string;
};
/** `isEncrypted`: on the way. */
export type Receiver = { readonly host: string; readonly isEncrypted: boolean };

export type Cameras = readonly (readonly [string, CameraPolicyEntry])[];

/** Those that a paper names: their time is not over. */
export function camerasOn(today: string, { cameras }: Policy): Cameras {
  return Object.entries(cameras)
    .filter(([, { until }]) => until >= today)
    .slice(0, PAPER_LIMITS.cameras);
}

/** Receivers by where platforms are reached. */
export function receiversOf(platforms: readonly { readonly url: string }[]): readonly Receiver[] {
  return platforms.map(({ url }) => {
    const { host, protocol } = new URL(url);
    return { host: shortened(host, PAPER_LIMITS.nameChars), isEncrypted: /^(https|mqtts):$/.test(protocol) };
  });
}

export function says(text: string): PaperLine {
  return { kind: "says", text };
}

export function fill(text: string): PaperLine {
  return { kind: "fill", text };
}

/** Each camera's purpose, in the paper's language where it is written in it. */
export function purposeLines(cameras: Cameras, { languages }: Policy, { tag }: Language): readonly PaperLine[] {
  return cameras.map(([camera, { purpose }]) => {
    const { language, words } = purposeIn(purpose, [tag, ...languages]);
    const text = shortened(words, PAPER_LIMITS.purposeChars);
    return { kind: "says", text, camera, ...(language === tag ? {} : { language }) };
  });
}

/** In the first of these languages that it is written in, else in any. */
export function purposeIn(
  purpose: Readonly<Record<string, string>>,
  languages: readonly string[],
): { readonly language: string; readonly words: string } {
  const written = new Map(Object.entries(purpose));
  for (const language of languages) {
    const words = written.get(language);
    if (words !== undefined) return { language, words };
  }
  const [[language, words] = ["en", ""]] = written;
  return { language, words };
}
