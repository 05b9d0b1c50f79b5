// Shown: a Pi that boots in 1970 with the real program and a clock that is set while it runs (libfaketime): what it takes is
// acknowledged, nothing that waits is erased, and once the clock is known everything leaves with its true time, each id once.
import { existsSync, globSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { expect, test } from "vitest";
import { openHouseWithPlatform } from "../helpers/house-with-platform.ts";

const [library] = globSync("/usr/lib/*/faketime/libfaketime.so.1");
const hasFaketime = library !== undefined && existsSync(library);
if (!hasFaketime) console.warn("skipped: a gateway that boots in 1970 (Debian package libfaketime)");

const kit = {
  bridges: [{ id: "z2m", family: "zigbee2mqtt", base: "zigbee2mqtt" }],
  devices: [{ id: "lux", profile: "zigbee2mqtt/illuminance", topic: "zigbee2mqtt/lux", zone: "porch" }],
};

test.skipIf(!hasFaketime)(
  "a boot in 1970 erases nothing, and what it takes leaves with its true time once the clock is set",
  async () => {
    const env: Record<string, string> = {};
    await using house = await openHouseWithPlatform({ kit, env });
    const clockFile = join(house.directory, "clock");
    const setClock = async (to: string): Promise<void> => {
      await writeFile(`${clockFile}.new`, `${to}\n`);
      await rename(`${clockFile}.new`, clockFile);
    };
    const password = await house.bridgePassword("z2m");
    const publish = async (...levels: number[]): Promise<void> => {
      const client = await connectAsync(`mqtt://127.0.0.1:${house.brokerPort}`, { username: "bridge_z2m", password });
      for (const illuminance of levels)
        await client.publishAsync("zigbee2mqtt/lux", JSON.stringify({ illuminance }), { qos: 1 });
      await client.endAsync(true);
    };
    await house.setAway(true);
    const first = await house.start();
    await publish(1, 2);
    expect(await first.end("SIGTERM")).toBe(0);

    await setClock("@1970-01-01 00:05:00");
    Object.assign(env, {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: clockFile,
      FAKETIME_NO_CACHE: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
      DONT_FAKE_MONOTONIC: "1",
    });
    await house.setAway(false);
    const second = await house.start();
    const bootMs = Date.now();
    await publish(3, 4);
    expect(house.events().filter(({ data }) => data["lux"] === 3)).toEqual([]);
    await setClock("+0");
    await house.drained();
    expect(await second.end("SIGTERM")).toBe(0);

    const events = house.events().map((event) => ({ ...event, time: "time" in event ? String(event.time) : "" }));
    expect(events.map(({ type }) => type)).not.toContain("hedgerow.tombstone.v1");
    expect(house.holes()).toEqual([]);
    expect(house.conflicts()).toBe(0);
    expect(events.flatMap(({ data }) => data["lux"] ?? [])).toEqual(expect.arrayContaining([1, 2, 3, 4]));
    for (const { time, data } of events) {
      expect(data["clock"]).toBe("synced");
      // Two buckets of a second, and a second beside.
      expect(Math.abs(Date.parse(time) - bootMs)).toBeLessThan(60_000);
    }
    expect(second.log.join("\n")).toContain("the clock was set");
  },
  60_000,
);
