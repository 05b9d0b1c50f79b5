// Shown here: a login that is revoked is void before its connections end, and what is removed is named nowhere any more.
import { expect, test } from "vitest";
import type { Login } from "../../src/core/arrival.ts";
import { silentLog } from "../../src/core/log.ts";
import { openRegistry } from "../../src/registry/open-registry.ts";
import type { Registry, RegistryData } from "../../src/registry/registry.ts";
import { builtInProfiles, fillSetup, openProfiles } from "../../src/profiles/profiles.ts";
import { addBridge } from "../../src/registry/pairing.ts";
import { pause, remove, revoke } from "../../src/registry/removal.ts";
import { tempDir } from "../helpers/temp-dir.ts";

type Site = AsyncDisposable & {
  readonly registry: Registry;
  /** Logins whose connections were ended, with the hash that they had at that moment. */
  readonly ended: (Login & { hash: string | null | undefined })[];
  readonly deps: Parameters<typeof revoke>[0];
};

async function site(): Promise<Site> {
  const stack = new AsyncDisposableStack();
  const { path } = stack.use(await tempDir());
  const kit = { bridges: [], devices: [], cameras: [] };
  const registry = stack.use(await openRegistry({ dataDir: path, kit, log: silentLog }));
  await registry.update((data) => void Object.assign(data, KIT));
  const ended: Site["ended"] = [];
  const disconnect = (login: Login): void => {
    const { devices, bridges } = registry.data();
    const thing = (login.kind === "bridge" ? bridges : devices).find(({ id }) => id === login.id);
    ended.push({ ...login, hash: thing?.passwordHash });
  };
  return { registry, ended, deps: { registry, disconnect }, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

const ENTRY = { title: "Announced", messages: [{ on: "{topic}/state", read: [{ kind: "motion" }] }] };
const KIT: Partial<RegistryData> = {
  bridges: [
    { id: "z2m", family: "zigbee2mqtt", base: "z", passwordHash: "hash" },
    { id: "idle", family: "zigbee2mqtt", base: "idle", passwordHash: null },
  ],
  devices: [
    { id: "lamp", profile: "tasmota/relay", topic: "lamp", zone: "path", passwordHash: "hash" },
    { id: "porch", profile: "zigbee2mqtt/any", topic: "z/porch", zone: "porch", passwordHash: null },
    { id: "pir", profile: "gpio/pir", topic: "gpio/pi/17", pin: 17, zone: "gate", passwordHash: null },
    { id: "lux", profile: "discovered/lux", topic: "lux", zone: "path", watches: ["lamp"], passwordHash: "hash" },
    { id: "behind", profile: "discovered/lux", topic: "lux/zb1", zone: "path", passwordHash: null },
  ],
  cameras: [
    { id: "cam", zone: "gate", source: { kind: "file", path: "/x.jpg" }, triggers: ["porch", "pir"], cooldownS: 30 },
  ],
  discovered: [{ name: "lux", entry: ENTRY }],
  proposals: [
    {
      id: "p",
      login: { kind: "bridge", id: "idle" },
      name: "New",
      topic: "idle/new",
      entry: ENTRY,
      why: null,
      heardAtMs: 0,
    },
  ],
};

const deviceIds = ({ registry }: Site): string[] => registry.data().devices.map(({ id }) => id);

test.each([
  ["device", "lamp"],
  ["bridge", "z2m"],
] as const)(
  "a revoked %s stays in the kit as not paired, and its connections end after its login",
  async (kind, id) => {
    await using at = await site();
    await revoke(at.deps, { kind, id });
    expect(at.ended).toEqual([{ kind, id, hash: null }]);
    await revoke(at.deps, { kind, id });
    expect(at.ended).toHaveLength(2);
  },
);

test.each([
  ["porch", "bridge z2m speaks for it"],
  ["behind", "device lux speaks for it"],
  ["pir", "wired to pin 17"],
])("what has no login cannot be revoked: %s", async (id, why) => {
  await using at = await site();
  await expect(revoke(at.deps, { kind: "device", id })).rejects.toMatchObject({
    code: "USAGE",
    message: expect.stringContaining(why),
  });
  expect(at.ended).toEqual([]);
});

test("a login that there is can be ended, also of a device that came below a bridge", async () => {
  await using at = await site();
  await at.registry.update((data) => {
    for (const device of data.devices) if (device.id === "porch") device.passwordHash = "hash";
  });
  await revoke(at.deps, { kind: "device", id: "porch" });
  expect(at.ended).toEqual([{ kind: "device", id: "porch", hash: null }]);
});

test("a bridge does not come over a device that has a login of its own: its login ends first", async () => {
  await using at = await site();
  const profiles = await openProfiles({ directories: [builtInProfiles] });
  await at.registry.update((data) => {
    data.devices.push({ id: "own", profile: "generic/json", topic: "home/own", zone: "path", passwordHash: "hash" });
  });
  const { registry } = at;
  const broker = { host: "192.168.1.5", port: 1883 };
  const add = () => addBridge({ registry, profiles, fillSetup, broker, ask: { family: "zigbee2mqtt", base: "home" } });
  await expect(add()).rejects.toMatchObject({
    code: "ALREADY_EXISTS",
    hint: expect.stringContaining("hedgerow device revoke own"),
  });
  await revoke(at.deps, { kind: "device", id: "own" });
  expect(await add()).toMatchObject({ username: "bridge_zigbee2mqtt" });
});

test("a removed device is named nowhere any more, and its connections end", async () => {
  await using at = await site();
  for (const id of ["porch", "lamp"]) await remove(at.deps, { kind: "device", id });
  expect(deviceIds(at)).toEqual(["pir", "lux", "behind"]);
  expect(at.registry.data().cameras[0]?.triggers).toEqual(["pir"]);
  expect(at.registry.data().devices[1]?.watches).toEqual([]);
  expect(at.ended).toEqual([
    { kind: "device", id: "porch", hash: undefined },
    { kind: "device", id: "lamp", hash: undefined },
  ]);
});

test("a discovered profile goes with the last device that has it", async () => {
  await using at = await site();
  await remove(at.deps, { kind: "device", id: "behind" });
  expect(at.registry.data().discovered).toHaveLength(1);
  await remove(at.deps, { kind: "device", id: "lux" });
  expect(at.registry.data().discovered).toEqual([]);
});

test("a bridge is removed with what it proposed, but not while devices speak through it", async () => {
  await using at = await site();
  await remove(at.deps, { kind: "bridge", id: "idle" });
  expect(at.registry.data().proposals).toEqual([]);
  await expect(remove(at.deps, { kind: "bridge", id: "z2m" })).rejects.toMatchObject({
    code: "USAGE",
    message: "bridge z2m still speaks for porch",
    hint: expect.stringContaining("hedgerow device remove porch"),
  });
  await expect(remove(at.deps, { kind: "device", id: "lux" })).rejects.toMatchObject({
    code: "USAGE",
    message: "device lux still speaks for behind",
  });
  expect(at.registry.data().bridges.map(({ id }) => id)).toEqual(["z2m"]);
});

test("a device is paused and resumed, and nothing is written for what is so already", async () => {
  await using at = await site();
  let writes = 0;
  at.registry.onChange(() => (writes += 1));
  await pause(at.registry, { id: "lamp", isPaused: true });
  await pause(at.registry, { id: "lamp", isPaused: true });
  expect(at.registry.data().devices[0]).toMatchObject({ paused: true, passwordHash: "hash" });
  await pause(at.registry, { id: "lamp", isPaused: false });
  expect(at.registry.data().devices[0]).not.toHaveProperty("paused");
  expect(writes).toBe(2);
});

test.each(["device", "bridge"] as const)("what is not there is said: %s", async (kind) => {
  await using at = await site();
  for (const act of [revoke, remove])
    await expect(act(at.deps, { kind, id: "gone" })).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(pause(at.registry, { id: "gone", isPaused: true })).rejects.toMatchObject({ code: "NOT_FOUND" });
  expect(at.ended).toEqual([]);
});
