// Shown: a camera that publishes its pictures gets a login of its own, shown once, which may publish on its own topic and hear
// nothing; it ends when it is revoked, and below a bridge there is none.
import { expect, test } from "vitest";
import { silentLog } from "../../src/core/log.ts";
import { builtInProfiles, fillSetup, openProfiles } from "../../src/profiles/profiles.ts";
import { createRouter } from "../../src/profiles/router.ts";
import { cameraOf } from "../../src/registry/camera-login.ts";
import { loginOf, verifyPassword } from "../../src/registry/credentials.ts";
import { exportKit, importKit } from "../../src/registry/kit-exchange.ts";
import { openRegistry } from "../../src/registry/open-registry.ts";
import { pairDevice, renewCredentials } from "../../src/registry/pairing.ts";
import { revoke } from "../../src/registry/removal.ts";
import { SCHEMAS } from "../../src/settings/schema.ts";
import { said } from "../helpers/settings-folder.ts";
import { tempDir } from "../helpers/temp-dir.ts";

const profiles = await openProfiles({ directories: [builtInProfiles] });

const kit = SCHEMAS.kit.parse({
  bridges: [{ id: "nvr", family: "zigbee2mqtt", base: "frigate" }],
  devices: [{ id: "cam", profile: "tasmota/relay", topic: "lamp", zone: "gate" }],
  cameras: [
    { id: "cam", zone: "gate", source: { kind: "mqtt", topic: "cams/gate", at: "/image" } },
    { id: "door", zone: "gate", source: { kind: "mqtt", topic: "frigate/door/snapshot" } },
    { id: "drop", zone: "gate", source: { kind: "folder", path: "/srv/drop" } },
  ],
});

async function openSite({ isSites = false } = {}) {
  const stack = new AsyncDisposableStack();
  const { path } = stack.use(await tempDir());
  const registry = stack.use(await openRegistry({ dataDir: path, kit, log: silentLog }));
  const pairing = { registry, profiles, fillSetup, broker: { host: "192.168.1.5", port: 1883, isSites } };
  return {
    registry,
    path,
    pairing,
    renew: (id: string) => renewCredentials({ ...pairing, ask: { kind: "camera", id } }),
    hash: () => registry.data().cameras[0]?.passwordHash ?? null,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

test("a camera's credentials fit, tell where to send what, and survive a restart and an import of the kit", async () => {
  await using site = await openSite();
  const made = await site.renew("cam");
  expect(made).toMatchObject({ id: "cam", username: "camera_cam", topic: "cams/gate" });
  expect(made.setup.join("\n")).toContain(`Password: ${made.password}`);
  expect(made.setup.join("\n")).toContain("base64 at /image");
  expect(loginOf(made.username ?? "")).toEqual({ kind: "camera", id: "cam" });
  expect(verifyPassword({ password: made.password ?? "", hash: site.hash() })).toBe(true);
  expect(JSON.stringify(site.registry.data())).not.toContain(made.password);
  expect(JSON.stringify(exportKit(site.registry.data()))).not.toContain("passwordHash");
  await site.registry.update((data) => importKit(data, { kit, prune: true }));
  expect(verifyPassword({ password: made.password ?? "", hash: site.hash() })).toBe(true);
  await using again = await openRegistry({ dataDir: site.path, kit, log: silentLog });
  expect(again.data().cameras[0]?.passwordHash).toBe(site.hash());
});

test("a revoked login is void, and its connections end", async () => {
  await using site = await openSite();
  const { password } = await site.renew("cam");
  const ended: unknown[] = [];
  await revoke(
    { registry: site.registry, disconnect: (login) => void ended.push(login) },
    { kind: "camera", id: "cam" },
  );
  expect([verifyPassword({ password: password ?? "", hash: site.hash() }), ended]).toEqual([
    false,
    [{ kind: "camera", id: "cam" }],
  ]);
});

test("a camera below a bridge, one of another kind and one that is not there have no login", async () => {
  await using site = await openSite();
  await expect(site.renew("door")).rejects.toMatchObject({
    code: "USAGE",
    message: expect.stringContaining("bridge nvr speaks for it"),
  });
  await expect(site.renew("drop")).rejects.toMatchObject({ code: "USAGE" });
  await expect(site.renew("none")).rejects.toMatchObject({ code: "NOT_FOUND" });
  const disconnect = () => undefined;
  await expect(revoke({ registry: site.registry, disconnect }, { kind: "camera", id: "drop" })).rejects.toMatchObject({
    code: "USAGE",
  });
  await using sites = await openSite({ isSites: true });
  expect(await sites.renew("cam")).toMatchObject({ username: null, password: null });
});

test("a camera may publish on its own topic alone and hear nothing; nobody else's message there is a picture", () => {
  const router = createRouter(profiles, kit);
  const camera = { kind: "camera", id: "cam" } as const;
  expect(
    ["cams/gate", "cams/gate/x", "lamp", "stat/lamp/POWER", "homeassistant/sensor/cam/config"].map((topic) =>
      router.mayPublish(camera, topic),
    ),
  ).toEqual([true, false, false, false, false]);
  expect(["cams/gate", "#", "cmnd/lamp/POWER"].map((filter) => router.maySubscribe(camera, filter))).toEqual([
    false,
    false,
    false,
  ]);
  const logins = [
    { kind: "device", id: "cam" },
    { kind: "bridge", id: "nvr" },
    camera,
    { kind: "camera", id: "door" },
    { kind: "site", id: "x" },
  ] as const;
  const whose = logins.map((login) => [
    cameraOf(kit, login, "cams/gate"),
    cameraOf(kit, login, "frigate/door/snapshot"),
  ]);
  expect(whose).toEqual([
    [null, null],
    [null, "door"],
    ["cam", null],
    [null, null],
    ["cam", "door"],
  ]);
});

test("a device whose profile reaches a camera's topic may not speak there", () => {
  const device = { kind: "device", id: "cam" } as const;
  const reach = (topic: string) => {
    const cameras = [{ id: "gate", zone: "gate", source: { kind: "mqtt", topic } }];
    return createRouter(profiles, { ...kit, cameras }).mayPublish(device, "tele/lamp/STATE");
  };
  expect([reach("elsewhere"), reach("tele/lamp/STATE")]).toEqual([true, false]);
});

test("a new device does not get a camera's topic", async () => {
  await using site = await openSite();
  const ask = { profile: "tasmota/relay", zone: "gate", topic: "cams/gate" };
  await expect(pairDevice({ ...site.pairing, ask })).rejects.toMatchObject({ code: "ALREADY_EXISTS" });
});

const camera = (id: string, topic: string): string =>
  `  - { id: ${id}, zone: z, source: { kind: mqtt, topic: ${JSON.stringify(topic)} } }\n`;

test.each([
  ["a wildcard", camera("a", "cams/+"), "the topic of camera a holds + or #"],
  ["another camera's", camera("a", "x") + camera("b", "x"), "the topic x of camera b is camera a's; give each its own"],
  ["a device's", camera("a", "lamp"), "the topic lamp of camera a is device lamp's; give each its own"],
  ["a wire's", camera("a", "gpio/pi/1"), "topics below gpio/ belong to wired sensors"],
  ["that of announcements", camera("a", "homeassistant/camera/a/config"), "devices announce themselves"],
])("a camera's topic that is %s is named", async (_, cameras, complaint) => {
  const devices = "devices: [{ id: lamp, profile: tasmota/relay, topic: lamp, zone: path }]\n";
  const { mistakes } = await said({ kit: `${devices}cameras:\n${cameras}` });
  expect(mistakes.join("\n")).toContain(complaint);
});
