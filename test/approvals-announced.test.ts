// Shown here: what devices announce for Home Assistant becomes one proposal for each device, survives a restart, and is
// written no more often than it changes.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { announceShed, lux, motion } from "./helpers/announced-shed.ts";
import { openApprovalsSite, type Site } from "./helpers/approvals-site.ts";
import { tempDir } from "./helpers/temp-dir.ts";

const Z2M = { kind: "bridge", id: "z2m" } as const;
const KIT = {
  bridges: [{ id: "z2m", family: "zigbee2mqtt", base: "z2m" }],
  devices: [
    { id: "node", profile: "esphome/any", topic: "node", zone: "path" },
    { id: "lamp", profile: "tasmota/relay", topic: "lamp", zone: "path" },
  ],
  cameras: [],
};

/** When the proposals that wait have been written. */
const written = async (at: Site, count: number): Promise<void> =>
  expect.poll(() => at.registry.data().proposals.length).toBe(count);

test("the entities of one device are one proposal, by the name it gives itself", async () => {
  await using at = await openApprovalsSite({ kit: KIT });
  announceShed(at, Z2M);
  expect(at.approvals.list()).toMatchObject([
    {
      name: "Anna's shed",
      topic: "z2m/shed",
      via: "bridge_z2m",
      profile: "discovered/anna-s-shed",
      why: null,
      kinds: ["motion", "illuminance"],
      deviceId: null,
    },
  ]);
});

test("approved, it is routed and decoded by the profile it announced, also after a restart", async () => {
  await using folder = await tempDir();
  {
    await using at = await openApprovalsSite({ kit: KIT, dataDir: folder.path });
    announceShed(at, Z2M);
    await written(at, 1);
    const proposal = at.approvals.list()[0]?.id ?? "";
    expect(await at.approvals.approve({ proposal, zone: "garden", name: "Shed" })).toEqual({ id: "shed" });
    // With the same write that made it a device.
    expect(at.registry.data().proposals).toEqual([]);
    expect(at.approvals.count()).toBe(0);
  }
  await using at = await openApprovalsSite({ kit: KIT, dataDir: folder.path });
  expect(at.registry.data().devices.at(-1)).toMatchObject({
    id: "shed",
    profile: "discovered/shed",
    topic: "z2m/shed",
  });
  const route = at.router().route("z2m/shed", Z2M);
  expect(route).toMatchObject({ kind: "device", device: { id: "shed" } });
  const payload = Buffer.from('{"occupancy":true,"lux":7}');
  const ask = { profileId: "discovered/shed", deviceTopic: "z2m/shed", topic: "z2m/shed", payload };
  expect(at.profiles.decode(ask)).toMatchObject({
    outcome: "readings",
    readings: [
      { kind: "motion", value: true },
      { kind: "illuminance", value: 7 },
    ],
  });
  // Announcing itself again, as at each start, it does not wait again.
  announceShed(at, Z2M);
  expect(at.approvals.count()).toBe(0);
});

test("a proposal survives a restart, and a part of the announcement does not make it less", async () => {
  await using folder = await tempDir();
  let id: string | undefined;
  {
    await using at = await openApprovalsSite({ kit: KIT, dataDir: folder.path });
    announceShed(at, Z2M);
    id = at.approvals.list()[0]?.id;
  }
  await using at = await openApprovalsSite({ kit: KIT, dataDir: folder.path });
  expect(at.approvals.list()).toMatchObject([{ id, kinds: ["motion", "illuminance"], topic: "z2m/shed" }]);
  at.say("homeassistant/binary_sensor/1/motion/config", motion("z2m/shed"), Z2M);
  expect(at.approvals.list()).toMatchObject([{ id, kinds: ["motion", "illuminance"] }]);
  await at.approvals.approve({ proposal: id ?? "", zone: "garden" });
  expect(at.profiles.get("discovered/anna-s-shed")?.kinds).toEqual(["motion", "illuminance"]);
});

test("what is said again is not written again", async () => {
  await using at = await openApprovalsSite({ kit: KIT });
  announceShed(at, Z2M);
  await written(at, 1);
  let writes = 0;
  at.registry.onChange(() => (writes += 1));
  at.time.pass(60_000);
  announceShed(at, Z2M);
  // Closing writes at once what is still to be written.
  await at.approvals[Symbol.asyncDispose]();
  expect(writes).toBe(0);
});

test("nothing of who or where stands in the profile, and no hardware address in the registry", async () => {
  await using folder = await tempDir();
  await using at = await openApprovalsSite({ kit: KIT, dataDir: folder.path });
  announceShed(at, Z2M);
  await at.approvals.approve({ proposal: at.approvals.list()[0]?.id ?? "", zone: "garden", name: "Shed" });
  expect(JSON.stringify(at.registry.data().discovered)).not.toMatch(/Anna|0x0000|PIR 3000/);
  expect(await readFile(join(folder.path, "registry.json"), "utf8")).not.toMatch(/Anna|0x0000|PIR 3000/);
});

test("what cannot be read waits with the reason, and becomes readable by what is announced later", async () => {
  await using at = await openApprovalsSite({ kit: KIT });
  const config = motion("z2m/shed", { val_tpl: "{{ states('sensor.x') }}" });
  at.say("homeassistant/binary_sensor/1/motion/config", config, Z2M);
  const [proposal] = at.approvals.list();
  expect(proposal).toMatchObject({ name: "Anna's shed", profile: null, why: expect.stringMatching(/\w/), kinds: [] });
  const ask = { proposal: proposal?.id ?? "", zone: "garden" };
  await expect(at.approvals.approve(ask)).rejects.toMatchObject({
    code: "USAGE",
    message: expect.stringContaining("needs a profile"),
  });
  await expect(at.approvals.approve({ ...ask, profile: "zigbee2mqtt/any" })).rejects.toMatchObject({
    code: "USAGE",
    hint: expect.stringContaining("--topic"),
  });
  at.say("homeassistant/sensor/1/lux/config", lux("z2m/shed"), Z2M);
  expect(at.approvals.list()).toMatchObject([{ topic: "z2m/shed", kinds: ["illuminance"], why: null }]);
});

test("an empty message takes the announcement back", async () => {
  await using at = await openApprovalsSite({ kit: KIT });
  announceShed(at, Z2M);
  at.say("homeassistant/sensor/1/lux/config", "", Z2M);
  at.say("homeassistant/binary_sensor/1/motion/config", "", Z2M);
  expect(at.approvals.list()).toEqual([]);
  await written(at, 0);
});

test("a family's own profile is proposed rather than the announced one, under the announced name", async () => {
  await using at = await openApprovalsSite({ kit: KIT });
  at.say("z2m/shed", { occupancy: true }, Z2M);
  announceShed(at, Z2M);
  expect(at.approvals.list()).toMatchObject([{ name: "Anna's shed", profile: "zigbee2mqtt/any", topic: "z2m/shed" }]);
});
