// Shown: a volunteer's own folder of device profiles (`profiles:` in gateway.yaml) is used beside those that come with
// Hedgerow; its mistakes are named by file and line, take away that file's devices alone, and stop nothing.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { explainInput } from "../../src/cli/explain.ts";
import { inspectSettings, loadKit } from "../../src/settings/load.ts";
import { openKnownProfiles } from "../../src/settings/own-profiles.ts";
import { GATEWAY, said, settingsFolder } from "../helpers/settings-folder.ts";

const GOOD = `title: Porch board
setup: ["Plug it in."]
profiles:
  pir:
    title: Movement
    staleAfterS: 3600
    messages:
      - on: "{topic}"
        read: [{ kind: motion, at: /pir, map: { "1": true, "0": false } }]
`;
const BAD = GOOD.replace("profiles:", "profilse:");
const WITH_FOLDER = `${GATEWAY}profiles: ./own\n`;
const kitOf = (profile: string): string =>
  `devices: [{ id: porch, profile: ${profile}, topic: boards/porch, zone: porch }]\n`;

/** A settings folder with profiles of its own below `own/`. */
async function folderWith(profiles: Readonly<Record<string, string>>, kit: string) {
  const folder = await settingsFolder({ gateway: WITH_FOLDER, kit });
  await mkdir(join(folder.path, "own"));
  for (const [name, text] of Object.entries(profiles)) await writeFile(join(folder.path, "own", name), text);
  return folder;
}

test("a profile of one's own is known to the settings, to an imported kit and to explain", async () => {
  await using folder = await folderWith({ "porch-board.yaml": GOOD }, kitOf("porch-board/pir"));
  const { settings, mistakes, warnings } = await inspectSettings(folder.file);
  expect([mistakes, warnings.filter(({ code }) => code === "PROFILE_INVALID")]).toEqual([[], []]);
  expect(settings?.gateway.profiles).toBe(join(folder.path, "own"));
  const { profiles } = await openKnownProfiles(settings?.gateway.profiles);
  expect([profiles.get("porch-board/pir")?.title, profiles.get("tasmota/relay") !== undefined]).toEqual([
    "Movement",
    true,
  ]);
  expect((await loadKit(join(folder.path, "kit.yaml"), settings?.gateway.profiles)).devices).toHaveLength(1);
  await expect(loadKit(join(folder.path, "kit.yaml"))).rejects.toMatchObject({ code: "CONFIG_INVALID" });
  const lines: string[] = [];
  await explainInput({
    options: { topic: "boards/porch", config: folder.file, json: true },
    input: Readable.from([Buffer.from('{"pir":1}')]),
    print: (line) => lines.push(line),
    startMs: Date.parse("2026-06-01T12:00:00Z"),
  });
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    outcome: "readings",
    profile: "porch-board/pir",
    device: "porch",
    readings: [{ kind: "motion", value: true }],
  });
});

test("a mistake in one's own profile is a warning with file and line, and so is the device that needs it", async () => {
  await using folder = await folderWith({ "porch-board.yaml": BAD, "gate.yaml": GOOD }, kitOf("porch-board/pir"));
  const { settings, mistakes, warnings } = await inspectSettings(folder.file);
  expect(mistakes).toEqual([]);
  expect(settings).not.toBeNull();
  const inProfile = warnings.filter(({ file }) => file === join(folder.path, "own", "porch-board.yaml"));
  expect(inProfile.map(({ place }) => place?.line)).toContain(3);
  expect(inProfile.map(({ text }) => text).join("\n")).toContain("profilse");
  expect(warnings.map(({ text }) => text).join("\n")).toContain(
    "device porch has the profile porch-board/pir, whose file has",
  );
  const known = await openKnownProfiles(join(folder.path, "own"));
  expect(known.profiles.get("porch-board/pir")).toBeUndefined();
  expect(known.profiles.get("gate/pir")).toBeDefined();
});

test("a misspelt profile is a mistake still, also where another file has one of its own", async () => {
  await using folder = await folderWith({ "porch-board.yaml": BAD }, kitOf("tasmota/relais"));
  const { mistakes } = await inspectSettings(folder.file);
  expect(mistakes.map(({ text }) => text).join("\n")).toContain("did you mean tasmota/relay?");
});

test("a folder that is not there is a mistake where gateway.yaml names it", async () => {
  const { mistakes } = await said({ gateway: WITH_FOLDER });
  expect(mistakes).toHaveLength(1);
  expect(mistakes[0]).toMatch(/^gateway\.yaml:3:\d+ .*own.*make the folder, or remove the line$/);
});
