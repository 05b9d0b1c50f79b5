// Shown: a house that is closed is forgotten by the process that opens it anew, however often.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { systemClock } from "../src/core/clock.ts";
import { silentLog } from "../src/core/log.ts";
import { openGateway } from "../src/gateway.ts";
import { loadSettings } from "../src/settings/load.ts";
import { settingsFolder } from "./helpers/settings-folder.ts";

const GATEWAY = "gateway: { id: elm-street, dataDir: ./data }\n";
/** A free one, which no file may ask for. */
const FREE = { host: "127.0.0.1", port: 0 };

test("what a closed house was made of is not kept by the signal that will stop the next one", async () => {
  await using folder = await settingsFolder({ gateway: GATEWAY, kit: null });
  const loaded = await loadSettings(folder.file);
  const { broker } = loaded.gateway;
  const settings = { ...loaded, gateway: { ...loaded.gateway, broker: { ...broker, listen: FREE }, status: FREE } };
  const stop = new AbortController();
  const houses: WeakRef<object>[] = [];
  for (const _ of [1, 2, 3]) {
    await using gateway = await openGateway({ settings, clock: systemClock, log: silentLog }, stop.signal);
    houses.push(new WeakRef(gateway.commands));
  }
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect !== "function") throw new Error("there is no gc() to call");
  const areForgotten = (): boolean => {
    collect();
    // The loop itself may hold on to the last.
    return houses.slice(0, -1).every((house) => house.deref() === undefined);
  };
  await expect.poll(areForgotten, { timeout: 10_000 }).toBe(true);
  expect(stop.signal.aborted).toBe(false);
});
