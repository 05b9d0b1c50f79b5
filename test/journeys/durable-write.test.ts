// Shown: the acknowledgement waits for the disk itself (promise 1). strace holds up, or fails, each fsync of the real running
// program: no PUBACK comes before the disk is done, and none at all when the disk refuses. Skipped aloud without strace.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import type { MqttClient } from "mqtt";
import { expect, test } from "vitest";
import { openHouseWithPlatform } from "../helpers/house-with-platform.ts";

const canTrace = spawnSync("strace", ["-qq", "-o", "/dev/null", "true"]).status === 0;
if (!canTrace)
  console.warn("SKIPPED: strace is missing or may not trace: the disk's own part in the acknowledgement is not tested");

const kit = {
  bridges: [{ id: "z2m", family: "zigbee2mqtt", base: "zigbee2mqtt" }],
  devices: [{ id: "lux", profile: "zigbee2mqtt/illuminance", topic: "zigbee2mqtt/lux", zone: "porch" }],
};
const DELAY_MS = 300;

/** Meddles with each fsync and fdatasync of the process from now on. */
async function meddle(pid: number | undefined, how: string): Promise<ChildProcess> {
  const strace = spawn("strace", [
    "-f",
    "-p",
    String(pid),
    "-e",
    "trace=fsync,fdatasync",
    "-e",
    `inject=fsync,fdatasync:${how}`,
  ]);
  await once(strace.stderr, "data");
  return strace;
}

const publish = (client: MqttClient, illuminance: number) =>
  client.publishAsync("zigbee2mqtt/lux", JSON.stringify({ illuminance }), { qos: 1 });

test.skipIf(!canTrace)("while the disk is slow, an acknowledgement is as slow", async () => {
  await using house = await openHouseWithPlatform({ kit });
  const gateway = await house.start();
  const client = await house.connectBridge();
  const strace = await meddle(gateway.child.pid, `delay_exit=${DELAY_MS * 1000}`);
  const waits: number[] = [];
  for (let n = 0; n < 4; n++) {
    const sentAt = performance.now();
    await publish(client, n);
    waits.push(performance.now() - sentAt);
  }
  client.end(true);
  strace.kill();
  expect(Math.min(...waits)).toBeGreaterThan(DELAY_MS * 0.9);
});

test.skipIf(!canTrace)(
  "when the disk refuses, nothing is acknowledged and the gateway ends with a clear sentence",
  async () => {
    await using house = await openHouseWithPlatform({ kit });
    const gateway = await house.start();
    const client = await house.connectBridge();
    await publish(client, 1);
    const ended = once(gateway.child, "exit");
    const closed = new Promise<void>((resolve) => client.once("close", resolve));
    const strace = await meddle(gateway.child.pid, "error=EIO");
    let isAcknowledged = false;
    publish(client, 2).then(
      () => (isAcknowledged = true),
      () => undefined,
    );
    await closed;
    const [code] = await ended;
    client.end(true);
    strace.kill();
    expect(isAcknowledged).toBe(false);
    expect(code).toBe(1);
    expect(gateway.log.join("\n")).toContain("SPOOL_FAILED");
    await house.start();
    await house.drained();
  },
);
