// What a picture costs: milliseconds by stage in the redactor child, and the memory of it and of the process that asks.
import { readFile } from "node:fs/promises";
import sharp from "sharp";
import { RawFrame } from "../../src/camera/raw-frame.ts";
import { Board } from "../../src/core/board.ts";
import { systemClock } from "../../src/core/clock.ts";
import { silentLog } from "../../src/core/log.ts";
import { openRedactor } from "../../src/privacy/redact.ts";
import type { RedactAsk, Redactor } from "../../src/privacy/redactor.ts";
import { type SampleName, samplePhotograph } from "../helpers/sample-photographs.ts";

const NAMES: readonly SampleName[] = ["sample1", "sample2", "sample3", "sample4", "sample5", "sample6"];
const SIZES = ["1280x720", "1920x1080"] as const;
const ROUNDS = 3;

type Quantiles = { readonly medianMs: number; readonly p95Ms: number };

/** By size of picture: each stage, and `waited` for all that the asking process waited. Bytes of resident memory at the end. */
export async function benchRedaction(): Promise<Record<string, unknown>> {
  const stop = new AbortController().signal;
  const pictures = new Map(await Promise.all(SIZES.map(async (size) => [size, await picturesOf(size)] as const)));
  const before = await memoryOf(process.pid);
  const startMs = performance.now();
  await using redactor = await openRedactor({ clock: systemClock, board: new Board(), log: silentLog }, stop);
  const sizes: Record<string, Record<string, Quantiles>> = {};
  let firstPictureMs = 0;
  for (const [size, ofSize] of pictures) {
    // The first picture of a camera also looks for the canary; it is not what a picture costs.
    await redactTimed(redactor, ofSize[0] ?? Buffer.alloc(0), size);
    firstPictureMs ||= performance.now() - startMs;
    const runs: Record<string, number>[] = [];
    for (let round = 0; round < ROUNDS; round += 1)
      for (const picture of ofSize) runs.push(await redactTimed(redactor, picture, size));
    sizes[size] = quantiles(runs);
  }
  const child = await memoryOf(redactor.childPid);
  const after = await memoryOf(process.pid);
  const parent = { ...after, grownByBytes: after.residentBytes - before.residentBytes };
  return { sizes, startAndFirstPictureMs: Math.round(firstPictureMs), child, parent };
}

async function picturesOf(size: (typeof SIZES)[number]): Promise<Buffer[]> {
  const [width = 0, height = 0] = size.split("x").map(Number);
  const pictures: Buffer[] = [];
  for (const name of NAMES) {
    const resized = sharp(await samplePhotograph(name)).resize(width, height, { fit: "cover", position: "top" });
    pictures.push(await resized.jpeg({ quality: 90 }).toBuffer());
  }
  return pictures;
}

async function redactTimed(redactor: Redactor, picture: Buffer, cameraId: string): Promise<Record<string, number>> {
  using frame = new RawFrame({ bytes: Buffer.from(picture), cameraId, takenAtMs: 0 });
  const startMs = performance.now();
  const ask: RedactAsk = { masks: [], redact: { level: "normal", whenUnsure: "withhold" } };
  const verdict = await redactor.redact(frame, ask, AbortSignal.timeout(60_000));
  if (verdict.kind !== "image") throw new Error(`withheld: ${verdict.why}, ${verdict.detail}`);
  return { ...verdict.ms, waited: performance.now() - startMs };
}

export function quantiles(runs: readonly Record<string, number>[]): Record<string, Quantiles> {
  const stages = [...new Set(runs.flatMap((run) => Object.keys(run)))];
  return Object.fromEntries(
    stages.map((stage) => {
      const sorted = runs.map((run) => run[stage] ?? 0).toSorted((a, b) => a - b);
      const at = (share: number): number => Math.round(sorted[Math.floor((sorted.length - 1) * share)] ?? 0);
      return [stage, { medianMs: at(0.5), p95Ms: at(0.95) }];
    }),
  );
}

/** Resident now and at most (Linux, proc(5)). */
export async function memoryOf(pid: number | undefined): Promise<{ residentBytes: number; peakBytes: number }> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const kilobytes = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0);
  return { residentBytes: kilobytes("VmRSS") * 1024, peakBytes: kilobytes("VmHWM") * 1024 };
}
