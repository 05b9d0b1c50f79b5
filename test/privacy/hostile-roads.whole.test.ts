// Shown: hostile pictures through `hedgerow redact` and through a running gateway: the outcomes of the table, little memory in the
// process that holds the encoded picture, and nothing but redacted pictures leaves or is written.
import { spawn } from "node:child_process";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { connectAsync } from "mqtt";
import { expect, test, vi } from "vitest";
import { z } from "zod";
import { faultOfBareJpeg } from "../../src/privacy/picture-format.ts";
import { SECRET } from "../helpers/hostile-jpegs.ts";
import { HOSTILE_OUTCOMES } from "../helpers/hostile-outcomes.ts";
import { hostilePictures } from "../helpers/hostile-pictures.ts";
import { openHouseWithPlatform } from "../helpers/house-with-platform.ts";
import { peakBytesOf } from "../helpers/process-memory.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { leaksIn, leaksInDirectory } from "../helpers/watermark.ts";

vi.setConfig({ testTimeout: 300_000 });
const ROOT = new URL("../..", import.meta.url).pathname;
const NODE = join(ROOT, "node_modules/.bin/node");
const MIB = 1024 ** 2;
/**
 * Of the process that hands pictures over and never decodes one: what it takes beside its program, which is 100 to 190 MiB of
 * Node, code and its own heap (most of it there before the first picture). A picture of 24 megapixels decoded is 69 MiB.
 */
const GROWN_BYTES = 64 * MIB;
const COMMAND_BYTES = 192 * MIB;
const SENT = [
  "plain JPEG",
  "JPEG with a thumbnail of a face",
  "JPEG with 100 comments",
  "JPEG of 24 megapixels, on its side, in many scans",
  "JPEG of orientation 6",
  "JPEG torn at 50 %",
  "JPEG of more than 24 megapixels",
  "JPEG with restarts that were not announced",
  "PNG with 400 MB of text",
  "PNG of 16000 x 16000",
  "PNG of which nothing is opaque",
  "WebP with EXIF and XMP",
  "WebP that says it is 16,383 x 16,383",
  "progressive JPEG with 1,000 scans",
  "nothing",
  "GIF",
  "tiled TIFF, compressed",
  "AVIF",
  "SVG with a file in an entity",
] as const;
const { pictures, needles } = await hostilePictures();
const Answer = z.object({
  file: z.string(),
  out: z.string().nullable(),
  outcome: z.string(),
  reason: z.string().nullable(),
  width: z.number().nullable(),
  height: z.number().nullable(),
});

test("`hedgerow redact` judges each by the table, writes bare JPEGs only, and takes little memory", async () => {
  await using folder = await tempDir();
  const [from, out] = [join(folder.path, "in"), join(folder.path, "out")];
  await mkdir(from);
  for (const [nth, name] of SENT.entries()) await writeFile(join(from, `${nth}.jpg`), await bytesOf(name));
  const command = [join(ROOT, "src/main.ts"), "redact", from, "--out", out, "--json"];
  const child = spawn(NODE, command, { stdio: ["ignore", "pipe", "inherit"] });
  let peakBytes = 0;
  const outcomes: Record<string, string> = {};
  for await (const line of createInterface(child.stdout)) {
    peakBytes = await peakBytesOf(child.pid).catch(() => peakBytes);
    const { file, out: written, outcome, reason, width, height } = Answer.parse(JSON.parse(line));
    const name = SENT[Number.parseInt(file.slice(from.length + 1), 10)] ?? "none of them";
    // Larger than any picture may be: not even read.
    outcomes[name] = reason === "unreadable" ? "picture-refused" : (reason ?? outcome);
    if (written === null || width === null || height === null) continue;
    const jpeg = await readFile(written);
    expect(faultOfBareJpeg(jpeg, { width, height })).toBeNull();
    expect(leaksIn(jpeg, [...needles, { name: "metadata", bytes: Buffer.from(SECRET) }])).toEqual([]);
  }
  expect(outcomes).toEqual(Object.fromEntries(SENT.map((name) => [name, outcomeOf(name)])));
  expect(peakBytes).toBeGreaterThan(0);
  expect(peakBytes).toBeLessThan(COMMAND_BYTES);
  console.log(`hedgerow redact: ${Math.round(peakBytes / MIB)} MiB at most`);
});

test("the gateway counts each as what it is, grows little, and sends redacted pictures only", async () => {
  const trigger = { id: "pir", profile: "zigbee2mqtt/occupancy", topic: "zigbee2mqtt/pir", zone: "gate" };
  const camera = { id: "cam", zone: "gate", source: { kind: "file", path: "./frame.jpg" }, triggers: ["pir"] };
  await using house = await openHouseWithPlatform({
    kit: {
      bridges: [{ id: "z2m", family: "zigbee2mqtt", base: "zigbee2mqtt" }],
      devices: [trigger],
      cameras: [{ ...camera, cooldownS: 0 }],
    },
    policy: {
      events: { timeBucketS: 1, motion: { mode: "each" } },
      cameras: { cam: { purpose: { en: "test" }, until: "2099-01-01", snapshotsPerDay: 1000 } },
    },
  });
  const gateway = await house.start();
  const startBytes = await peakBytesOf(gateway.child.pid);
  const password = await house.bridgePassword("z2m");
  const client = await connectAsync(`mqtt://127.0.0.1:${house.brokerPort}`, { username: "bridge_z2m", password });
  const sent = SENT.filter((name) => name !== "progressive JPEG with 1,000 scans" && name !== "nothing");
  const wanted = { redacted: 0, unsure: 0, "picture-refused": 0, empty: 0 };
  for (const name of sent) {
    await writeFile(join(house.directory, "next.jpg"), await bytesOf(name));
    await rename(join(house.directory, "next.jpg"), join(house.directory, "frame.jpg"));
    for (const occupancy of [true, false])
      await client.publishAsync("zigbee2mqtt/pir", JSON.stringify({ occupancy }), { qos: 1 });
    const outcome = outcomeOf(name);
    wanted[outcome] += 1;
    const counter = outcome === "redacted" ? "snapshot.made.redacted" : `snapshot.withheld.${outcome}`;
    await expect.poll(() => house.counter(counter), { timeout: 120_000, message: name }).toBe(wanted[outcome]);
  }
  await client.endAsync();
  await house.drained();
  const peakBytes = await peakBytesOf(gateway.child.pid);
  expect(peakBytes - startBytes).toBeLessThan(GROWN_BYTES);
  console.log(`hedgerow run: ${Math.round(startBytes / MIB)} MiB at start, ${Math.round(peakBytes / MIB)} MiB at most`);
  // Without metadata several of them are the same picture: the platform holds it once.
  const told = house.events().filter(({ type }) => type === "hedgerow.snapshot.redacted.v1");
  expect(told).toHaveLength(wanted.redacted);
  expect(new Set(house.platform.store.pictures().map(({ sha256 }) => sha256))).toEqual(
    new Set(told.map(({ data }) => data["sha256"])),
  );
  const secrets = [...needles, { name: "metadata", bytes: Buffer.from(SECRET) }];
  for (const { jpeg } of house.platform.store.pictures()) expect(leaksIn(jpeg, secrets)).toEqual([]);
  for (const place of [house.dataDir, join(house.directory, "tmp"), "/dev/shm"])
    expect(await leaksInDirectory(place, secrets), place).toEqual([]);
  expect(leaksIn(Buffer.from(gateway.log.join("\n")), secrets), "the log").toEqual([]);
});

async function bytesOf(name: string): Promise<Buffer> {
  const make = pictures.get(name);
  if (make === undefined) throw new Error(`there is no picture ${name}`);
  return await make();
}

function outcomeOf(name: string): "redacted" | "empty" | "unsure" | "picture-refused" {
  for (const outcome of ["redacted", "empty", "unsure", "picture-refused"] as const)
    if (HOSTILE_OUTCOMES[outcome].some((each) => each === name)) return outcome;
  throw new Error(`the table does not name ${name}`);
}
