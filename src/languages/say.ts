// The words of public pages, of the sign and of the policy, in each language. A language is one JSON file in this folder: ICU
// messages by key (plural and select as in CLDR). en.json is the one that all others follow, and the type of the keys.
import { readdirSync, readFileSync } from "node:fs";
import { IntlMessageFormat } from "intl-messageformat";
import english from "./en.json" with { type: "json" };

export type MessageKey = keyof typeof english;
export type MessageValues = Readonly<Record<string, string | number>>;

/** `tag`: BCP 47, as the file is called. `say`: plain text, to be escaped where it is shown. */
export type Language = {
  readonly tag: string;
  /** In itself, such as `Deutsch`. */
  readonly name: string;
  readonly direction: "ltr" | "rtl";
  say(key: MessageKey, values?: MessageValues): string;
};

const MESSAGES: ReadonlyMap<string, Readonly<Record<string, string>>> = read(import.meta.dirname);
const RIGHT_TO_LEFT = new Set(["ar", "fa", "he", "ur"]);

/** All there are, by tag in alphabetical order. */
export function languageTags(): readonly string[] {
  return [...MESSAGES.keys()];
}

const opened = new Map<string, Language>();

/** The language of a tag (`de`, and `de-AT` as well); English for one that there is no file for. */
export function languageOf(tag: string): Language {
  const short = tag.toLowerCase().split("-")[0] ?? "en";
  const known = MESSAGES.has(short) ? short : "en";
  const found = opened.get(known);
  if (found !== undefined) return found;
  const language = openLanguage(known);
  opened.set(known, language);
  return language;
}

function openLanguage(tag: string): Language {
  const messages = MESSAGES.get(tag) ?? {};
  const formats = new Map<string, IntlMessageFormat>();
  const say = (key: MessageKey, values: MessageValues = {}): string => {
    const format = formats.get(key) ?? new IntlMessageFormat(messages[key] ?? english[key], tag);
    formats.set(key, format);
    return String(format.format(values));
  };
  return { tag, name: say("language.name"), direction: RIGHT_TO_LEFT.has(tag) ? "rtl" : "ltr", say };
}

function read(folder: string): Map<string, Readonly<Record<string, string>>> {
  const tags = readdirSync(folder)
    .filter((file) => file.endsWith(".json"))
    .map((file) => file.slice(0, -".json".length))
    .toSorted();
  return new Map(tags.map((tag) => [tag, textsOf(readFileSync(new URL(`./${tag}.json`, import.meta.url), "utf8"))]));
}

function textsOf(json: string): Record<string, string> {
  const file: unknown = JSON.parse(json);
  if (typeof file !== "object" || file === null) return {};
  return Object.fromEntries(
    Object.entries(file).filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}
