// A mistake in a profile file is named by file and line, with what to write instead; nothing half-read is used.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { readFamily } from "../../src/profiles/load.ts";
import { checkProfiles, fillSetup, openProfiles } from "../../src/profiles/profiles.ts";
import { tempDir } from "../helpers/temp-dir.ts";

const GOOD = `title: Test
setup: [ "{topic}" ]
rules:
  light:
    - { kind: illuminance, at: /lux }
profiles:
  one:
    title: One
    messages:
      - on: "{topic}"
        read:
          - { kind: motion, at: /m, map: { "ON": true } }
          - { use: light }
`;

const read = (text: string) => readFamily({ id: "test", file: "test.yaml", text });
const mistakes = (from: string, to: string) => {
  expect(GOOD).toContain(from);
  return read(GOOD.replace(from, to)).mistakes.map(({ file, line, text }) => `${file}:${line}: ${text}`);
};

test("a good file has no mistakes", () => {
  expect(read(GOOD).mistakes).toEqual([]);
  expect(read(GOOD).family?.profiles.map(({ id, kinds }) => [id, kinds])).toEqual([
    ["test/one", ["motion", "illuminance"]],
  ]);
});

test("no profile may read who or where somebody is, whoever wrote it", () => {
  for (const field of ["name", "Plate", "mac", "friendly_name", "gps", "lat"])
    expect(mistakes("at: /lux", `at: [/a, /deep/${field}]`)[0]).toMatch(
      /^test\.yaml:5: .*says who or where somebody is/,
    );
});

test.each([
  [
    "an unknown key, with the known one",
    "    title: One",
    "    titel: One",
    /^test\.yaml:8: .*titel.*did you mean title\?$/m,
  ],
  ["what is missing", "    title: One\n", "", /^test\.yaml:7: profiles\.one\.title: is missing$/],
  ["an unknown kind", "kind: illuminance", "kind: lux", /^test\.yaml:5: rules\.light\.0\.kind/],
  ["a key of a rule that is mistyped", "map: {", "mapp: {", /^test\.yaml:12: .*mapp.*did you mean map\?$/],
  [
    "a pattern without the device's topic",
    '"{topic}"\n        read',
    '"tele/x"\n        read',
    /^test\.yaml:10: .*needs \{topic\} exactly once/,
  ],
  [
    "a wildcard that is part of a level",
    '"{topic}"\n        read',
    '"{topic}/a+"\n        read',
    /^test\.yaml:10: .*\+ must be a level of its own/,
  ],
  ["rules that are not written", "use: light", "use: ligth", /^test\.yaml:13: .*ligth.*did you mean light\?$/],
  ["a map to the wrong type", '"ON": true', '"ON": 5', /^test\.yaml:12: .*motion needs a boolean/],
  [
    "a number step for a kind that is no number",
    "at: /m,",
    "at: /m, scale: 2,",
    /^test\.yaml:12: .*scale makes a number/,
  ],
  ["a pointer that is none", "at: /lux", "at: lux", /^test\.yaml:5: .*JSON pointer/],
  ["a pointer that is too deep", "at: /lux", `at: ${"/a".repeat(17)}`, /^test\.yaml:5: .*levels/],
  [
    "both reading and dropping",
    '"{topic}"\n        read',
    '"{topic}"\n        drop: encrypted\n        read',
    /^test\.yaml:10: .*exactly one of read, ignore and drop/,
  ],
  ["a tab", "    title: One", "\ttitle: One", /^test\.yaml:8: .*tab/],
  ["a key written twice", "    title: One", "    title: One\n    title: Two", /^test\.yaml:9: title is written twice/],
  ["a tag", "title: Test", "title: !!js/function x", /^test\.yaml:1: .*tag/],
  ["an on that is no text because it lacks quotes", '{ "ON": true }', "{ 1: true }", /^test\.yaml:12: .*quotes/],
])("%s is named with its line", (_, from, to, expected) => {
  const found = mistakes(from, to);
  expect(found.join("\n")).toMatch(expected);
  expect(read(GOOD.replace(from, to)).family).toBeNull();
});

test("all files' mistakes come at once, and the good files can be used", async () => {
  await using temporary = await tempDir();
  const directory = temporary.path;
  await writeFile(join(directory, "good.yaml"), GOOD);
  await writeFile(join(directory, "bad.yaml"), "title: 5\n");
  await writeFile(join(directory, "Worse Name.yaml"), GOOD);
  const { profiles, mistakes } = await checkProfiles({ directories: [directory] });
  expect(profiles.list.map(({ id }) => id)).toEqual(["good/one"]);
  expect(new Set(mistakes.map(({ file }) => file))).toEqual(
    new Set([join(directory, "bad.yaml"), join(directory, "Worse Name.yaml")]),
  );
  await expect(openProfiles({ directories: [directory] })).rejects.toMatchObject({
    code: "PROFILE_INVALID",
    message: /bad\.yaml:1: /,
  });
});

test("the name of what announces itself is no name for a file", () => {
  expect(readFamily({ id: "discovered", file: "discovered.yaml", text: GOOD })).toMatchObject({
    family: null,
    mistakes: [{ line: 1, text: expect.stringContaining("another name") }],
  });
});

test("a file that would replace a family that is there is refused", async () => {
  await using temporary = await tempDir();
  const directory = temporary.path;
  await writeFile(join(directory, "good.yaml"), GOOD);
  const { mistakes } = await checkProfiles({ directories: [directory, directory] });
  expect(mistakes).toMatchObject([{ line: 1, text: expect.stringContaining("good") }]);
});

test("a file that is too large or cannot be read is a mistake like any other", async () => {
  await using temporary = await tempDir();
  const directory = temporary.path;
  await writeFile(join(directory, "large.yaml"), `${GOOD}#${"x".repeat(LIMITS.profileBytes)}`);
  await mkdir(join(directory, "folder.yaml"));
  const { mistakes } = await checkProfiles({ directories: [directory] });
  expect(mistakes.map(({ text }) => text)).toEqual([
    expect.stringContaining("folder"),
    expect.stringContaining("bytes"),
  ]);
});

test("a directory that is not there is said to be unreadable", async () => {
  await expect(openProfiles({ directories: ["/nowhere/at/all"] })).rejects.toMatchObject({ code: "CONFIG_UNREADABLE" });
});

test("a password that looks like a placeholder stays what it is", () => {
  expect(
    fillSetup(["{username}:{password}@{topic} {unknown}"], { username: "{password}", password: "$&{topic}" }),
  ).toEqual(["{password}:$&{topic}@{topic} {unknown}"]);
});
