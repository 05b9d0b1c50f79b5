// Every counter that the code can count has words for people. The names are read out of the source itself.
import { expect, test } from "vitest";
import { counterWords, reasonWords } from "../../src/web/counter-words.ts";
import { isMessageKey, languageOf } from "../../src/languages/say.ts";
import { readTree } from "../helpers/source-tree.ts";

const ENGLISH = languageOf("en");
const sources = [...readTree(new URL("../../src", import.meta.url).pathname)]
  .filter(([path]) => path.endsWith(".ts") && !path.startsWith("web/counter-words"))
  .map(([path, text]) => ({ path, text }));

/** A name as written where something is counted, what is put in at run time as *. */
const COUNTED = [
  // board.count("…"), batch.count(`…`, n)
  /\bcount\(\s*(?:"([a-z][^"\s]*)"|`([a-z][^`\s]*)`)/g,
  // count({ "…": 1 }), counters: { "…": 1 }, count({ [`…`]: n })
  /(?:"([a-z-]+\.[a-z.-]+)"|\[`([a-z-]+\.[^`\s]+)`\]): -?\w/g,
  // sql.count.run("…", n)
  /\bcount\.run\((?:"([a-z][^"]*)"|`([a-z][^`\s]*)`)/g,
  // ["…", n] as const, which a loop counts
  /\["(spool\.[a-z.-]+)", \w+\]/g,
];

/** What is put in before the end of a name; at the end stands a platform or a reason, which any word is good for. */
const PUT_IN: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^(arrival)\.\*\./, ["ignored", "dropped"]],
  [/^(entry)\.\*\./, ["expired", "evicted", "erased"]],
  [/^(spool\.became)-\*$/, ["ok", "full", "failed"]],
];

function namesIn(text: string): string[] {
  return COUNTED.flatMap((pattern) => [...text.matchAll(pattern)].map(([, plain, made]) => plain ?? made ?? ""))
    .filter((name) => name.includes(".") && !/\.(js|ts|db)$/.test(name))
    .map((name) => name.replaceAll(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, "*").replace(/\.$/, ".*"))
    .flatMap((name) => {
      const [pattern, words] = PUT_IN.find(([each]) => each.test(name)) ?? [];
      if (pattern === undefined || words === undefined) return [name];
      return words.map((word) => name.replace("*", word));
    });
}

const counted = sources.flatMap(({ text }) => namesIn(text));
// What is written like a count and is the key of a message is none.
const names = [...new Set(counted)].filter((name) => !name.startsWith("forward.") && !isMessageKey(name)).toSorted();

test("the names were found", () => {
  expect(names.length).toBeGreaterThan(45);
  for (const name of [
    "entry.made.*",
    "entry.evicted.*",
    "spool.became-full",
    "spool.lost",
    "spool.damaged",
    "reading.taken",
    "web.failed",
    "clock.stepped",
  ])
    expect(names).toContain(name);
});

test.each(names)("%s has words", (name) => {
  expect(counterWords(name, ENGLISH)).not.toBeNull();
});

test("what a pump counts has words with the platform's name, whatever that is", () => {
  const pump = sources.find(({ path }) => path.endsWith("forward/pump.ts"))?.text ?? "";
  const whats = [...pump.matchAll(/#count\("([a-z]+)"/g)].map(([, what]) => what);
  expect(whats.length).toBeGreaterThan(3);
  for (const what of whats) expect(counterWords(`forward.a.b.${what}`, ENGLISH), what).toMatch(/: a\.b$/);
});

test("the reasons why something was kept back, not used or refused are words, not names of the code", () => {
  const unions = sources
    .filter(({ path }) => /core\/(reading|house-fact)\.ts$/.test(path))
    .flatMap(({ text }) =>
      [...text.matchAll(/type \w*Reason =([^;]+);/g)].flatMap(([, union = ""]) => [...union.matchAll(/"([a-z-]+)"/g)]),
    );
  const refusals = sources
    .filter(({ path }) => path.endsWith("camera-lane.ts"))
    .flatMap(({ text }) => [...text.matchAll(/#refused?\("([a-z-]+)"/g)]);
  const reasons = [...unions, ...refusals].map(([, reason = ""]) => reason);
  expect(reasons.length).toBeGreaterThan(25);
  expect(reasons.filter((reason) => reason.includes("-") && reasonWords(reason, ENGLISH) === reason)).toEqual([]);
});
