// How a language says things: which one is taken, what stands in a message's places, and what becomes of a bad file. On the
// languages that come with Hedgerow, and on folders made here. That the files are whole is shown in languages-words.test.ts.
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import { type Languages, languageOf, languageTags, openLanguages } from "../src/languages/say.ts";

const SHIPPED = join(import.meta.dirname, "../src/languages");
const [FSI, PDI] = ["\u2068", "\u2069"];

/** A folder with en.json and what else is said, opened. */
function languagesWith(files: Readonly<Record<string, string>>): Languages {
  const folder = mkdtempSync(join(tmpdir(), "hedgerow-languages-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  copyFileSync(join(SHIPPED, "en.json"), join(folder, "en.json"));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return openLanguages((tag) => pathToFileURL(join(folder, `${tag}.json`)));
}

test("six languages come with Hedgerow, each with its own name and direction", () => {
  const all = languageTags().map((tag) => languageOf(tag));
  expect(all.map(({ tag, name, direction }) => `${tag} ${name} ${direction}`)).toEqual([
    "ar العربية rtl",
    "de Deutsch ltr",
    "en English ltr",
    "es Español ltr",
    "fr Français ltr",
    "uk Українська ltr",
  ]);
});

test("a tag finds the nearest file: the whole tag, then less of it, in the end English", () => {
  const languages = languagesWith({ "zh-Hant.json": "{}", "pt.json": "{}" });
  const found = ["zh-hant-TW", "ZH-HANT", "zh", "pt-BR", "de", "en-GB", "", "__proto__", "../en"].map(
    (tag) => languages.of(tag).tag,
  );
  expect(found).toEqual(["zh-Hant", "zh-Hant", "en", "pt", "en", "en", "en", "en", "en"]);
});

test("a new language is one file: it is offered, speaks, and runs in its own direction", () => {
  const hebrew = JSON.stringify({
    "language.name": "עברית",
    "duration.days": "{n, plural, one {יום #} other {# ימים}}",
  });
  const languages = languagesWith({ "he.json": hebrew });
  expect(languages.tags()).toEqual(["en", "he"]);
  expect(languages.of("he")).toMatchObject({ tag: "he", name: "עברית", direction: "rtl" });
  expect(languages.of("he").hours(72)).toBe("3 ימים");
  expect(languages.of("he").hours(3), "what it does not say is English").toBe("3 hours");
});

test("a bad message is English, and the rest of its language stays", () => {
  const messages = {
    "duration.days": "{n, plural, one {# Tag} other {# Tage}",
    "duration.hours": "{hours} Stunden",
    "duration.minutes": "{n, plural, one {# Minute}}",
    "duration.seconds": "{n, plural, one {# Sekunde} other {# Sekunden}}",
  };
  const german = languagesWith({ "de.json": JSON.stringify(messages) }).of("de");
  expect(german.hours(72), "a brace is missing").toBe("3 days");
  expect(german.hours(3), "another value than English has").toBe("3 hours");
  expect(german.seconds(120), "no word for the others").toBe("2 minutes");
  expect(german.seconds(5)).toBe("5 Sekunden");
});

test("a file that is no JSON, no object, or not called after a language is not offered", () => {
  const files = { "de.json": "{", "fr.json": "[1]", "es.json": "null", "de copy.json": "{}", "notes.json": "{}" };
  const languages = languagesWith({ ...files, "uk.json": '{"language.name": 5}' });
  expect(languages.tags()).toEqual(["en", "fr", "uk"]);
  expect(languages.of("fr").name).toBe("English");
  expect(languages.of("uk").name, "what is no text is not taken for one").toBe("English");
});

test("durations have the largest whole unit that people would say", () => {
  const { hours, seconds } = languageOf("en");
  expect([72, 48, 24, 36, 1, 1.5, 0.5, 8760].map(hours)).toEqual([
    "3 days",
    "2 days",
    "24 hours",
    "36 hours",
    "1 hour",
    "1.5 hours",
    "30 minutes",
    "365 days",
  ]);
  expect([900, 60, 1, 90, 3600, 86_400, 172_800, 0].map(seconds)).toEqual([
    "15 minutes",
    "1 minute",
    "1 second",
    "90 seconds",
    "1 hour",
    "24 hours",
    "2 days",
    "0 seconds",
  ]);
});

test("each language counts in its own way", () => {
  const days = (tag: string) => [1, 2, 3, 5, 11, 21, 100].map((n) => languageOf(tag).seconds(n * 60));
  expect(days("ar")).toEqual(["دقيقة واحدة", "دقيقتين", "3 دقائق", "5 دقائق", "11 دقيقة", "21 دقيقة", "100 دقيقة"]);
  expect(days("uk")).toEqual([
    "1 хвилину",
    "2 хвилини",
    "3 хвилини",
    "5 хвилин",
    "11 хвилин",
    "21 хвилину",
    "100 хвилин",
  ]);
  expect(languageOf("uk").hours(1.5)).toBe("1,5 години");
  expect(languageOf("fr").hours(1.5)).toBe("1,5 heure");
});

test("days, moments, numbers and lists are written as in the language, with the digits 0 to 9 in each", () => {
  const MS = Date.parse("2026-11-21T22:30:00Z");
  const written = languageTags().map((tag) => {
    const { day, moment, number, percent, list } = languageOf(tag);
    const parts = [
      day("2027-06-30"),
      day(MS, "Europe/Kyiv"),
      moment(MS, "Europe/Kyiv"),
      number(12_345.5),
      percent(0.35),
    ];
    return [...parts, list(["a", "b", "c"])]
      .join(" | ")
      .replaceAll(/[\u00a0\u202f]/g, "_")
      .replaceAll(/[\u200e\u2068\u2069]/g, "");
  });
  expect(written).toEqual([
    "30 يونيو 2027 | 22 نوفمبر 2026 | 22 نوفمبر 2026 في 00:30 غرينتش+2 | 12,345.5 | 35% | a وb وc",
    "30. Juni 2027 | 22. November 2026 | 22. November 2026 um 00:30 OEZ | 12.345,5 | 35_% | a, b und c",
    "30 June 2027 | 22 November 2026 | 22 November 2026 at 00:30 EET | 12,345.5 | 35% | a, b and c",
    "30 de junio de 2027 | 22 de noviembre de 2026 | 22 de noviembre de 2026 a las 00:30 EET | 12.345,5 | 35_% | a, b y c",
    "30 juin 2027 | 22 novembre 2026 | 22 novembre 2026 à 00:30 UTC+2 | 12_345,5 | 35_% | a, b et c",
    "30 червня 2027 року | 22 листопада 2026 року | 22 листопада 2026 року о 00:30 GMT+2 | 12_345,5 | 35% | a, b і c",
  ]);
});

test("a month is named without a day, and a sentence that ends in a year ends in one point", () => {
  const months = languageTags().map((tag) => languageOf(tag).month("2026-11"));
  expect(months).toEqual([
    "نوفمبر 2026",
    "November 2026",
    "November 2026",
    "noviembre de 2026",
    "novembre 2026",
    "листопад 2026 року",
  ]);
  const until = languageTags().map((tag) =>
    languageOf(tag).say("policy.camera-until", { day: languageOf(tag).day("2027-06-30") }),
  );
  expect(until.filter((sentence) => /\.[\u2069]?\.$/.test(sentence))).toEqual([]);
});

test("a value cannot turn the sentence around it", () => {
  const english = JSON.parse(readFileSync(join(SHIPPED, "en.json"), "utf8"));
  const languages = languagesWith({
    "en.json": JSON.stringify({ ...english, "policy.sensed": "Ask {who}." }),
    "ar.json": JSON.stringify({ "policy.sensed": "اسألوا {who}." }),
    "fr.json": JSON.stringify({ "policy.sensed": "Demandez à {who}." }),
  });
  const ask = (tag: string, who: string) => languages.of(tag).say("policy.sensed", { who });
  expect(ask("ar", "privacy@elm.example")).toBe(`اسألوا ${FSI}privacy@elm.example${PDI}.`);
  expect(ask("fr", "Anne"), "nothing is added where nothing can turn").toBe("Demandez à Anne.");
  expect(ask("fr", "جمعية الحي")).toBe(`Demandez à ${FSI}جمعية الحي${PDI}.`);
  expect(ask("fr", "A\u202eB\u200f"), "no override, no mark").toBe("Demandez à AB.");
  expect(ask("ar", `A${PDI}B`), "none is closed that was not opened").toBe(`اسألوا ${FSI}AB${PDI}.`);
  expect(ask("ar", "A\u2067B"), "none stays open").toBe(`اسألوا ${FSI}A\u2067B${PDI}${PDI}.`);
  const list = languages.of("ar").list(["a", "ب"]);
  expect(ask("ar", list), "a list keeps its own").toBe(`اسألوا ${FSI}${FSI}a${PDI} و${FSI}ب${PDI}${PDI}.`);
});

test("a value that chooses between wordings does so in a right-to-left sentence too", () => {
  for (const tag of ["en", "ar"]) {
    const { say } = languageOf(tag);
    expect(say("reason.said-motion", { is: "yes" })).not.toBe(say("reason.said-motion", { is: "no" }));
  }
});

test("markup in a message or a value stays text", () => {
  const english = JSON.parse(readFileSync(join(SHIPPED, "en.json"), "utf8"));
  const languages = languagesWith({ "en.json": JSON.stringify({ ...english, "policy.sensed": "<b>{who}</b>" }) });
  expect(languages.of("en").say("policy.sensed", { who: "<i>{n}</i>" })).toBe("<b><i>{n}</i></b>");
});

test("a sentence comes in pieces around a thing that is not text", () => {
  const english = JSON.parse(readFileSync(join(SHIPPED, "en.json"), "utf8"));
  const languages = languagesWith({
    "en.json": JSON.stringify({ ...english, "policy.sensed": "Ask {who} about {what}." }),
    "ar.json": JSON.stringify({ "policy.sensed": "بشأن {what} اسألوا {who}." }),
  });
  const link = { href: "mailto:privacy@elm.example" };
  const pieces = (tag: string) => languages.of(tag).pieces("policy.sensed", { who: link, what: "X" });
  expect(pieces("en")).toEqual(["Ask ", FSI, link, PDI, " about X."]);
  expect(pieces("ar")).toEqual([`بشأن ${FSI}X${PDI} اسألوا `, FSI, link, PDI, "."]);
});
