// Turns a checked profile file into what decoding and routing need, so that no message has to look at YAML again.
import type { ReadingKind, Reason } from "../core/reading.ts";
import { type Pointer, parsePointer } from "./pointer.ts";
import type { ConditionEntry, MessageEntry, ProfileEntry, ProfileFile, ReadEntry, SplitEntry } from "./schema.ts";
import type { Conversion } from "./value.ts";

/** A topic pattern cut at its placeholder: `before` + the device's topic + `after`, where `after` may hold wildcards. */
export type Pattern = { readonly text: string; readonly before: string; readonly after: string };

export type Condition = {
  readonly at: readonly Pointer[];
  readonly is: ReadonlySet<string> | null;
  readonly present: boolean;
};
export type Rule = {
  readonly at: readonly Pointer[];
  readonly when: readonly Condition[];
  readonly unless: readonly Condition[];
  /** Where the value's own time stands; empty: it has the message's. */
  readonly time: readonly Pointer[];
  readonly conversion: Conversion;
};

export type Message = {
  readonly on: readonly Pattern[];
  readonly as: "json" | "text" | "either";
  readonly key: "last-level" | "levels" | null;
  readonly when: readonly Condition[];
  readonly unless: readonly Condition[];
  readonly time: readonly Pointer[];
  readonly once: { readonly at: readonly (readonly Pointer[])[]; readonly withinMs: number } | null;
  readonly verdict: Verdict;
};
type Verdict =
  | { readonly kind: "read"; readonly rules: readonly Rule[] }
  | { readonly kind: "ignored" | "dropped"; readonly reason: Reason };

/** How a message that speaks of several devices is taken apart (profiles/split.ts). `each`: the group, without its last `*`. */
export type Split = {
  readonly on: string;
  readonly to: string | null;
  readonly each: Pointer | null;
  readonly by: readonly (readonly Pointer[])[];
  readonly where: readonly Condition[];
};

export type Profile = {
  readonly id: string;
  readonly family: string;
  readonly title: string;
  /** last: only where no other profile reads the topic. */
  readonly auto: boolean | "last";
  readonly kinds: readonly ReadingKind[];
  readonly topic: string;
  readonly publish: readonly Pattern[];
  readonly commands: readonly Pattern[];
  readonly holdMs?: number;
  readonly staleAfterMs: number;
  readonly setup: readonly string[];
  readonly messages: readonly Message[];
  readonly lamp: { readonly topic: Pattern; readonly on: string; readonly off: string } | null;
};

export type Family = {
  readonly id: string;
  readonly title: string;
  readonly about: string | null;
  readonly brands: readonly string[];
  readonly bridge: {
    readonly base: string;
    readonly setup: readonly string[];
    readonly likely: readonly string[];
    readonly messages: readonly Message[];
  } | null;
  readonly splits: readonly Split[];
  readonly profiles: readonly Profile[];
};

/** Most battery sensors speak within the hour; a day without a word is late for all of them. */
const STALE_AFTER_S = 86_400;

/** `family` is the file's name without its ending. Rules that are used but not written were refused by the loader. */
export function compileFamily(family: string, file: ProfileFile): Family {
  const profiles = Object.entries(file.profiles).map(([name, entry]) =>
    compileProfile({ id: `${family}/${name}`, family, entry, file }),
  );
  const { bridge } = file;
  return {
    id: family,
    title: file.title,
    about: file.about ?? null,
    brands: file.brands ?? [],
    bridge:
      bridge === undefined
        ? null
        : { ...bridge, messages: bridge.messages.map((message) => compileMessage(message, file)) },
    splits: file.split.map(compileSplit),
    profiles,
  };
}

/** Cuts a pattern at `{topic}` or `{base}`; the schema has checked that it stands there once. */
export function compilePattern(text: string): Pattern {
  const [before = "", after = ""] = text.split(/\{topic\}|\{base\}/);
  return { text, before, after };
}

/** The rules a message reads by, with the names under `use` written out. */
export function rulesOf(message: MessageEntry, file: ProfileFile): readonly ReadEntry[] {
  return (message.read ?? []).flatMap((item) => ("use" in item ? (file.rules[item.use] ?? []) : [item]));
}

function compileProfile({
  id,
  family,
  entry,
  file,
}: {
  id: string;
  family: string;
  entry: ProfileEntry;
  file: ProfileFile;
}): Profile {
  const messages = [...entry.messages, ...file.common];
  const holdS = entry.holdS ?? file.holdS;
  const lamp = entry.lamp ?? file.lamp;
  const topics = messages.flatMap(({ on }) => (typeof on === "string" ? [on] : on));
  return {
    id,
    family,
    title: entry.title,
    auto: entry.auto ?? false,
    kinds: [...new Set(messages.flatMap((message) => rulesOf(message, file).map(({ kind }) => kind)))],
    topic: entry.topic ?? file.topic ?? (file.bridge === undefined ? "{id}" : "{base}/{id}"),
    publish: [...new Set(entry.publish ?? file.publish ?? topics)].map(compilePattern),
    commands: (entry.commands ?? file.commands ?? []).map(compilePattern),
    ...(holdS !== undefined && { holdMs: holdS * 1000 }),
    staleAfterMs: (entry.staleAfterS ?? file.staleAfterS ?? STALE_AFTER_S) * 1000,
    setup: [...file.setup, ...(entry.setup ?? [])],
    messages: messages.map((message) => compileMessage(message, file)),
    lamp: lamp === undefined ? null : { ...lamp, topic: compilePattern(lamp.topic) },
  };
}

function compileSplit({ on, to, each, by = [], where = [] }: SplitEntry): Split {
  return {
    on,
    to: to ?? null,
    each: each === undefined ? null : parsePointer(each).slice(0, -1),
    by: by.map(compilePointers),
    where: where.map(compileCondition),
  };
}

function compileMessage(message: MessageEntry, file: ProfileFile): Message {
  const { on, as, key, when, unless, time, once, ignore, drop } = message;
  return {
    on: (typeof on === "string" ? [on] : on).map(compilePattern),
    as,
    key: key ?? null,
    when: (when ?? []).map(compileCondition),
    unless: (unless ?? []).map(compileCondition),
    time: compilePointers(time ?? []),
    once: once === undefined ? null : { at: once.at.map(compilePointers), withinMs: once.withinS * 1000 },
    verdict:
      ignore !== undefined
        ? { kind: "ignored", reason: ignore }
        : drop !== undefined
          ? { kind: "dropped", reason: drop }
          : { kind: "read", rules: rulesOf(message, file).map(compileRule) },
  };
}

function compileRule({ at, when, unless, time, map, ...conversion }: ReadEntry): Rule {
  const entries =
    map === undefined ? null : new Map(Object.entries(map).map(([text, value]) => [text.toLowerCase(), value]));
  return {
    at: compilePointers(at),
    when: (when ?? []).map(compileCondition),
    unless: (unless ?? []).map(compileCondition),
    time: compilePointers(time ?? []),
    conversion: { ...conversion, map: entries },
  };
}

function compileCondition({ at, is, present }: ConditionEntry): Condition {
  const values =
    is === undefined ? null : new Set((Array.isArray(is) ? is : [is]).map((value) => String(value).toLowerCase()));
  return { at: compilePointers(at), is: values, present: present ?? true };
}

function compilePointers(at: string | readonly string[]): readonly Pointer[] {
  return (typeof at === "string" ? [at] : at).map(parsePointer);
}
