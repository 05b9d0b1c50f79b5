// decode: untrusted bytes → readings, by a profile. Pure, bounded, and never throws: bad input becomes a reason.
import { LIMITS } from "../core/limits.ts";
import type { Decoded, DecodedReading, ReadingKind, Reason } from "../core/reading.ts";
import { covers } from "../core/topics.ts";
import type { Condition, Message, Pattern, Rule } from "./compile.ts";
import { deviceTime } from "./device-time.ts";
import { isIdentityName } from "./identity.ts";
import { type Found, find, namesNotTouched, type Pointer, type Touched, touch } from "./pointer.ts";
import { asReading, type Converted, convert, textOf } from "./value.ts";

/** What one message brought: the bytes, and the topic with the device's (or bridge's) own topic inside it. */
export type Incoming = { readonly ownTopic: string; readonly topic: string; readonly payload: Uint8Array };

/** Decodes by the first message that fits the topic and whose conditions hold. */
export function decodeBy(messages: readonly Message[], incoming: Incoming): Decoded {
  if (incoming.payload.byteLength > LIMITS.packetBytes) return nothing("too-large");
  let parsed: Parsed = { kind: "unread" };
  for (const message of messages) {
    const pattern = message.on.find((each) => fits(each, incoming));
    if (pattern === undefined) continue;
    const isUnconditional = message.when.length === 0 && message.unless.length === 0;
    if (message.verdict.kind !== "read" && isUnconditional) return nothing(message.verdict.reason);
    parsed = parsed.kind === "unread" ? parse(incoming.payload) : parsed;
    const after = incoming.topic.slice((pattern.before + incoming.ownTopic).length);
    const names = { "last-level": incoming.topic.split("/").slice(-1), levels: after.split("/").slice(1) };
    const root = rootOf(message, parsed, message.key === null ? [] : names[message.key]);
    if (root.kind === "no-root") return nothing(root.reason);
    if (!allow(message, root.value)) continue;
    if (message.verdict.kind !== "read") return nothing(message.verdict.reason, namesNotTouched(root.own, new Map()));
    return read(message, message.verdict.rules, root);
  }
  return nothing("not-mapped", parsed.kind === "json" ? namesNotTouched(parsed.value, new Map()) : []);
}

/** Whether the pattern with the own topic put in reaches the topic. */
export function fits({ before, after }: Pattern, { ownTopic, topic }: Pick<Incoming, "ownTopic" | "topic">): boolean {
  const start = before + ownTopic;
  if (!topic.startsWith(start)) return false;
  const rest = topic.slice(start.length);
  return rest === after || (/[+#]/.test(after) && covers(after, rest));
}

type Parsed =
  | { readonly kind: "unread" }
  | { readonly kind: "json"; readonly value: unknown; readonly text: string }
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "binary" };
/** `own`: what came, without the names it was put below. */
type Root =
  | { readonly kind: "root"; readonly value: unknown; readonly own: unknown }
  | { readonly kind: "no-root"; readonly reason: Reason };

const utf8 = new TextDecoder("utf-8", { fatal: true });

export function parse(payload: Uint8Array): Exclude<Parsed, { kind: "unread" }> {
  let text: string;
  try {
    text = utf8.decode(payload).trim();
  } catch {
    return { kind: "binary" };
  }
  try {
    return { kind: "json", value: JSON.parse(text), text };
  } catch {
    return { kind: "text", text };
  }
}

/** `under`: names that the value is put below, outermost first. */
function rootOf(message: Message, parsed: Parsed, under: readonly string[]): Root {
  if (parsed.kind === "binary" || parsed.kind === "unread") return { kind: "no-root", reason: "not-json" };
  // An empty message is how a retained one is taken back [MQTT-3.3.1-10]: understood, and nothing is said.
  if (parsed.text === "") return { kind: "no-root", reason: "not-mapped" };
  if (message.as === "json" && parsed.kind === "text") return { kind: "no-root", reason: "not-json" };
  const value = message.as === "text" || parsed.kind === "text" ? parsed.text : parsed.value;
  return { kind: "root", own: value, value: under.reduceRight<unknown>((inner, name) => ({ [name]: inner }), value) };
}

function read(
  message: Message,
  rules: readonly Rule[],
  { value: root, own }: Extract<Root, { kind: "root" }>,
): Decoded {
  const readings: DecodedReading[] = [];
  const touched: Touched = new Map();
  const decided = new Set<ReadingKind>();
  const said = timeAt(root, message.time);
  let isBad = false;
  for (const rule of rules) {
    const { at, time, conversion } = rule;
    if (decided.has(conversion.kind) || readings.length >= LIMITS.readingsPerMessage) continue;
    if (!allow(rule, root)) continue;
    const found = findFirst(root, at);
    if (!found.found && conversion.missing === undefined) continue;
    decided.add(conversion.kind);
    const converted: Converted = found.found
      ? convert(found.value, conversion)
      : asReading(conversion.kind, conversion.missing);
    if (converted.kind === "bad") isBad = true;
    if (converted.kind !== "reading") continue;
    touch(touched, found);
    const saidAtMs = timeAt(root, time) ?? said;
    readings.push({ ...converted.reading, ...(saidAtMs !== null && { saidAtMs }) });
  }
  const removed = namesNotTouched(own, touched);
  const once = onceOf(message, root, readings);
  if (readings.length > 0) return { outcome: "readings", readings, removed, ...once };
  if (isBad) return nothing("bad-value", removed);
  return nothing(removed.length > 0 && removed.every(isIdentityName) ? "identity-only" : "not-mapped", removed);
}

/** A second copy has the same counter and the same content: a counter alone may have begun anew. */
function onceOf(
  { once }: Message,
  root: unknown,
  readings: readonly DecodedReading[],
): { readonly once?: { readonly key: string; readonly withinMs: number } } {
  const marks = once?.at.map((at) => textAt(root, at)) ?? [];
  if (once === null || marks.every((mark) => mark === null)) return {};
  const content = readings.map(({ kind, value }) => [kind, value]);
  return { once: { key: JSON.stringify([marks, content]), withinMs: once.withinMs } };
}

function timeAt(root: unknown, at: readonly Pointer[]): number | null {
  const found = findFirst(root, at);
  return found.found ? deviceTime(found.value) : null;
}

/** The text of the first value found, or null. */
export function textAt(root: unknown, at: readonly Pointer[]): string | null {
  const found = findFirst(root, at);
  return found.found ? textOf(found.value) : null;
}

/** The first value that can be one; a group or list is passed over while a later pointer may still find a plain value. */
function findFirst(root: unknown, pointers: readonly Pointer[]): Found {
  let group: Found = { found: false };
  for (const pointer of pointers) {
    const found = find(root, pointer);
    if (found.found && typeof found.value !== "object") return found;
    if (found.found && found.steps.length > 0 && !group.found) group = found;
  }
  return group;
}

/** Whether all conditions of `when` hold, and none of `unless`. */
export function allow(
  { when, unless }: { readonly when: readonly Condition[]; readonly unless: readonly Condition[] },
  root: unknown,
): boolean {
  return when.every((condition) => holds(condition, root)) && !unless.some((condition) => holds(condition, root));
}

function holds({ at, is, present }: Condition, root: unknown): boolean {
  const found = findFirst(root, at);
  if (is === null) return found.found === present;
  return found.found && is.has(textOf(found.value) ?? "");
}

/** Whether a message that became nothing was understood (ignored) or not, or refused (dropped). */
const OUTCOMES: Readonly<Record<Reason, "ignored" | "dropped">> = {
  repeat: "ignored",
  "retained-replay": "ignored",
  history: "ignored",
  "not-mapped": "ignored",
  "bridge-state": "ignored",
  "awaits-approval": "ignored",
  "no-profile": "dropped",
  "not-json": "dropped",
  encrypted: "dropped",
  "too-large": "dropped",
  "identity-only": "dropped",
  "bad-value": "dropped",
};

/** An arrival that became no reading. */
export function nothing(reason: Reason, removed: readonly string[] = []): Decoded {
  return { outcome: OUTCOMES[reason], reason, removed };
}
