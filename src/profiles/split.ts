// One message that speaks of several devices becomes one message for each: a gateway that lists its sensors, a receiver
// that hears the whole street on one topic. Each part goes on as if it had come on the topic with the device's name below
// it, so that routing, approval and decoding know nothing of this. Pure; never throws.
import { LIMITS } from "../core/limits.ts";
import { covers } from "../core/topics.ts";
import type { Family, Split } from "./compile.ts";
import { allow, parse, textAt } from "./decode.ts";
import { find } from "./pointer.ts";

/** `isPart`: made here; its topic never came over the wire. `leftOut`: devices of the message beyond the bound, told by its last part. */
export type Part = {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly isPart: boolean;
  readonly leftOut?: number;
};

/** A value that stands beside a group is kept up to this length: a longer one is no value to decoding either (profiles/value.ts). */
const PLAIN_CHARS = 64;

/** The parts of a message, or the message itself where none of the families takes it apart. `base`: of the family's bridge. */
export function splitBy(
  families: readonly { readonly family: Family; readonly base: string | null }[],
  whole: { readonly topic: string; readonly payload: Uint8Array },
): readonly Part[] {
  const splits = families
    .flatMap(({ family, base }) => family.splits.map((split) => ({ ...split, base: base ?? family.id })))
    .filter(({ on, base }) =>
      covers(
        on.replace("{base}", () => base),
        whole.topic,
      ),
    );
  if (splits.length === 0 || whole.payload.byteLength > LIMITS.packetBytes) return [{ ...whole, isPart: false }];
  const parsed = parse(whole.payload);
  if (parsed.kind !== "json") return [{ ...whole, isPart: false }];
  for (const split of splits) {
    const to = split.to?.replace("{base}", () => split.base) ?? `${whole.topic}/{name}`;
    const parts = partsOf(split, parsed.value, (name) => to.replace("{name}", () => name), whole);
    if (parts.length > 0) return parts;
  }
  return [{ ...whole, isPart: false }];
}

function partsOf(
  { each, by, where }: Split,
  root: unknown,
  topicOf: (name: string) => string,
  { topic: wholeTopic, payload }: { readonly topic: string; readonly payload: Uint8Array },
): readonly Part[] {
  if (!allow({ when: where, unless: [] }, root)) return [];
  if (each === null) {
    const name = nameOf(root, by);
    return name === null ? [] : [{ topic: topicOf(name), payload, isPart: true }];
  }
  const group = find(root, each);
  if (!group.found || typeof group.value !== "object" || group.value === null) return [];
  const isList = Array.isArray(group.value);
  const around = group.steps.map(([holder, step]) => ({
    beside: Array.isArray(holder) ? null : plainIn(holder),
    step,
  }));
  const parts: Part[] = [];
  const members = Object.entries(group.value);
  const leftOut = Math.max(0, members.length - LIMITS.partsPerMessage);
  for (const [key, member] of members.slice(0, LIMITS.partsPerMessage)) {
    const name = by.length === 0 ? levelOf(key) : nameOf(member, by);
    if (name === null || typeof member !== "object") continue;
    const its = withinReach(member);
    const only = around.reduceRight<unknown>(
      (inner, { beside, step }) => (beside === null ? [inner] : { ...beside, [step]: inner }),
      isList ? [its] : { [key]: its },
    );
    parts.push({ topic: topicOf(name), payload: Buffer.from(JSON.stringify(only)), isPart: true });
  }
  const rest = parts.length === 0 ? null : restOf(group.steps[0]);
  const all = rest === null ? parts : [...parts, { topic: wholeTopic, payload: rest, isPart: false }];
  return leftOut === 0 ? all : all.map((part, index) => (index === all.length - 1 ? { ...part, leftOut } : part));
}

/** The whole without the group, where other groups stand beside it: what the sender says of itself, once. */
function restOf(top: readonly [object, string] | undefined): Buffer | null {
  if (top === undefined || Array.isArray(top[0])) return null;
  const beside = Object.entries(top[0]).filter(([name]) => name !== top[1]);
  return beside.some(([, value]) => isGroup(value))
    ? Buffer.from(JSON.stringify(withinReach(Object.fromEntries(beside))))
    : null;
}

/** The plain values that stand beside the group, such as its time. Other groups are not: each part would be as large as the whole. */
function plainIn(holder: object): Readonly<Record<string, unknown>> {
  const plain = Object.entries(holder).filter(([, value]) => !isGroup(value) && String(value).length <= PLAIN_CHARS);
  return Object.fromEntries(plain.slice(0, LIMITS.partsPerMessage));
}

/** What a profile's pointers can reach of it. JSON is read to any depth, and written to some thousand levels, then it throws. */
function withinReach(value: unknown, depth = 0): unknown {
  if (!isGroup(value)) return value;
  if (depth >= LIMITS.jsonDepth) return null;
  if (Array.isArray(value)) return value.map((each) => withinReach(each, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, withinReach(each, depth + 1)]));
}

function isGroup(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** The values that name the device as levels of a topic, or null where one is missing. */
function nameOf(root: unknown, by: Split["by"]): string | null {
  const names = by.map((at) => textAt(root, at)).map((text) => (text === null ? null : levelOf(text)));
  return names.includes(null) ? null : names.join("/");
}

/** A name as one level of a topic: what MQTT gives a meaning, and what cannot be printed, becomes _. */
function levelOf(text: string): string | null {
  const level = text.slice(0, 64).replaceAll(/[/+#$\p{C}]/gu, "_");
  return level === "" ? null : level;
}
