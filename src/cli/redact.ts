// `hedgerow redact`: the redaction engine alone, on files and folders, by the same code that runs in the gateway.
import { mkdir } from "node:fs/promises";
import cliProgress from "cli-progress";
import { type Command, Option } from "commander";
import { RawFrame } from "../camera/raw-frame.ts";
import { Board } from "../core/board.ts";
import { systemClock } from "../core/clock.ts";
import { writeDurably } from "../core/durable-file.ts";
import { GatewayError, messageOf } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import { silentLog } from "../core/log.ts";
import { readSmallFile } from "../core/small-file.ts";
import { openRedactor } from "../privacy/redact.ts";
import type { RedactAsk, Redactor, Verdict } from "../privacy/redactor.ts";
import { loadPolicy } from "../settings/load.ts";
import { callerPath } from "./config-file.ts";
import type { Print } from "./print.ts";
import { planJobs, type RedactJob } from "./redact-inputs.ts";

type Options = {
  readonly out: string;
  readonly policy?: string;
  readonly camera?: string;
  readonly level?: RedactAsk["redact"]["level"];
  readonly json?: true;
};

/** One line of the answer with --json. `boxes`: painted regions in pixels of the result. `detail` says `reason` in words. */
type Answer = {
  readonly file: string;
  readonly out: string | null;
  readonly outcome: "redacted" | "empty" | "unsure";
  readonly reason: string | null;
  readonly detail: string | null;
  readonly boxes: readonly (readonly number[])[];
  readonly width: number | null;
  readonly height: number | null;
  readonly ms: Readonly<Record<string, number>>;
};

/** Adds the command to the program. `print` takes the answer; the progress bar goes to standard error, if a person sees it. */
export function addRedact(program: Command, print: Print = console.log): void {
  program
    .command("redact")
    .description("destroy the faces in pictures; what cannot be judged is withheld and writes no file")
    .argument("<in...>", "pictures (JPEG, PNG, WebP), or folders: the pictures directly in them")
    .requiredOption("--out <folder>", "where the redacted pictures go, as JPEG of the same name; made if need be")
    .option("--policy <file>", "take masks, level and what to do when unsure from this policy.yaml")
    .option("--camera <id>", "the camera of the policy")
    .addOption(
      new Option("--level <level>", "how hard to look, whatever the policy says").choices([
        "normal",
        "thorough",
        "strict",
      ]),
    )
    .option("--json", "answer one JSON object a line")
    .addHelpText("after", "\nExit code: 0 all were judged, 1 at least one could not be, 2 wrong usage.")
    .action(async (inputs: string[], options: Options) => {
      if (await redactAll(inputs, options, print)) process.exitCode = 1;
    });
}

/** Whether any picture could not be judged. */
async function redactAll(inputs: readonly string[], options: Options, print: Print): Promise<boolean> {
  const ask = await readAsk(options);
  const jobs = await planJobs({ inputs, out: options.out });
  await makeFolder(options.out);
  const cameraId = options.camera ?? "files";
  const stop = new AbortController().signal;
  await using redactor = await openRedactor({ clock: systemClock, board: new Board(), log: silentLog }, stop);
  using progress = openProgress(jobs.length);
  let isAnyUnsure = false;
  for (const job of jobs) {
    const answer = await redactOne(job, { redactor, ask, cameraId, stop });
    isAnyUnsure ||= answer.outcome === "unsure";
    progress.clearLine();
    print(options.json === true ? JSON.stringify(answer) : inWords(answer));
    progress.step();
  }
  return isAnyUnsure;
}

/** The policy's words for this camera; without a policy the level `normal`, no masks, and what is unsure is withheld. */
async function readAsk({ policy: file, camera, level }: Options): Promise<RedactAsk> {
  if ((file === undefined) !== (camera === undefined)) {
    throw new GatewayError("USAGE", "--policy and --camera go together");
  }
  const plain = { masks: [], redact: { level: "normal", whenUnsure: "withhold" } } as const;
  const entry = file === undefined ? plain : (await loadPolicy(callerPath(file))).policy.cameras[camera ?? ""];
  if (entry === undefined) {
    throw new GatewayError("USAGE", `the policy ${file} names no camera ${camera}`, {
      hint: "Choose a camera that stands under `cameras:` in the policy.",
    });
  }
  return { masks: [...entry.masks], redact: { ...entry.redact, ...(level !== undefined && { level }) } };
}

async function makeFolder(out: string): Promise<void> {
  try {
    await mkdir(callerPath(out), { recursive: true });
  } catch (cause) {
    throw new GatewayError("USAGE", `cannot make the folder ${out}: ${messageOf(cause)}`, {
      cause,
      hint: "Name a folder that you may write to with --out.",
    });
  }
}

async function redactOne(
  job: RedactJob,
  by: { redactor: Redactor; ask: RedactAsk; cameraId: string; stop: AbortSignal },
): Promise<Answer> {
  const { file, path, out, outPath } = job;
  const read = await readSmallFile(path, { bytesMax: LIMITS.frameBytes });
  if (read.kind !== "bytes") {
    const detail = read.kind === "absent" ? "the file is gone" : read.why;
    return unsure(file, { reason: "unreadable", detail, ms: {} });
  }
  using frame = new RawFrame({ bytes: read.bytes, cameraId: by.cameraId, takenAtMs: systemClock.nowMs() });
  const verdict = await by.redactor.redact(frame, by.ask, by.stop);
  if (verdict.kind === "withheld") return unsure(file, { reason: verdict.why, detail: verdict.detail, ms: verdict.ms });
  const { jpeg, outcome, boxes, width, height } = verdict.image.content;
  await writeDurably(outPath, jpeg, 0o644);
  const judged =
    outcome === "mosaic" ? ({ outcome: "unsure", reason: "unsure" } as const) : ({ outcome, reason: null } as const);
  return { file, out, ...judged, detail: verdict.detail, boxes, width, height, ms: verdict.ms };
}

function unsure(file: string, { reason, detail, ms }: { reason: string; detail: string; ms: Verdict["ms"] }): Answer {
  return { file, out: null, outcome: "unsure", reason, detail, boxes: [], width: null, height: null, ms };
}

function inWords({ file, out, outcome, detail, boxes, ms }: Answer): string {
  const took = ms["total"] === undefined ? "" : ` (${Math.round(ms["total"])} ms)`;
  if (out === null) return `${file}: withheld, ${detail}${took}`;
  switch (outcome) {
    case "unsure":
      return `${file}: ${detail}, so all of it was reduced to a mosaic → ${out}${took}`;
    case "empty":
      return `${file}: no face found → ${out}${took}`;
    case "redacted":
      return `${file}: ${boxes.length === 1 ? "1 region" : `${boxes.length} regions`} painted over → ${out}${took}`;
  }
}

type Progress = Disposable & { clearLine(): void; step(): void };

/** A bar on standard error while a person watches; nothing otherwise. */
function openProgress(total: number): Progress {
  const { stderr } = process;
  if (!stderr.isTTY) return { clearLine() {}, step() {}, [Symbol.dispose]() {} };
  const options = {
    stream: stderr,
    clearOnComplete: true,
    format: "{bar} {value} of {total} pictures, {eta_formatted} left",
  };
  const bar = new cliProgress.SingleBar(options, cliProgress.Presets.shades_classic);
  bar.start(total, 0);
  return {
    // Both streams usually end on one screen: the answer's line must not run into the bar.
    clearLine: () => void stderr.write("\r\u001B[K"),
    step: () => bar.increment(),
    [Symbol.dispose]: () => {
      // The bar ends by going back to where it saved the cursor at its start and clearing that line, which is an answer by
      // now: save the present line in its place (ESC 7).
      stderr.write("\r\u001B[K\u001B7");
      bar.stop();
    },
  };
}
