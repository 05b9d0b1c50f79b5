// Shown: a command that was written to its device counts as taken, also when the device goes at once.
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, test } from "vitest";
import { openBrokerHouse } from "../helpers/broker-house.ts";

/** A device in a thread of its own: goes as soon as a command has come. `isGone` tells a thread that stands still. */
const DEVICE = `
const { parentPort, workerData } = require("node:worker_threads");
const { connectAsync } = require("mqtt");
(async () => {
  const client = await connectAsync(workerData.url, { username: "a", password: "right", reconnectPeriod: 0 });
  await client.subscribeAsync("a/cmd", { qos: 0 });
  client.stream.on("close", () => {
    Atomics.store(workerData.isGone, 0, 1);
    Atomics.notify(workerData.isGone, 0);
  });
  client.on("message", () => client.stream.destroy());
  parentPort.postMessage("listens");
})();`;

test("a device that takes a command of QoS 0 and goes at once has taken it", async () => {
  await using house = await openBrokerHouse();
  const isGone = new Int32Array(new SharedArrayBuffer(4));
  const url = `mqtt://127.0.0.1:${house.broker.port}`;
  const device = new Worker(DEVICE, { eval: true, workerData: { url, isGone } });
  try {
    await once(device, "message");
    const isTaken = house.broker.send({ topic: "a/cmd", payload: Buffer.from("ON"), qos: 0 });
    // After the write, and before the broker looks again: the device has come and gone meanwhile.
    await new Promise((resolve) => {
      setImmediate(() => resolve(Atomics.wait(isGone, 0, 0, 10_000)));
    });
    expect(Atomics.load(isGone, 0)).toBe(1);
    expect(await isTaken).toBe(true);
  } finally {
    await device.terminate();
  }
});

test("a device that has gone before has not taken it", async () => {
  await using house = await openBrokerHouse();
  const client = await house.client();
  await client.subscribeAsync("a/cmd", { qos: 0 });
  const isTaken = house.broker.send({ topic: "a/cmd", payload: Buffer.from("ON"), qos: 0 });
  house.broker.disconnect({ kind: "device", id: "a" });
  expect(await isTaken).toBe(false);
});
