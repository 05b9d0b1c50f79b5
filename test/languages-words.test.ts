// Each language file says all that English says, well formed and short enough for a sign; each message is used. Read with the
// parser that also speaks them. What each language writes in its own way stands in the table of habits.
import { readFileSync } from "node:fs";
import { IntlMessageFormat } from "intl-messageformat";
import { expect, test } from "vitest";
import { localeOf } from "../src/languages/amounts.ts";
import { languageTags } from "../src/languages/say.ts";
import { SAME_AS_ENGLISH } from "./helpers/same-as-english.ts";
import { readTree } from "./helpers/source-tree.ts";

type Messages = ReadonlyMap<string, string>;
/** Of what the parser makes. `type`: 0 words, 1 a value, 2 a number, 5 a choice, 6 a plural, 7 the plural's number. */
type Part = {
  readonly type: number;
  readonly value?: string;
  readonly pluralType?: Intl.PluralRuleType | undefined;
  readonly options?: Readonly<Record<string, { readonly value: readonly Part[] }>>;
};

const FILES = new Map(languageTags().map((tag) => [tag, read(tag)]));
const ENGLISH = FILES.get("en") ?? new Map<string, string>();
const OTHERS = languageTags().filter((tag) => tag !== "en");

/** What people type letter by letter, such as a file's name, 07:30 or a place: the same in each language, no slip. */
const NAMES = /\b(?:\d\d:\d\d|48\.86, 2\.35|gateway\.yaml|policy\.yaml|kit\.yaml|status\.publicUrl)\b/g;

/** What is longer than room is for, and why it may be. */
const LONGER: Readonly<Record<string, string>> = {};

/** What a language does not write: a pattern over a message's own words, and what it does write. */
const HABITS: Readonly<Record<string, readonly (readonly [RegExp, string])[]>> = {
  en: [[/["„]/, "“…”"]],
  es: [
    [/["'„]/, "«…» and ’"],
    [/^[^¿]*\?/, "¿…?"],
    [/^[^¡]*!/, "¡…!"],
    [/(?<!\p{L})(vuestr\p{L}+|tus?|te)(?!\p{L})/iu, "usted"],
  ],
  fr: [
    [/["'„“”]/, "« … » and ’"],
    [/[^\u202f][;?!»]|«[^\u202f]/, "a narrow no-break space before ; ? ! » and behind «"],
    [/[^\u00a0]:(?!\/\/)/, "a no-break space before a colon"],
    [/(?<!\p{L})(tu|ton|tes|toi)(?!\p{L})/iu, "vous"],
  ],
  de: [
    [/["'»«”]/, "„…“ and ’"],
    [/„[^“]*$|^[^„]*“/, "„…“"],
    [/\b(du|dein\w*|dir|dich)\b/i, "Sie"],
  ],
  ar: [
    [/["'„]/, "«…»"],
    [/[,;?]/, "، ؛ ؟"],
    [/[٠-٩۰-۹٪]/, "the digits 0 to 9"],
    [/ـ/, "no stretched letters"],
  ],
  uk: [
    [/["'„“”]/, "«…» and ’"],
    [/[ыэъё]/i, "no letters of Russian"],
    [/(?<!\p{L})(ти|твій|твоя|тобі|тебе)(?!\p{L})/iu, "ви"],
  ],
};

test.each(OTHERS)("%s says all that English says, and nothing more", (tag) => {
  expect([...messagesOf(tag).keys()]).toEqual([...ENGLISH.keys()]);
});

test.each([...FILES.keys()])("the keys of %s are in order, one a line", (tag) => {
  const text = readFileSync(pathOf(tag), "utf8");
  const keys = text.split("\n").flatMap((line) => /^ {2}"([a-z0-9.-]+)": ".*",?$/.exec(line)?.[1] ?? []);
  expect(keys).toEqual([...new Set(keys)].toSorted());
  expect(keys.length).toBe(messagesOf(tag).size);
  expect(text.split("\n").length).toBe(keys.length + 3);
});

test.each(OTHERS)("%s has the same places for values as English, of the same kinds", (tag) => {
  for (const [key, text] of messagesOf(tag)) {
    expect(`${key} ${placesOf(parse(text, tag)).join(" ")}`).toBe(
      `${key} ${placesOf(parse(ENGLISH.get(key) ?? "", "en")).join(" ")}`,
    );
  }
});

test.each([...FILES.keys()])(
  "each plural of %s has the forms that the language has, and each choice an other",
  (tag) => {
    for (const [key, text] of messagesOf(tag)) {
      for (const part of all(parse(text, tag))) {
        const forms = Object.keys(part.options ?? {}).filter((form) => !form.startsWith("="));
        if (part.type === 5) expect(forms, key).toContain("other");
        if (part.type !== 6) continue;
        const rules = new Intl.PluralRules(tag, { type: part.pluralType ?? "cardinal" });
        expect(`${key} ${forms.toSorted().join(" ")}`).toBe(
          `${key} ${rules.resolvedOptions().pluralCategories.toSorted().join(" ")}`,
        );
      }
    }
  },
);

test.each(OTHERS)("%s has been translated", (tag) => {
  const english = [...messagesOf(tag)].filter(
    ([key, text]) =>
      text === ENGLISH.get(key) &&
      /\p{L}/u.test(text.replaceAll(/\{\w+\}/g, "")) &&
      !(SAME_AS_ENGLISH[key] ?? "").split(" ").includes(tag),
  );
  expect(english.map(([key]) => key)).toEqual([]);
});

test.each(OTHERS)("the words of %s fit where English words fit", (tag) => {
  const long = [...messagesOf(tag)].flatMap(([key, text]) => {
    const room = Math.floor(longest(parse(ENGLISH.get(key) ?? "", "en")) * 1.6 + 12);
    const length = longest(parse(text, tag));
    return length <= room || Object.hasOwn(LONGER, key) ? [] : [`${key}: ${length} of ${room}`];
  });
  expect(long).toEqual([]);
});

test.each([...FILES.keys()])("%s is written as people write it", (tag) => {
  const slips = [...messagesOf(tag)].flatMap(([key, text]) =>
    wordings(parse(text.replaceAll(NAMES, "X"), tag)).flatMap((words) =>
      [...ANYWHERE, ...(HABITS[tag] ?? [])]
        .filter(([slip]) => slip.test(words))
        .map(([slip, instead]) => `${key}: ${instead} (${slip.exec(words)?.[0]})`),
    ),
  );
  expect(slips).toEqual([]);
});

test("what is listed as an exception is one", () => {
  const same = Object.entries(SAME_AS_ENGLISH).flatMap(([key, tags]) =>
    tags
      .split(" ")
      .filter((tag) => messagesOf(tag).get(key) !== ENGLISH.get(key))
      .map((tag) => `${key} ${tag}`),
  );
  expect(same).toEqual([]);
  expect(Object.keys(LONGER).filter((key) => !ENGLISH.has(key))).toEqual([]);
  expect(OTHERS.filter((tag) => !Object.hasOwn(HABITS, tag))).toEqual([]);
});

test("each message is said somewhere", () => {
  const sources = [...readTree(`${import.meta.dirname}/..`)].filter(([path]) => /^src\/.*\.(ts|js)$/.test(path));
  const quoted = sources.flatMap(([, text]) =>
    [...text.matchAll(/["`]([a-z-]+\.[^"`\s]*)["`]/g)].map(([, key = ""]) => key),
  );
  const named = new Set(quoted);
  const built = quoted.filter((key) => key.includes("${")).map((key) => new RegExp(`^${pattern(key)}$`));
  expect(named.size).toBeGreaterThan(0);
  const unsaid = [...ENGLISH.keys()].filter((key) => !named.has(key) && !built.some((each) => each.test(key)));
  expect(unsaid).toEqual([]);
});

/** In no language. U+2068 and U+2069 are put around values by `say`, never by a message. */
const ANYWHERE: readonly (readonly [RegExp, string])[] = [
  [/\.\.\./, "one character …"],
  [/ {2}|^\s|\s$|\u00a0{2}|\s[.,،]/u, "no space too many"],
  [/<|>|&\w+;/, "no markup"],
  [/[\p{Cc}\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u, "no unseen characters"],
  [/\p{L}[.,;?!،؛؟]\p{L}/u, "a space behind a mark"],
  [/--| - /, "–"],
];

function read(tag: string): Messages {
  return new Map(
    Object.entries(JSON.parse(readFileSync(pathOf(tag), "utf8"))).map(([key, text]) => [key, String(text)]),
  );
}

function pathOf(tag: string): string {
  return `${import.meta.dirname}/../src/languages/${tag}.json`;
}

function messagesOf(tag: string): Messages {
  return FILES.get(tag) ?? new Map<string, string>();
}

function parse(text: string, tag: string): readonly Part[] {
  return new IntlMessageFormat(text, localeOf(tag), undefined, { ignoreTag: true }).getAst();
}

/** A part and all inside it. */
function all(parts: readonly Part[]): Part[] {
  return parts.flatMap((part) => [part, ...branches(part).flatMap(all)]);
}

function branches(part: Part): (readonly Part[])[] {
  return Object.values(part.options ?? {}).map(({ value }) => value);
}

/** "n number": a language may ask for the plural of what another only names, as long as it is a number in both. */
function placesOf(parts: readonly Part[]): string[] {
  const places = all(parts).flatMap((part) => {
    if (part.type === 1) return [`${part.value} words`];
    if (part.type === 2 || part.type === 6) return [`${part.value} number`];
    if (part.type === 5)
      return [
        `${part.value} choice ${Object.keys(part.options ?? {})
          .toSorted()
          .join("/")}`,
      ];
    return [];
  });
  return [...new Set(places)].toSorted();
}

function longest(parts: readonly Part[]): number {
  return parts.reduce((sum, part) => {
    if (part.type === 0) return sum + (part.value ?? "").length;
    return sum + Math.max(1, ...branches(part).map(longest));
  }, 0);
}

/** All ways to read a message, with X for each value. */
function wordings(parts: readonly Part[]): string[] {
  return parts.reduce<string[]>(
    (begun, part) => {
      const ways = part.type === 0 ? [part.value ?? ""] : branches(part).flatMap(wordings);
      return begun.flatMap((words) => (ways.length === 0 ? ["X"] : ways).map((way) => words + way));
    },
    [""],
  );
}

/** `change.${name}-on` as a regular expression; a variable that does not end in sight stands for all that follows. */
function pattern(template: string): string {
  return template
    .split(/\$\{[^}]*(?:\}|$)/)
    .map((piece) => piece.replaceAll(/[^a-z0-9-]/g, "\\$&"))
    .join("[a-z0-9.-]+");
}
