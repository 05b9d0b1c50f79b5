// The HTTPS sink in a process of its own, so that its memory can be measured: delivers again and again to one address, and tells
// what came of it. Run as a program it is that process.
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { z } from "zod";
import { systemClock } from "../../src/core/clock.ts";
import { openGatewayKey } from "../../src/core/gateway-key.ts";
import { openHttpsSink } from "../../src/forward/https-sink.ts";
import { makeEntries } from "./memory-spool.ts";

const Told = z.object({
  next: z.array(z.string()),
  settled: z.number(),
  grownBytes: z.number(),
  keptBytes: z.number(),
});

/**
 * `next`: what each delivery of three entries ended with. `grownBytes`: by how much its memory was ever larger than after the
 * first, waste that is yet to be collected included. `keptBytes`: of buffers, when the waste was collected.
 */
export type Told = z.infer<typeof Told>;

export async function deliverInProcess({ url, times }: { url: string; times: number }): Promise<Told> {
  const args = ["--expose-gc", import.meta.filename, url, String(times)];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 60_000 });
  return Told.parse(JSON.parse(stdout));
}

async function run(url: string, times: number): Promise<Told> {
  const dataDir = await mkdtemp(join(tmpdir(), "hedgerow-sink-process-"));
  const key = await openGatewayKey(dataDir);
  const settings = { id: "main", kind: "https", url } as const;
  await using sink = await openHttpsSink({ settings, gatewayId: "test-gate", key, clock: systemClock });
  const noPicture = () => Promise.reject(new Error("there are none"));
  const next: string[] = [];
  let settled = 0;
  let before = 0;
  for (let round = 0; round <= times; round++) {
    const report = await sink.deliver(makeEntries(3), noPicture, new AbortController().signal);
    next.push("why" in report.next ? `${report.next.kind}: ${report.next.why}` : report.next.kind);
    settled += report.deliveries.size;
    if (round === 0) before = process.memoryUsage().rss;
  }
  await rm(dataDir, { recursive: true });
  // VmHWM is the highest ever [proc(5)], the first delivery's included.
  const peak = Number(/^VmHWM:\s+(\d+)/m.exec(await readFile("/proc/self/status", "utf8"))?.[1]) * 1024;
  // Buffers that came from a socket are let go of a turn after what held them was collected.
  for (let turn = 0; turn < 3; turn += 1) {
    globalThis.gc?.();
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { next, settled, grownBytes: peak - before, keptBytes: process.memoryUsage().arrayBuffers };
}

if (process.argv[1] === import.meta.filename) {
  const [, , url = "", times = ""] = process.argv;
  process.stdout.write(JSON.stringify(await run(url, Number(times))));
}
