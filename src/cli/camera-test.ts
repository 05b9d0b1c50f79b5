// `hedgerow camera test ID`: one look through a camera, and what came of it, step by step. Nothing of it is kept, counted
// against the day or sent; a picture is written only where a person asks for it, and only the redacted one.
import type { Command } from "commander";
import { describeStream, type StreamDescription } from "../camera/describe-stream.ts";
import { rtspSourceOf } from "../camera/rtsp-camera.ts";
import { dayIn } from "../core/day-times.ts";
import { systemClock } from "../core/clock.ts";
import type { CameraTest } from "../core/commands.ts";
import { GatewayError } from "../core/errors.ts";
import type { CameraSettings } from "../settings/schema.ts";
import { loadSettings } from "../settings/load.ts";
import { readSecret } from "../settings/secrets.ts";
import { type CameraAccess, lookThrough, openCameraAccess } from "./camera-access.ts";
import { openOut, type Out } from "./camera-out.ts";
import { CONFIG_OPTION, configFile } from "./config-file.ts";
import type { Print } from "./print.ts";

type Options = { readonly config?: string; readonly out?: string; readonly json?: true };

/** `why`: a stream that could not be described, though it may give a picture. */
type Stream = StreamDescription | { readonly why: string };

/** Adds the command below `camera`. */
export function addCameraTest(camera: Command, print: Print): void {
  camera
    .command("test <id>")
    .description("take one picture, redact it, and say what was found and how long each step took")
    .option("--out <file>", "write the redacted picture (JPEG) there")
    .option(...CONFIG_OPTION)
    .option("--json", "answer as JSON")
    .addHelpText(
      "after",
      "\nNothing is kept, sent or counted against the day. Exit code: 0 there is a redacted picture, 1 there is none.",
    )
    .action(async (id: string, options: Options) => {
      const settings = await loadSettings(await configFile(options.config));
      await using out = options.out === undefined ? null : await openOut(options.out);
      const access = await openCameraAccess(settings);
      const outcome = await testCamera(access, id, { out, print, json: options.json === true });
      if (outcome === "withheld") process.exitCode = 1;
    });
}

type By = { readonly out: Out | null; readonly print: Print; readonly json: boolean };

async function testCamera(access: CameraAccess, id: string, { out, print, json }: By): Promise<CameraTest["outcome"]> {
  const camera = access.find(id);
  refuseUnlessAllowed(access, camera, json ? () => undefined : print);
  const stop = new AbortController().signal;
  using progress = openProgress(`asking ${id} for a picture …`);
  const test = await lookThrough(access, camera, stop);
  const stream = isThere(test) ? await streamOf(camera, stop) : null;
  const file = test.outcome === "withheld" ? null : (out?.path ?? null);
  if (test.outcome !== "withheld") await out?.write(test.jpeg);
  progress.end();
  const differences = access.differences(id);
  if (json) print(JSON.stringify({ ...asJson({ id, test, stream, file }), differences }));
  else {
    printTest({ camera, test, stream, file }, print);
    for (const difference of differences) print(`${"note".padEnd(12)}${difference}`);
    if (differences.length > 0) print(`            → ${access.takeIn}`);
  }
  return test.outcome;
}

/**
 * No policy, no look (promise 8). Throws POLICY_MISSING: where the policy does not name it, with the lines to agree on printed and
 * ready to paste; and where its last day has passed.
 */
export function refuseUnlessAllowed(
  { settings, allowanceOf }: Pick<CameraAccess, "settings" | "allowanceOf">,
  { id }: Pick<CameraSettings, "id">,
  print: Print,
): void {
  const { policy, gateway } = settings;
  const { timezone } = gateway.gateway;
  const nowMs = systemClock.nowMs();
  const allowance = allowanceOf(id);
  if (allowance !== null && allowance.until >= dayIn(timezone, nowMs)) return;
  if (allowance !== null)
    throw new GatewayError("POLICY_MISSING", `the policy allowed camera ${id} until ${allowance.until} only`, {
      hint: `Agree on a new day, and write it as until into ${gateway.policy}.`,
    });
  print(`When the association has agreed on it, put this below \`cameras:\` in ${gateway.policy}:\n`);
  print(`  ${id}:`);
  print("    purpose:                # why it looks, in a sentence; it stands on the sign");
  // Empty, so that it does not pass the check as it is.
  for (const language of policy.languages) print(`      ${language}: ""`);
  print(`    until: ${dayIn(timezone, nowMs + AGREED_MS)}       # the last day on which it may see`);
  print("    snapshotsPerDay: 24");
  print("    retentionHours: 72      # a picture is deleted after this, sent or not\n");
  throw new GatewayError("POLICY_MISSING", `the policy does not name camera ${id}, so it may not look`, {
    hint: "Write such lines into the policy, restart the gateway if it runs, then try again.",
  });
}

/** What is proposed for a start: half a year, then people look at it again. */
const AGREED_MS = 182 * 24 * 3_600_000;

/** Whether there was a camera to describe. */
function isThere(test: CameraTest): boolean {
  return test.outcome !== "withheld" || !["camera-unreachable", "camera-timeout"].includes(test.reason);
}

async function streamOf({ id, source }: CameraSettings, stop: AbortSignal): Promise<Stream | null> {
  if (source.kind !== "rtsp") return null;
  try {
    const { url, credentialsFile, caFile, certSha256 } = source;
    const credentials = credentialsFile === undefined ? undefined : await readSecret(credentialsFile);
    const ca = caFile === undefined ? undefined : await readSecret(caFile);
    return await describeStream({ source: rtspSourceOf({ id, url, credentials, ca, certSha256 }) }, stop);
  } catch (cause) {
    if (cause instanceof GatewayError) return { why: cause.message };
    throw cause;
  }
}

type Tested = { readonly test: CameraTest; readonly stream: Stream | null; readonly file: string | null };

function printTest({ camera, test, stream, file }: Tested & { readonly camera: CameraSettings }, print: Print): void {
  const line = (what: string, said: string): void => print(`${what.padEnd(12)}${said}`);
  line("camera", `${camera.id}, ${camera.source.kind}`);
  if (stream !== null) line("stream", streamWords(stream));
  const { grab, ...steps } = test.ms;
  if (test.frameBytes !== null) line("picture", `${Math.ceil(test.frameBytes / 1000)} kB after ${msWords(grab)}`);
  for (const [step, ms] of Object.entries(steps)) line(STEPS[step] ?? step, msWords(ms));
  line("result", resultWords(test));
  if (test.outcome === "withheld") print(`            → ${test.hint}`);
  if (file !== null) line("written to", file);
}

/** The redactor's steps that do not say by their names what is done. */
const STEPS: Readonly<Record<string, string>> = { judge: "can it see", again: "look again" };

function streamWords(stream: Stream): string {
  if ("why" in stream) return `could not be described: ${stream.why}`;
  const { codec, width, height, framesPerSecond, hasSound, transport } = stream;
  const pace = framesPerSecond === null ? "" : `, ${framesPerSecond} frames a second`;
  const sound = hasSound ? "it has sound, which is never asked for" : "without sound";
  return `${codec}, ${width} x ${height}${pace}, over ${transport.toUpperCase()}; ${sound}`;
}

function msWords(ms: number | undefined): string {
  return ms === undefined ? "unknown" : `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

function resultWords(test: CameraTest): string {
  switch (test.outcome) {
    case "withheld":
      return `nothing would leave: ${test.detail} (${test.reason})`;
    case "mosaic":
      return `all of it reduced to a mosaic: ${test.detail ?? "it could not be judged"}`;
    case "empty":
      return `no face found, and a known face put into the picture was; ${test.width} x ${test.height}`;
    case "redacted": {
      const { length } = test.boxes;
      // The self-check is some minutes old at most; here it is new where it took time.
      const canary = test.ms["canary"] === undefined ? "" : ", and a known face put into the picture was found";
      return `${length === 1 ? "1 place" : `${length} places`} painted over${canary}; ${test.width} x ${test.height}`;
    }
  }
}

/** The picture itself is never part of it. */
function asJson({ id, test, stream, file }: Tested & { readonly id: string }): object {
  const common = { camera: id, out: file, stream, frameBytes: test.frameBytes, ms: test.ms, outcome: test.outcome };
  if (test.outcome === "withheld") {
    const { reason, detail, hint } = test;
    return { ...common, reason, detail, hint, boxes: [], width: null, height: null };
  }
  const { detail, boxes, width, height } = test;
  return { ...common, reason: null, detail, hint: null, boxes, width, height };
}

/** A line on standard error while a person waits; gone at the end. */
export function openProgress(text: string): Disposable & { end(): void } {
  const { stderr } = process;
  let isShown = stderr.isTTY;
  if (isShown) stderr.write(text);
  const end = (): void => {
    if (isShown) stderr.write("\r\u001B[K");
    isShown = false;
  };
  return { end, [Symbol.dispose]: end };
}
