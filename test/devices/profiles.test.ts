// What holds for every profile that comes with the program, and that what is written about them is current.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { READING_UNITS } from "../../src/core/reading.ts";
import { covers } from "../../src/core/topics.ts";
import { decodeBy } from "../../src/profiles/decode.ts";
import { isIdentityName } from "../../src/profiles/identity.ts";
import { builtInProfiles, fillSetup, openProfiles } from "../../src/profiles/profiles.ts";
import { profileJsonSchema } from "../../src/profiles/schema.ts";
import { readFamily } from "../../src/profiles/load.ts";
import { plainName } from "../../src/web/html.ts";
import { setUpParts } from "../../src/web/set-up-lines.ts";
import { EXAMPLE, familyPage } from "./family-table.ts";

const profiles = await openProfiles({ directories: [builtInProfiles] });
const compiled = profiles.compiled.flatMap((family) => family.profiles);

test("devices/README.md is what the profiles say", async () => {
  await expect(familyPage(profiles)).toMatchFileSnapshot("../../devices/README.md");
});

test("devices/profile.schema.json is what the program accepts", async () => {
  await expect(`${JSON.stringify(profileJsonSchema(), null, 2)}\n`).toMatchFileSnapshot(
    "../../devices/profile.schema.json",
  );
});

test("the profile shown to volunteers reads the message shown with it", () => {
  const { family, mistakes } = readFamily({ id: "barn", file: "barn.yaml", text: EXAMPLE });
  expect(mistakes).toEqual([]);
  const payload = Buffer.from('{"pir": 1, "light": {"lux": "12.5"}, "bat_mV": 2900, "ts": 1777190000}');
  const messages = family?.profiles[0]?.messages ?? [];
  expect(decodeBy(messages, { ownTopic: "barn-1", topic: "barn-1", payload })).toMatchObject({
    readings: [
      { kind: "motion", value: true, saidAtMs: 1777190000000 },
      { kind: "illuminance", value: 12.5 },
      { kind: "battery", value: 83 },
    ],
  });
});

test("each file of devices/ is a family with at least one profile", () => {
  const files = readdirSync(builtInProfiles).filter((name) => name.endsWith(".yaml"));
  expect(files.length).toBeGreaterThanOrEqual(3);
  expect(profiles.families().map(({ id }) => `${id}.yaml`)).toEqual(files);
});

test("titles are shown whole where a person chooses", () => {
  for (const { title } of [...profiles.families(), ...profiles.list]) expect(plainName(title)).toBe(title);
});

test("each file names the schema for editors", () => {
  for (const { id } of profiles.families()) {
    expect(readFileSync(join(builtInProfiles, `${id}.yaml`), "utf8")).toMatch(
      /^# yaml-language-server: \$schema=\.\/profile\.schema\.json\n/,
    );
  }
});

test("each profile gives readings of known kinds, and can say more of a device than that it is there", () => {
  for (const { id, kinds } of profiles.list) {
    expect(kinds.filter((kind) => kind !== "online" && kind !== "link").length, id).toBeGreaterThan(0);
    for (const kind of kinds) expect(READING_UNITS, id).toHaveProperty([kind]);
  }
});

test("a device may publish on each topic its profile reads, and reads nothing elsewhere", () => {
  for (const { id, messages } of compiled) {
    const allowed = profiles.publishFilters(id, "a/b");
    for (const { on } of messages) {
      for (const { before, after } of on) {
        expect(
          allowed.some((filter) => covers(filter, `${before}a/b${after}`)),
          `${id} ${before}…${after}`,
        ).toBe(true);
      }
    }
  }
});

test("no filter is wider than the device's own topic", () => {
  for (const { id } of profiles.list) {
    for (const filter of [...profiles.publishFilters(id, "own/x"), ...profiles.commandFilters(id, "own/x")]) {
      expect(filter.split("/"), id).toEqual(expect.arrayContaining(["own", "x"]));
    }
  }
});

test("what a device may hear is not what it may publish, so that nobody can command by publishing", () => {
  for (const { id } of profiles.list) {
    for (const command of profiles.commandFilters(id, "own")) {
      expect(
        profiles.publishFilters(id, "own").some((filter) => covers(filter, command) || covers(command, filter)),
        id,
      ).toBe(false);
    }
  }
});

test("no profile reads a field that says who or where somebody is", () => {
  for (const { id, messages } of compiled) {
    for (const { verdict } of messages) {
      if (verdict.kind !== "read") continue;
      const last = verdict.rules.flatMap(({ at }) => at.map((pointer) => pointer.at(-1)));
      for (const level of last)
        if (level !== undefined && "name" in level)
          expect(isIdentityName(level.name), `${id} ${level.name}`).toBe(false);
    }
  }
});

test("the set-up of a device with its own login names all it has to type in", () => {
  for (const { id, family, needsBridge, setup } of profiles.list) {
    const own = ["{topic}", "{username}", "{password}", "{host}", "{port}"];
    // A wire has nothing to type in; it has a place to go to.
    const needed = family === "gpio" ? ["{pin}"] : needsBridge ? ["{topic}"] : own;
    for (const placeholder of needed) expect(setup.join("\n"), id).toContain(placeholder);
    const wire = family === "gpio" ? { pin: "17", rail: "GND" } : {};
    expect(
      fillSetup(setup, { topic: "t", base: "b", username: "u", password: "p", host: "h", port: "1", ...wire }).join(
        "\n",
      ),
      id,
    ).not.toMatch(/\{(topic|base|username|password|host|port|pin|rail)\}/);
  }
});

test("the set-up of a bridge names all it has to type in", () => {
  for (const { id, bridge } of profiles.families()) {
    if (bridge === null) continue;
    for (const placeholder of ["{base}", "{username}", "{password}", "{host}", "{port}"]) {
      expect(bridge.setup.join("\n"), id).toContain(placeholder);
    }
  }
});

test("what is to be typed stands alone on its line, so that the page gives it a button to copy it", () => {
  const own = profiles.list.map(({ id, setup }) => ({ id, setup }));
  const bridges = profiles
    .families()
    .flatMap(({ id, bridge }) => (bridge === null ? [] : [{ id, setup: bridge.setup }]));
  for (const { id, setup } of [...own, ...bridges]) {
    for (const part of setUpParts(setup)) {
      if (part.kind === "read") expect(part.text, id).not.toMatch(/\{(username|password|host|port)\}/);
      if (part.kind === "read") expect(part.text, id).toMatch(/[.:]$/);
      // A sentence that has lost its full stop would be typed; Tasmota's commands begin with a capital too.
      if (part.kind === "type") expect(part.text, id).not.toMatch(/^(?!Backlog |ZbPermitJoin )\p{Lu}/mu);
    }
  }
});

test("a new device's topic holds its id and lies below its bridge's base", () => {
  for (const { id, needsBridge, topicFor } of profiles.list) {
    expect(topicFor("porch-3"), id).toContain("porch-3");
    if (needsBridge) expect(topicFor("porch-3", "our/base"), id).toMatch(/^our\/base\//);
  }
});

test("times lie within what a house can wait for", () => {
  for (const { id, staleAfterMs, holdMs } of profiles.list) {
    expect(staleAfterMs, id).toBeGreaterThanOrEqual(60_000);
    expect(holdMs ?? 1000, id).toBeLessThanOrEqual(86_400_000);
  }
});

test("a pointer goes no deeper than the bound", () => {
  const pointers = compiled.flatMap(({ messages }) =>
    messages.flatMap(({ verdict }) => (verdict.kind === "read" ? verdict.rules.flatMap(({ at }) => at) : [])),
  );
  expect(pointers.length).toBeGreaterThan(30);
  for (const pointer of pointers) expect(pointer.length).toBeLessThan(LIMITS.jsonDepth);
});
