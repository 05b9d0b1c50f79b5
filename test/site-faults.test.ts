// What goes wrong while the house is changed from the page: two at once, a kit that refuses, a file half written, a house that
// closes in between. On real files.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "../src/core/clock.ts";
import { loadSettings } from "../src/settings/load.ts";
import { createSite } from "../src/site.ts";
import { CAMERA, openSite, SEEN } from "./helpers/open-site.ts";

test("two stewards who saw the same agreement change it both: what the one wrote stays when the other saves", async () => {
  await using open = await openSite();
  const { policy: seen } = await open.site.site();
  const motion = { mode: "counts" as const, windowS: 900, atLeast: 5 };
  await Promise.all([
    open.site.changePolicy({ policy: { ...seen, events: { ...seen.events, motion } }, seen }),
    open.site.changePolicy({ policy: { ...seen, languages: ["es"] }, seen }),
  ]);
  expect((await open.site.site()).policy).toMatchObject({ events: { motion }, languages: ["es"] });
});

test("a camera's rules are on the disk before the kit has it, and are taken back where the kit refuses it", async () => {
  await using open = await openSite();
  const before = await open.text("policy.yaml");
  let written = "";
  const full = new Error("no space left on device");
  const registry: typeof open.registry = {
    ...open.registry,
    update: async () => {
      written = await open.text("policy.yaml");
      throw full;
    },
  };
  const told: unknown[] = [];
  const changed = (undo: unknown): void => void told.push(undo);
  const site = createSite({ settings: await loadSettings(open.file), registry, clock: systemClock, changed });
  await expect(site.saveCamera({ camera: CAMERA, policy: SEEN })).rejects.toBe(full);
  expect(written).toContain("gate-cam:");
  expect([await open.text("policy.yaml"), told]).toEqual([before, []]);
});

test("a file that is half written in an editor costs no password, and what a power cut left of one goes", async () => {
  await using open = await openSite();
  const sink = { kind: "mqtt", id: "city", url: "mqtts://broker.example:8883", username: "elm" } as const;
  await open.site.setPlatform({ ...sink, password: "correct horse" });
  const [text, secrets] = [await open.text("gateway.yaml"), await open.secrets()];
  const left = join(open.path, "secrets", ".platform-city-password.page-0a1b2c3d.0123456789ab.tmp");
  await writeFile(left, "correct horse");
  const changed = (): void => undefined;
  const opened = createSite({
    settings: await loadSettings(open.file),
    registry: open.registry,
    clock: systemClock,
    changed,
  });
  await writeFile(open.file, "");
  await opened.site().catch(() => null);
  await writeFile(open.file, text);
  expect(new Set(await open.secrets())).toEqual(new Set(secrets));
  expect((await loadSettings(open.file)).gateway.platform).toHaveLength(1);
});

test("a house that closes ends the change that is under way, and leaves the files to the next one", async () => {
  await using open = await openSite();
  const changed = (): void => undefined;
  const settings = await loadSettings(open.file);
  const closing = createSite({ settings, registry: open.registry, clock: systemClock, changed });
  const underWay = closing.changeSite({ name: "Oak Lane" });
  await Promise.resolve();
  await closing[Symbol.asyncDispose]();
  await expect(underWay).resolves.toBeUndefined();
  expect(await open.text("gateway.yaml")).toContain("Oak Lane");
  await expect(closing.changeSite({ name: "Late" })).rejects.toMatchObject({ code: "TOO_SOON" });
  expect(await open.text("gateway.yaml")).toContain("Oak Lane");
});

test("the password of one host is not told to another, be it of a platform or of e-mail", async () => {
  await using open = await openSite();
  const platform = { kind: "mqtt", id: "main", url: "mqtts://broker.example" } as const;
  const email = {
    host: "mail.example",
    port: 587,
    security: "starttls",
    from: "a@b.example",
    to: ["c@d.example"],
  } as const;
  await open.site.setPlatform({ ...platform, username: "elm", password: "of the broker" });
  await open.site.changeNotices({ email: { ...email, username: "elm", password: "of the mail" } });
  const before = [await open.text("gateway.yaml"), await open.secrets()];
  const elsewhere = { ...platform, url: "mqtts://broker.example.net" };
  const refused = { code: "CONFIG_INVALID", message: expect.stringContaining("no other host") };
  await expect(open.site.setPlatform(elsewhere)).rejects.toMatchObject(refused);
  await expect(open.site.setPlatform({ ...elsewhere, username: "me" })).rejects.toMatchObject(refused);
  const mail = { ...email, host: "mail.example.net" };
  await expect(open.site.changeNotices({ email: mail })).rejects.toMatchObject(refused);
  expect([await open.text("gateway.yaml"), await open.secrets()]).toEqual(before);
  await open.site.setPlatform({ ...platform, url: "mqtts://Broker.example:8884" });
  await open.site.setPlatform({ ...elsewhere, password: "of the other" });
  await open.site.changeNotices({ email: { ...email, port: 465, security: "tls" } });
  await open.site.changeNotices({ email: { ...mail, username: null, password: null } });
  expect(await open.text("gateway.yaml")).toMatch(/broker\.example\.net[\s\S]*mail\.example\.net/);
});
