// `hedgerow explain`: what the gateway would make of a message and why, by the same code that runs in the gateway.
import type { Command } from "commander";
import { systemClock } from "../core/clock.ts";
import { GatewayError } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import type { Reason } from "../core/reading.ts";
import { loadSettings } from "../settings/load.ts";
import { openKnownProfiles } from "../settings/own-profiles.ts";
import { callerPath } from "./config-file.ts";
import { createExplainer, type Explanation, type Message } from "./explainer.ts";

type Options = {
  readonly topic?: string;
  readonly profile?: string;
  readonly lines?: true;
  readonly json?: true;
  readonly config?: string;
};

/** Adds the command to the program. */
export function addExplain(program: Command): void {
  program
    .command("explain")
    .description("say what the gateway would make of a message (standard input) and why")
    .option("--topic <topic>", "the topic the message was published to")
    .option("--profile <id>", "the device's profile, such as zigbee2mqtt/occupancy; otherwise guessed from the topic")
    .option(
      "--lines",
      'read one JSON object a line: {"topic", "payload", "afterMs"?: since the line before, "retained"?}',
    )
    .option("--config <file>", "take devices and profiles from this gateway.yaml and its kit")
    .option("--json", "answer one JSON object a line")
    .action((options: Options) =>
      explainInput({ options, input: process.stdin, print: (line) => console.log(line), startMs: systemClock.nowMs() }),
    );
}

/** The command itself: reads all of `input`, prints one answer per message. Throws USAGE for a line that is no message. */
export async function explainInput({
  options,
  input,
  print,
  startMs,
}: {
  readonly options: Options;
  readonly input: AsyncIterable<Uint8Array>;
  readonly print: (line: string) => void;
  readonly startMs: number;
}): Promise<void> {
  const { topic, profile, lines = false, json = false } = options;
  if (topic === undefined && !lines) throw new GatewayError("USAGE", "explain needs --topic (or --lines)");
  const settings = options.config === undefined ? null : await loadSettings(callerPath(options.config));
  const { profiles } = await openKnownProfiles(settings?.gateway.profiles);
  if (profile !== undefined && profiles.get(profile) === undefined) {
    throw new GatewayError("USAGE", `there is no profile ${profile}`, {
      hint: `Choose one of: ${profiles.list.map(({ id }) => id).join(", ")}.`,
    });
  }
  const explain = createExplainer({ profiles, kit: settings?.kit ?? null, profile });
  const answer = (message: Message) => {
    const explanation = explain(message);
    print(json ? JSON.stringify(explanation) : inWords(explanation));
  };
  if (lines) await eachLine(input, startMs, topic, answer);
  else
    for (const payload of payloadsOf(await readAll(input)))
      answer({ topic: topic ?? "", payload, atMs: startMs, isReplay: false });
}

/** What each reason means to a person who asks why a sensor is not seen. */
const IN_WORDS: Readonly<Record<Reason, string>> = {
  repeat: "nothing new: the device repeats what it said before",
  "retained-replay": "old news: the broker replayed a retained message",
  history: "old news: the device sent values of the past",
  "not-mapped": "understood, but this profile reads nothing in it",
  "bridge-state": "the bridge speaks of itself, not of a device",
  "awaits-approval": "a device that nobody has approved yet",
  "no-profile": "no profile knows this topic; name one with --profile",
  "not-json": "not the form this profile expects (JSON or text)",
  encrypted: "encrypted; the key is not here",
  "too-large": `larger than ${LIMITS.packetBytes} bytes`,
  "identity-only": "it only says who or where somebody is; such things are never kept",
  "bad-value": "the value makes no sense for this reading",
};

function inWords({ outcome, reason, profile, device, readings, removed }: Explanation): string {
  const whose = profile === null ? "" : ` (${profile}, ${device ?? "no device"})`;
  const what =
    reason === null
      ? readings.map(({ kind, value, unit }) => `${kind} ${String(value)}${unit === null ? "" : ` ${unit}`}`).join(", ")
      : `${reason}, ${IN_WORDS[reason]}`;
  return `${outcome}${whose}: ${what}${removed.length === 0 ? "" : `; not kept: ${removed.join(", ")}`}`;
}

async function eachLine(
  input: AsyncIterable<Uint8Array>,
  startMs: number,
  topic: string | undefined,
  answer: (message: Message) => void,
): Promise<void> {
  let rest = Buffer.alloc(0);
  let atMs = startMs;
  let count = 0;
  const take = (line: string) => {
    count += 1;
    if (line.trim() === "") return;
    const message = parseLine(line, count, topic);
    atMs += message.afterMs;
    answer({ ...message, atMs });
  };
  for await (const chunk of input) {
    rest = Buffer.concat([rest, chunk]);
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      take(rest.subarray(0, end).toString("utf8"));
      rest = rest.subarray(end + 1);
    }
    if (rest.length > LIMITS.explainLineBytes)
      throw new GatewayError("USAGE", `line ${count + 1} is longer than ${LIMITS.explainLineBytes} bytes`);
  }
  take(rest.toString("utf8"));
}

function parseLine(line: string, number: number, usualTopic: string | undefined) {
  const wrong = (why: string) =>
    new GatewayError("USAGE", `line ${number} of the input ${why}`, {
      hint: 'Write {"topic": "…", "payload": "…"} on each line.',
    });
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    throw wrong("is not JSON");
  }
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) throw wrong("is not a JSON object");
  const {
    topic = usualTopic,
    payload,
    afterMs = 0,
    retained = false,
  }: Partial<Record<string, unknown>> = { ...parsed };
  if (typeof topic !== "string") throw wrong("has no topic");
  if (payload === undefined) throw wrong("has no payload");
  if (typeof afterMs !== "number" || !Number.isFinite(afterMs)) throw wrong("has an afterMs that is no number");
  if (typeof retained !== "boolean") throw wrong("has a retained that is neither true nor false");
  const text = typeof payload === "string" ? payload : JSON.stringify(payload);
  return { topic, payload: Buffer.from(text), afterMs, isReplay: retained };
}

/** One payload; or one a line where the input is several lines of JSON, as when a log is piped in. */
function payloadsOf(bytes: Buffer): readonly Buffer[] {
  const lines = bytes
    .toString("utf8")
    .split("\n")
    .filter((line) => line.trim() !== "");
  if (lines.length < 2 || isJson(bytes.toString("utf8")) || !lines.every(isJson)) return [bytes];
  return lines.map((line) => Buffer.from(line));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Stops at one byte more than a packet may have: enough to see that it is too large. */
async function readAll(input: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of input) {
    chunks.push(chunk);
    length += chunk.length;
    if (length > LIMITS.packetBytes) break;
  }
  return Buffer.concat(chunks);
}
