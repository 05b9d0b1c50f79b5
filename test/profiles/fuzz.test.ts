// 2,500 random and mutated payloads through each profile, more than 100,000 in all (`PAYLOADS` for more): decoding never
// throws, what comes out is within its unit, and readings in are readings out or counted (I9). The seed is fixed; the
// generator mutates the family's cases of test/devices.
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { LIMITS } from "../../src/core/limits.ts";
import { type Decoded, READING_UNITS } from "../../src/core/reading.ts";
import { type DeviceMemory, emptyMemory, normalise } from "../../src/normalise/normalise.ts";
import { builtInProfiles, openProfiles } from "../../src/profiles/profiles.ts";
import { seededRandom } from "../helpers/random.ts";

const PAYLOADS = Number(process.env["PAYLOADS"] ?? 2500);
const profiles = await openProfiles({ directories: [builtInProfiles] });
const cases = new URL("../devices/cases/", import.meta.url);
const Cases = z.array(
  z.object({ lines: z.array(z.object({ topic: z.string(), payload: z.string(), device: z.string().optional() })) }),
);
type Seed = { readonly topic: string; readonly own: string; readonly payload: Buffer };
const seeds = new Map<string, readonly Seed[]>();
for (const file of readdirSync(cases)) {
  const lines = Cases.parse(JSON.parse(readFileSync(new URL(file, cases), "utf8"))).flatMap((each) => each.lines);
  const seen = lines.flatMap(({ topic, payload, device = topic }) =>
    profiles.split({ topic, payload: Buffer.from(payload) }).map((part) => ({
      topic: part.topic,
      own: device,
      payload: Buffer.from(part.payload),
    })),
  );
  seeds.set(file.replace(".json", ""), seen);
}
const odd = [
  "null",
  "NaN",
  "1e999",
  "-0",
  "__proto__",
  "constructor",
  "[[[[",
  '{"',
  "\\u0000",
  "\ud800",
  "9".repeat(400),
  "true",
  '"ON"',
];

describe.each(profiles.list.map(({ id }) => id))("%s", (profileId) => {
  test(`takes ${PAYLOADS} random payloads`, () => {
    const random = seededRandom(20_270_101);
    const family = seeds.get(profileId.split("/")[0] ?? "") ?? [];
    let memory: DeviceMemory = emptyMemory;
    let wrong = 0;
    let readingsSeen = 0;
    for (let count = 0; count < PAYLOADS; count += 1) {
      const { topic, own, payload } = family[Math.floor(random() * family.length)] ?? {
        topic: "",
        own: "",
        payload: Buffer.of(),
      };
      const decoded = profiles.decode({ profileId, deviceTopic: own, topic, payload: randomPayload(random, payload) });
      if (!isSound(decoded)) wrong += 1;
      if (decoded.outcome !== "readings") continue;
      readingsSeen += decoded.readings.length;
      const heard = normalise({
        memory,
        readings: decoded.readings,
        deviceId: "own",
        atMs: count,
        holdMs: 500,
        isReplay: random() < 0.1,
        topic,
        once: decoded.once,
        lateMsMax: Number.POSITIVE_INFINITY,
      });
      memory = heard.memory;
      const ignored = Object.values(heard.ignored).reduce((sum, n) => sum + n, 0);
      if (heard.news.length + ignored !== decoded.readings.length) wrong += 1;
    }
    expect(wrong).toBe(0);
    // One in a thousand is the least that shows that the payloads still reach the rules.
    expect(readingsSeen).toBeGreaterThan(PAYLOADS / 1000);
  });
});

function isSound(decoded: Decoded): boolean {
  if (decoded.removed.length > LIMITS.removedNames) return false;
  if (decoded.outcome !== "readings") return decoded.reason.length > 0;
  if (decoded.readings.length === 0 || decoded.readings.length > LIMITS.readingsPerMessage) return false;
  if (new Set(decoded.readings.map(({ kind }) => kind)).size !== decoded.readings.length) return false;
  return decoded.readings.every(({ kind, value }) => {
    if (typeof value !== "number") return typeof value === "boolean" || ["dark", "dim", "bright"].includes(value);
    return Number.isFinite(value) && value >= 0 && value <= (READING_UNITS[kind] === "%" ? 100 : 200_000);
  });
}

/** A case's payload with up to four bytes or pieces changed, or plain noise. */
function randomPayload(random: () => number, seed: Buffer): Buffer {
  if (random() < 0.1)
    return Buffer.from(Array.from({ length: Math.floor(random() * 40) }, () => Math.floor(random() * 256)));
  let bytes = Buffer.from(seed);
  for (let changes = Math.floor(random() * 5); changes > 0; changes -= 1) {
    const at = Math.floor(random() * (bytes.length + 1));
    const piece = Buffer.from(odd[Math.floor(random() * odd.length)] ?? "");
    if (random() < 0.5 && at < bytes.length) bytes[at] = Math.floor(random() * 256);
    else
      bytes = Buffer.concat([
        bytes.subarray(0, at),
        piece,
        bytes.subarray(random() < 0.5 ? at : Math.min(bytes.length, at + 3)),
      ]);
  }
  return bytes;
}
