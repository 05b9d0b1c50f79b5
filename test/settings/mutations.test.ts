// Shown here: whatever is done to an example file, loading it ends in settings or in findings with a line, never otherwise.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { builtInProfiles, openProfiles } from "../../src/profiles/profiles.ts";
import { inspectSettings } from "../../src/settings/load.ts";
import { settingsFolder } from "../helpers/settings-folder.ts";

const example = (name: string): Promise<string> =>
  readFile(join(import.meta.dirname, `../../config/${name}.example.yaml`), "utf8");

const places = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }));
const inserted = fc.oneof(
  fc.constantFrom(
    "",
    " ",
    "\t",
    "\n",
    ":",
    "-",
    "[",
    "]",
    "{",
    "}",
    "&a",
    "*a",
    "!x",
    "'",
    '"',
    "#",
    "|",
    ">",
    "---",
    "null",
    "1e999",
    ".nan",
    "<<: ",
    "__proto__: 1\n",
    "constructor: 1\n",
    "? ",
    "\0",
    "\uFEFF",
  ),
  fc.string({ unit: "binary", maxLength: 8 }),
);

/** Cuts a piece out of a text and writes something in its place. */
function mutate(text: string, [from, length]: readonly [number, number], piece: string): string {
  const start = Math.floor(from * text.length);
  return text.slice(0, start) + piece + text.slice(start + Math.floor(length ** 4 * 60));
}

test.each(["gateway", "policy", "kit"] as const)("a mutated %s.yaml loads or is explained by line", async (name) => {
  const texts = { gateway: await example("gateway"), policy: await example("policy"), kit: await example("kit") };
  const profiles = await openProfiles({ directories: [builtInProfiles] });
  await using folder = await settingsFolder(texts);
  const file = join(folder.path, `${name}.yaml`);
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(places, inserted), { minLength: 1, maxLength: 3 }), async (mutations) => {
      await writeFile(
        file,
        mutations.reduce((text, [place, piece]) => mutate(text, place, piece), texts[name]),
      );
      const { settings, mistakes } = await inspectSettings(folder.file, { profiles });
      expect(settings === null).toBe(mistakes.length > 0);
      refused += mistakes.length > 0 ? 1 : 0;
      for (const { place, text, file } of mistakes) {
        expect(text).toMatch(/\S/);
        expect(text).not.toMatch(/Invalid input|\[object|undefined/);
        // What has no line was not even read: the policy's or kit's path was mutated away, which gateway.yaml's line names.
        expect(place === null ? file : place.line).toSatisfy((shown: unknown) => shown === file || Number(shown) > 0);
      }
    }),
    { numRuns: 150 },
  );
  expect(refused).toBeGreaterThan(20);
});
