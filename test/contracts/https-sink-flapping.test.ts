// Pump, HTTPS sink and the reference receiver over a line that flaps: connections are refused, silent, cut on the way there, cut on
// the way back after the receiver has stored, and half-closed. The receiver ends with each event once, and with few sockets.
import { createHash } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Board } from "../../src/core/board.ts";
import { systemClock } from "../../src/core/clock.ts";
import { silentLog } from "../../src/core/log.ts";
import { openPlatform } from "../../src/demo/platform.ts";
import { openPump } from "../../src/forward/pump.ts";
import { seededRandom } from "../helpers/random.ts";
import { openFlappingLine } from "../forward/flapping-line.ts";
import { makeEntry, memorySpool } from "../forward/memory-spool.ts";
import { never, openSinkBench, type SinkBench } from "../forward/sink-bench.ts";

let bench: SinkBench;
beforeAll(async () => {
  bench = await openSinkBench();
});
afterAll(() => bench[Symbol.asyncDispose]());

const ROUNDS = Number(process.env["ROUNDS"] ?? 2);
const EVENTS = 3000;
/** Scaled down by a hundred, as the line is. */
const limits = { backoffMinMs: 2, backoffMaxMs: 10, pausedProbeMs: 20 };

test.each(Array.from({ length: ROUNDS }, (_, index) => index + 1))(
  "each event arrives once over a line that flaps (seed %i)",
  async (seed) => {
    await using platform = await openPlatform({
      host: "127.0.0.1",
      port: 0,
      publicKeys: new Map([["test-gate", bench.key.publicKey]]),
    });
    await using line = await openFlappingLine({
      toPort: Number(new URL(platform.url).port),
      random: seededRandom(seed),
    });
    const jpegs = Array.from({ length: 12 }, (_, index) => Buffer.alloc(600 + index, index));
    const pictures = new Map(jpegs.map((jpeg) => [createHash("sha256").update(jpeg).digest("hex"), jpeg]));
    const digests = [...pictures.keys()];
    const entries = Array.from({ length: EVENTS }, (_, index) => {
      const sha256 = index % 250 === 7 ? digests[Math.floor(index / 250)] : undefined;
      return makeEntry(index + 1, sha256 === undefined ? {} : { image: { sha256, bytes: 600 } });
    });
    const spool = memorySpool(entries, pictures);
    await using sink = await bench.open(line.url, { limits: { requestMs: 100 } });
    await using _pump = openPump(
      { spool, sink, clock: systemClock, board: new Board(), log: silentLog, limits },
      never,
    );
    await spool.drained();
    expect(
      platform.store
        .events()
        .map(({ id }) => id)
        .toSorted(),
    ).toEqual(entries.map(({ id }) => id));
    expect(platform.store.stats()).toMatchObject({ conflicts: 0, snapshots: digests.length });
    expect(spool.settlements.flatMap(({ rejected, undeliverable = [] }) => [...rejected, ...undeliverable])).toEqual(
      [],
    );
    expect(line.openMax(), "one, and those whose end was not noticed yet").toBeLessThanOrEqual(3);
    expect([...line.fates.keys()].toSorted(), "each kind of bad connection was met").toHaveLength(6);
  },
  30_000,
);
