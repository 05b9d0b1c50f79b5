// How the house is set up is changed from the page: on real files. What people wrote stays, what is wrong is never written, and
// what is typed as a password stands in a file of its own.
import { chmod, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "../src/core/clock.ts";
import { inspectSettings, loadSettings } from "../src/settings/load.ts";
import { createSite } from "../src/site.ts";
import { CAMERA, GATEWAY, openSite, POLICY, SEEN } from "./helpers/open-site.ts";

test("name, place and address are written, and what people wrote beside them stays", async () => {
  await using open = await openSite();
  await open.site.changeSite({
    name: "Oak Lane",
    timezone: "Asia/Tokyo",
    cell: "u09tun",
    publicUrl: "http://hedgerow.local:8080",
  });
  const text = await open.text("gateway.yaml");
  expect(text).toContain("# Our box in the hallway.");
  expect(text).toContain("id: elm-street # never changes");
  expect(text).toContain("timezone: Asia/Tokyo # of the hallway");
  const view = await open.site.site();
  expect(view).toMatchObject({
    why: null,
    gateway: { id: "elm-street", name: "Oak Lane", cell: "u09tun" },
    publicUrl: "http://hedgerow.local:8080",
  });
  expect(open.changes()).toBe(1);
  await open.site.changeSite({ cell: null, publicUrl: null });
  expect(await open.text("gateway.yaml")).not.toContain("cell:");
});

test("a mistake is told in its own words, nothing is written, and the house is not opened anew", async () => {
  await using open = await openSite();
  await expect(open.site.changeSite({ timezone: "Europe/Nowhere" })).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: expect.stringContaining("IANA"),
  });
  const sink = { kind: "https", id: "main", url: "http://platform.example", sharedSecret: "whsec" } as const;
  await expect(open.site.setPlatform(sink)).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  expect(await open.text("gateway.yaml")).toBe(GATEWAY);
  expect(await open.secrets(), "nor is a password left that nothing names").toEqual([]);
  expect(open.changes()).toBe(0);
});

test("a platform's password stands in a file that only the gateway may read, and goes with the platform", async () => {
  await using open = await openSite();
  const sink = { kind: "mqtt", id: "city", url: "mqtts://broker.example:8883", prefix: "hedgerow" } as const;
  await open.site.setPlatform({ ...sink, username: "elm", password: "correct horse" });
  const [first] = (await open.site.site()).platform;
  expect(first).toMatchObject({ id: "city", prefix: "hedgerow", passwordFile: expect.stringMatching(/^secrets\//) });
  expect(await open.text("gateway.yaml")).not.toContain("horse");
  const [password = ""] = (await open.secrets()).filter((name) => name.includes("password"));
  expect((await stat(join(open.path, "secrets", password))).mode & 0o777).toBe(0o600);
  await open.site.setPlatform({ ...sink, password: "another" });
  await open.again();
  expect(await open.secrets(), "the old password went, the user name stayed").toHaveLength(2);
  expect((await loadSettings(open.file)).gateway.platform).toHaveLength(1);
  await open.site.removePlatform({ id: "city" });
  await open.again();
  expect(await open.secrets()).toEqual([]);
  await expect(open.site.removePlatform({ id: "city" })).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("of the policy only what differs is written", async () => {
  await using open = await openSite();
  const { policy } = await open.site.site();
  const motion = { mode: "counts" as const, windowS: 900, atLeast: 5 };
  await open.site.changePolicy({
    policy: { ...policy, events: { ...policy.events, motion }, languages: ["en", "es"] },
  });
  const text = await open.text("policy.yaml");
  expect(text).toContain("# Agreed on 3 March.");
  expect(text).not.toContain("retentionHours");
  expect((await loadSettings(open.file)).policy).toMatchObject({ events: { motion }, languages: ["en", "es"] });
});

test("a camera goes into registry and policy with its password apart, and out of all three", async () => {
  await using open = await openSite();
  await open.site.saveCamera({ camera: CAMERA, credentials: "viewer:secret", policy: SEEN });
  const [camera] = open.registry.data().cameras;
  expect(camera?.source).toMatchObject({
    credentialsFile: expect.stringMatching(/\/secrets\/camera-gate-cam-credentials/),
  });
  expect((await loadSettings(open.file)).policy.cameras["gate-cam"]).toEqual(SEEN);
  const again = { ...CAMERA, zone: "yard", source: camera?.source ?? CAMERA.source };
  await open.site.saveCamera({ camera: again, policy: { ...SEEN, retentionHours: 24 } });
  expect(open.registry.data().cameras).toMatchObject([{ zone: "yard", source: camera?.source }]);
  expect(await open.secrets()).toHaveLength(1);
  const { kit } = await open.site.files();
  expect(kit).toContain("zone: yard");
  await open.site.removeCamera({ id: "gate-cam" });
  expect(open.registry.data().cameras).toEqual([]);
  expect((await loadSettings(open.file)).policy.cameras).toEqual({});
  expect(await open.secrets()).toEqual([]);
});

test("a camera that is triggered by no sensor of the kit is refused, and neither file nor registry has it", async () => {
  await using open = await openSite();
  const camera = { ...CAMERA, triggers: ["porch"] };
  await expect(open.site.saveCamera({ camera, policy: SEEN })).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  expect(open.registry.data().cameras).toEqual([]);
  expect(await open.text("policy.yaml")).toBe(POLICY);
});

test("what was changed can be taken back as a whole, passwords too", async () => {
  await using open = await openSite();
  const sink = { kind: "mqtt", id: "city", url: "mqtts://broker.example:8883", username: "elm" } as const;
  await open.site.setPlatform({ ...sink, password: "first" });
  await open.again();
  const before = await open.text("gateway.yaml");
  const later = createSite({
    settings: await loadSettings(open.file),
    registry: open.registry,
    clock: systemClock,
    changed: (undo) => void (taken = undo),
  });
  let taken = open.undo;
  await later.setPlatform({ ...sink, password: "second" });
  expect(await open.secrets(), "as long as it may have to be put back, the old ones stay").toHaveLength(4);
  await later.changeSite({ name: "Oak Lane" });
  await taken();
  expect(await open.text("gateway.yaml")).toBe(before);
  expect((await loadSettings(open.file)).gateway.platform).toHaveLength(1);
});

test("changes at the same moment all come to be", async () => {
  await using open = await openSite();
  const url = (id: string) => `https://${id}.example/hedgerow`;
  const ids = ["a", "b", "c", "d"];
  await Promise.all(ids.map((id) => open.site.setPlatform({ kind: "https", id, url: url(id) })));
  expect((await open.site.site()).platform.map(({ id }) => id)).toEqual(ids);
});

test("notices are changed one by one, and taken away", async () => {
  await using open = await openSite();
  const mail = {
    host: "mail.example",
    port: 587,
    security: "starttls",
    from: "kit@elm.example",
    to: ["a@elm.example"],
  } as const;
  await open.site.changeNotices({ email: { ...mail, username: "kit", password: "secret" }, afterMinutes: 30 });
  await open.site.changeNotices({ push: [{ kind: "ntfy", url: "https://ntfy.example/elm", token: "tk" }] });
  const { notices } = await open.site.site();
  expect(notices).toMatchObject({ afterMinutes: 30, email: { to: ["a@elm.example"] }, push: [{ kind: "ntfy" }] });
  expect(await open.secrets()).toHaveLength(3);
  await open.site.changeNotices({ email: null, push: [] });
  await open.again();
  expect(await open.secrets()).toEqual([]);
  expect((await inspectSettings(open.file)).mistakes).toEqual([]);
});

test("a file that cannot be changed in place, and one that may not be written, are said with the remedy", async () => {
  await using open = await openSite({
    gateway: "gateway: &g { id: elm-street }\nspool: { bytesMax: 1048576 }\n",
    policy: POLICY,
  });
  await writeFile(join(open.path, "policy.yaml"), `${POLICY}languages: &l [en]\nquiet: { zones: *l }\n`);
  await expect(
    open.site.changePolicy({ policy: { ...(await open.site.site()).policy, languages: ["es"] } }),
  ).rejects.toMatchObject({ code: "CONFIG_UNWRITABLE" });
  await writeFile(join(open.path, "policy.yaml"), "version: 3\n");
  await expect(open.site.site()).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  await writeFile(join(open.path, "policy.yaml"), POLICY);
  if (process.getuid?.() === 0) return;
  await chmod(open.path, 0o500);
  expect((await open.site.site()).why).toContain(open.path);
  await expect(open.site.changeSite({ name: "x" })).rejects.toMatchObject({ code: "CONFIG_UNWRITABLE" });
  await chmod(open.path, 0o700);
});
