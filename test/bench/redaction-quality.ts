// `npm run bench -- redaction --images DIR --truth FILE`: how well the redaction sees, on pictures whose true faces are known;
// without a folder, on frames made of the photographs in installed packages. The gateway's own redactor with its child.
import { availableParallelism, cpus } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import cliProgress from "cli-progress";
import { RawFrame } from "../../src/camera/raw-frame.ts";
import { Board } from "../../src/core/board.ts";
import { systemClock } from "../../src/core/clock.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { silentLog } from "../../src/core/log.ts";
import { readSmallFile } from "../../src/core/small-file.ts";
import { openRedactor } from "../../src/privacy/redact.ts";
import type { RedactAsk, Redactor } from "../../src/privacy/redactor.ts";
import { makeFrame } from "../privacy/quality-frames.ts";
import { canMake, RECIPES } from "../privacy/quality-recipes.ts";
import { memoryOf, quantiles } from "./redaction.ts";
import { ScoreSheet, type TrueFace } from "./redaction-measures.ts";
import { inWords } from "./redaction-report.ts";
import { readTruth } from "./redaction-truth.ts";

/** A picture to be measured, read only when its turn comes. `read` tells why where there are no bytes. */
type Item = { readonly file: string; read(): Promise<{ bytes: Buffer; faces: readonly TrueFace[] } | { why: string }> };
type Level = RedactAsk["redact"]["level"];
export type QualityReport = Awaited<ReturnType<typeof measureQuality>>;

const LEVELS = ["normal", "thorough", "strict"] as const;
const USAGE = `usage: npm run bench -- redaction [--images DIR --truth FILE] [--level ${LEVELS.join("|")}] [--limit N] [--json]
Truth: JSON lines {"file","faces":[[x,y,w,h] or {"box","light","pose","ignore"}],"light","pose"}, or WIDER FACE's text.
Without --images: frames made of the photographs that come with installed packages.`;
/** A truth file of WIDER FACE has 3 MB. */
const TRUTH_BYTES = 256 * 1024 * 1024;
const PICTURE_MS = 60_000;

/** Runs the measurement that the arguments ask for and prints it. Sets the exit code: 0 measured, 1 nothing was, 2 wrong usage. */
export async function runQuality(args: readonly string[]): Promise<void> {
  if (args.includes("--help") || args.includes("-h")) return void process.stdout.write(`${USAGE}\n`);
  const asked = readAsked(args);
  if (typeof asked === "string") return complain(asked, 2);
  const set = asked.images === null ? await generatedSet() : await setOf(asked.images);
  if (typeof set === "string") return complain(set, 2);
  const items = set.items.slice(0, asked.limit);
  const report = await measureQuality(items, { level: asked.level, mistakes: set.mistakes });
  process.stdout.write(asked.isJson ? `${JSON.stringify(report, null, 2)}\n` : inWords(report));
  if (report.outcomes.redacted + report.outcomes.empty === 0) process.exitCode = 1;
}

type Asked = {
  readonly images: { readonly folder: string; readonly truth: string } | null;
  readonly level: Level;
  readonly limit: number;
  readonly isJson: boolean;
};

function readAsked(args: readonly string[]): Asked | string {
  try {
    const text = { type: "string" } as const;
    const options = { images: text, truth: text, level: text, limit: text, json: { type: "boolean" } } as const;
    const { values } = parseArgs({ args: [...args], options });
    const { images, truth, level = "normal", limit = "1000000", json = false } = values;
    if ((images === undefined) !== (truth === undefined)) return "--images and --truth go together";
    const known = LEVELS.find((each) => each === level);
    if (known === undefined) return `--level is one of ${LEVELS.join(", ")}, not ${level}`;
    if (!/^[1-9]\d*$/.test(limit)) return `--limit is a number of pictures, not ${limit}`;
    const from = images === undefined || truth === undefined ? null : { folder: callerPath(images), truth };
    return { images: from, level: known, limit: Number(limit), isJson: json };
  } catch (cause) {
    return cause instanceof Error ? cause.message : String(cause);
  }
}

function complain(why: string, code: number): void {
  process.stderr.write(`${why}\n${USAGE}\n`);
  process.exitCode = code;
}

/** npm runs in the project's folder; a relative path is meant from where npm was called. */
function callerPath(path: string): string {
  return join(path.startsWith("/") ? "" : (process.env["INIT_CWD"] ?? process.cwd()), path);
}

type PictureSet = { readonly items: readonly Item[]; readonly mistakes: readonly string[] };

async function setOf({ folder, truth }: { folder: string; truth: string }): Promise<PictureSet | string> {
  const read = await readSmallFile(callerPath(truth), { bytesMax: TRUTH_BYTES });
  if (read.kind !== "bytes") return `${truth}: ${read.kind === "absent" ? "there is no such file" : read.why}`;
  const { pictures, mistakes } = readTruth(read.bytes.toString("utf8"));
  if (pictures.length === 0) return [`${truth} names no picture`, ...mistakes].join("\n");
  const items = pictures.map(({ file, faces }) => ({
    file,
    async read() {
      const picture = await readSmallFile(join(folder, file), { bytesMax: LIMITS.frameBytes });
      if (picture.kind === "bytes") return { bytes: picture.bytes, faces };
      return { why: picture.kind === "absent" ? "it is missing" : picture.why };
    },
  }));
  return { items, mistakes };
}

async function generatedSet(): Promise<PictureSet | string> {
  const recipes = RECIPES.filter(canMake);
  const absent = RECIPES.filter((recipe) => !canMake(recipe)).map(({ name }) => `${name}: its photographs are missing`);
  const items = recipes.map((recipe) => ({
    file: recipe.name,
    async read() {
      const { png, faces } = await makeFrame(recipe);
      const tagged = faces.map((face) => ({
        ...face,
        tags: { light: face.light, pose: face.pose },
        isIgnored: face.ignore,
      }));
      return { bytes: png, faces: tagged };
    },
  }));
  return { items, mistakes: absent };
}

/** `mistakes`: what was wrong with the set already. Never throws for what a picture does. */
async function measureQuality(items: readonly Item[], by: { level: Level; mistakes: readonly string[] }) {
  const deps = { clock: systemClock, board: new Board(), log: silentLog };
  await using redactor = await openRedactor(deps, new AbortController().signal);
  const sheet = new ScoreSheet();
  const outcomes = { redacted: 0, empty: 0, unsure: 0 };
  const unsure = new Map<string, number>();
  const settings = new Map<string, number>();
  const longSides: number[] = [];
  const runs: Record<string, number>[] = [];
  const unread: string[] = [];
  let modelSha256: string | null = null;
  using bar = openBar(items.length);
  for (const item of items) {
    const picture = await item.read();
    bar.step();
    if ("why" in picture) {
      unread.push(`${item.file}: ${picture.why}`);
      continue;
    }
    const verdict = await redactOne(redactor, picture.bytes, by.level);
    if (verdict.kind === "withheld") {
      outcomes.unsure += 1;
      unsure.set(`${verdict.why}: ${verdict.detail}`, (unsure.get(`${verdict.why}: ${verdict.detail}`) ?? 0) + 1);
      sheet.add(picture.faces, null);
      continue;
    }
    const { boxes, width, height, outcome, settings: line, modelSha256: model } = verdict.image.content;
    if (outcome !== "mosaic") outcomes[outcome] += 1;
    const regions = boxes.map(([x, y, w, h]) => ({ x, y, width: w, height: h }));
    sheet.add(picture.faces, { size: { width, height }, regions });
    settings.set(line, (settings.get(line) ?? 0) + 1);
    longSides.push(Math.max(width, height));
    runs.push(verdict.ms);
    modelSha256 = model;
  }
  const memory = redactor.childPid === undefined ? null : await memoryOf(redactor.childPid);
  const sides = longSides.toSorted((a, b) => a - b);
  return {
    level: by.level,
    pictures: items.length,
    outcomes,
    unsure: Object.fromEntries(unsure),
    unread,
    mistakes: by.mistakes,
    longSidePx: { least: sides[0] ?? null, median: sides[sides.length >> 1] ?? null, most: sides.at(-1) ?? null },
    ...sheet.result(),
    ms: quantiles(runs),
    childPeakBytes: memory?.peakBytes ?? null,
    modelSha256,
    settings: Object.fromEntries(settings),
    machine: { cores: availableParallelism(), processor: cpus()[0]?.model ?? null, node: process.version },
  };
}

async function redactOne(redactor: Redactor, bytes: Buffer, level: Level) {
  using frame = new RawFrame({ bytes, cameraId: "bench", takenAtMs: 0 });
  const ask: RedactAsk = { masks: [], redact: { level, whenUnsure: "withhold" } };
  return await redactor.redact(frame, ask, AbortSignal.timeout(PICTURE_MS));
}

/** A bar on standard error while a person watches. */
function openBar(total: number): Disposable & { step(): void } {
  if (!process.stderr.isTTY) return { step() {}, [Symbol.dispose]() {} };
  const format = "{bar} {value} of {total} pictures, {eta_formatted} left";
  const options = { stream: process.stderr, clearOnComplete: true, format };
  const bar = new cliProgress.SingleBar(options, cliProgress.Presets.shades_classic);
  bar.start(total, 0);
  return { step: () => bar.increment(), [Symbol.dispose]: () => bar.stop() };
}
