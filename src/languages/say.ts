// The words of the pages, of the sign and of the policy, in each language. A language is one JSON file in this folder: ICU
// messages by key (plural and select as in CLDR). en.json is the one that all others follow, and the type of the keys.
import { readdirSync, readFileSync } from "node:fs";
import { IntlMessageFormat } from "intl-messageformat";
import { type Amounts, amountsOf, localeOf } from "./amounts.ts";
import { type Durations, durationsOf } from "./duration.ts";
import english from "./en.json" with { type: "json" };
import { AROUND, isolated, isRightToLeft } from "./isolate.ts";
import { type Spans, spansOf } from "./spans.ts";

export type MessageKey = keyof typeof english;
export type MessageValues = Readonly<Record<string, string | number>>;

/** `tag`: BCP 47, as the file is called. What it makes is plain text, to be escaped where it is shown. */
export type Language = Amounts &
  Durations &
  Spans & {
    readonly tag: string;
    /** In itself, such as `Deutsch`. */
    readonly name: string;
    readonly direction: "ltr" | "rtl";
    /**
     * A message with its values in their places. Where the language has none, or a bad one, the English one. In a
     * right-to-left sentence values stand between isolates (U+2068, U+2069). Throws if English lacks a value.
     */
    readonly say: (key: MessageKey, values?: MessageValues) => string;
    /** The same in pieces, for a sentence that holds a thing that is not text, such as a link: what was given for it. */
    readonly pieces: <Thing extends object>(
      key: MessageKey,
      values: Readonly<Record<string, string | number | Thing>>,
    ) => readonly (string | Thing)[];
  };

/** What there is in one folder. */
export type Languages = {
  /** All there are, by tag in alphabetical order. */
  tags(): readonly string[];
  /** The language of a tag (`de`, and `de-AT` as well); English for one that there is no file for. */
  of(tag: string): Language;
};

type Messages = Readonly<Record<string, string>>;

/** Opens the languages of the folder that `fileOf` names files in. One that is not JSON is as good as absent: not offered. */
export function openLanguages(fileOf: (tag: string) => URL): Languages {
  const messages = read(fileOf);
  const opened = new Map<string, Language>();
  return {
    tags: () => [...messages.keys()],
    of(tag) {
      const known = nearest(tag, messages);
      const language = opened.get(known) ?? openLanguage(known, messages.get(known) ?? {});
      opened.set(known, language);
      return language;
    },
  };
}

const OURS = openLanguages((tag) => new URL(`./${tag}.json`, import.meta.url));

/** Whether there is a message of that key: for names that are counted or told elsewhere, and may have no words yet. */
export function isMessageKey(key: string): key is MessageKey {
  return Object.hasOwn(english, key);
}

/** The languages that come with Hedgerow, by tag in alphabetical order. */
export function languageTags(): readonly string[] {
  return OURS.tags();
}

/** The language of a tag (`de`, and `de-AT` as well) of those that come with Hedgerow; English where there is none. */
export function languageOf(tag: string): Language {
  return OURS.of(tag);
}

function openLanguage(tag: string, messages: Messages): Language {
  const direction = isRightToLeft(tag) ? "rtl" : "ltr";
  const amounts = amountsOf(tag);
  const own = new Map<string, IntlMessageFormat>();
  /** Anything can be wrong with a message that somebody added: a neighbour reads English then, and not an error. */
  const formatted = <Made>(key: MessageKey, make: (format: IntlMessageFormat) => Made): Made => {
    const text = messages[key];
    if (text !== undefined) {
      try {
        const format = own.get(key) ?? new IntlMessageFormat(text, localeOf(tag), undefined, { ignoreTag: true });
        own.set(key, format);
        return make(format);
      } catch (cause) {
        if (tag === "en") throw cause;
      }
    }
    return make(new IntlMessageFormat(english[key], localeOf("en"), undefined, { ignoreTag: true }));
  };
  const say = (key: MessageKey, values: MessageValues = {}): string =>
    formatted(key, (format) => String(format.format(safe(values, { direction, format }))));
  return {
    tag,
    name: say("language.name"),
    direction,
    say,
    pieces: (key, values) =>
      formatted(key, (format) =>
        format
          .formatToParts(safe(values, { direction, format }))
          .flatMap(({ value }) => (typeof value === "string" ? [value] : [AROUND[0], value, AROUND[1]])),
      ),
    ...amounts,
    list: (items) => amounts.list(items.map((item) => isolated(item, direction))),
    ...durationsOf(say),
    ...spansOf(tag),
  };
}

type Sentence = { readonly direction: "ltr" | "rtl"; readonly format: IntlMessageFormat };

/** What only chooses between wordings is not shown, and must stay as it is: isolated, it would fit none of them. */
function safe<Value>(
  values: Readonly<Record<string, Value>>,
  { direction, format }: Sentence,
): Record<string, Value | string> {
  const chooses = (name: string): boolean =>
    format.getAst().some((part) => "options" in part && !("pluralType" in part) && part.value === name);
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === "string" && !chooses(name) ? isolated(value, direction) : value,
    ]),
  );
}

/** The file for a tag, or for it with ever less behind it: `zh-Hant-TW`, `zh-Hant`, `zh`; in the end English. */
function nearest(tag: string, messages: ReadonlyMap<string, Messages>): string {
  const parts = tag.toLowerCase().split("-");
  for (let length = parts.length; length > 0; length -= 1) {
    const asked = parts.slice(0, length).join("-");
    const found = [...messages.keys()].find((known) => known.toLowerCase() === asked);
    if (found !== undefined) return found;
  }
  return "en";
}

function read(fileOf: (tag: string) => URL): Map<string, Messages> {
  const tags = readdirSync(new URL(".", fileOf("en"))).flatMap(
    (file) => /^([a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\.json$/.exec(file)?.[1] ?? [],
  );
  return new Map(
    tags.toSorted().flatMap((tag): [string, Messages][] => {
      const messages = textsOf(readFileSync(fileOf(tag), "utf8"));
      return messages === null ? [] : [[tag, messages]];
    }),
  );
}

function textsOf(json: string): Messages | null {
  const file = parsed(json);
  if (typeof file !== "object" || file === null) return null;
  return Object.fromEntries(
    Object.entries(file).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}
