// One word for one thing in each language: what a neighbour learned on the sign is called the same on the page and in the
// papers. Each row: what is meant, the word that is written (at least once), and the words that are not.
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { languageTags } from "../src/languages/say.ts";

type Row = readonly [meant: string, written: RegExp, not: RegExp];

const GLOSSARY: Readonly<Record<string, readonly Row[]>> = {
  es: [
    ["the box", /aparato/i, /\b(caja|pasarela|gateway|equipo)\b(?!\.yaml)/i],
    ["sensor", /sensor/i, /detector(es)?\b/i],
    ["picture", /foto/i, /im[aá]gen|instantánea/i],
    ["face", /\bcaras?\b/i, /rostro/i],
    ["painted over", /\btap(a|an|adas?)\b/i, /difumin|pixelad|enmascar/i],
    ["what was agreed", /reglas/i, /política/i],
    ["steward", /al cuidado del aparato|cuidan el aparato/i, /administrador|encargad/i],
    ["controller", /Responsable del tratamiento/, /controlador/i],
    ["ledger", /diario/i, /libro mayor/i],
    ["sign", /cartel/i, /letrero|señal\b/i],
  ],
  fr: [
    ["the box", /boîtier/i, /passerelle|\bbo[iî]te\b/i],
    ["sensor", /capteur/i, /senseur|détecteur/i],
    ["picture", /photo/i, /\bimages?\b|cliché/i],
    ["face", /visage/i, /\bfigures?\b/i],
    ["painted over", /masqu/i, /flout|pixelis/i],
    ["what was agreed", /règles/i, /politique|charte/i],
    ["steward", /gestionnaire/i, /administrat|intendant/i],
    ["controller", /Responsable du traitement/, /contrôleur/i],
    ["ledger", /journal/i, /grand livre/i],
    ["sign", /panneau/i, /affiche\b|pancarte/i],
  ],
  de: [
    ["the box", /\bBox\b/, /Gateway|Kasten|Kiste/],
    ["sensor", /Sensor/, /Fühler|Melder/],
    ["picture", /\bBild/, /\bFotos?\b|Aufnahmen?\b/],
    ["face", /Gesicht/, /Antlitz/],
    ["painted over", /übermal/i, /verpixel|unscharf|geschwärzt|maskier/i],
    ["what was agreed", /Regeln/, /Richtlinie|Policy/],
    ["steward", /Zuständige/, /Verwalter|Betreuer|Administrator/],
    ["controller", /Verantwortlicher/, /Auftraggeber|Controller/],
    ["ledger", /Protokoll/, /Hauptbuch|Logbuch|Journal/],
    ["receipt", /Beleg/, /Quittung/],
    ["sign", /Schild/, /Hinweistafel|Plakat/],
  ],
  ar: [
    ["the box", /الجهاز/, /صندوق|بوابة عبور/],
    ["sensor", /مستشعر/, /حساس|مجس/],
    ["picture", /صور/, /لقطة(?! الشاشة)/],
    ["painted over", /طمس|تطمس|طُمس|تُطمس/, /تمويه|تشويش|تغبيش/],
    ["what was agreed", /القواعد/, /سياسة|السياسة/],
    ["steward", /مشرف/, /مدير|قيّم/],
    ["controller", /المسؤول عن المعالجة/, /المتحكم|المراقب/],
    ["ledger", /الدفتر/, /دفتر الأستاذ/],
    ["sign", /لافتة|اللافتة/, /لوحة إرشادية|يافطة/],
  ],
  uk: [
    ["the box", /пристр/i, /шлюз|коробк|скриньк/i],
    ["sensor", /датчик/i, /сенсор/i],
    ["picture", /знім/i, /(?<!\p{L})фото|зображен|картинк/iu],
    ["face", /обличч|облич/i, /(?<!\p{L})лиц[яе](?!\p{L})/iu],
    ["painted over", /зафарб/i, /розмит|замальов|маску/i],
    ["what was agreed", /правил/i, /політик/i],
    ["steward", /адміністратор/i, /розпорядник|доглядач/i],
    ["controller", /Володілець персональних даних/, /контролер/i],
    ["ledger", /журнал/i, /гросбух|реєстр подій/i],
    ["sign", /табличк/i, /вивіск|(?<!\p{L})знак(?!\p{L})/iu],
  ],
};

const ROWS = Object.entries(GLOSSARY).flatMap(([tag, rows]) => rows.map((row) => [tag, ...row] as const));

test.each(ROWS)("in %s, %s is called by one word", (tag, meant, written, not) => {
  const messages = Object.entries(
    JSON.parse(readFileSync(`${import.meta.dirname}/../src/languages/${tag}.json`, "utf8")),
  );
  const texts = messages.map(([key, text]) => `${key}: ${String(text)}`);
  expect(
    texts.some((text) => written.test(text)),
    `nothing says ${meant} any more`,
  ).toBe(true);
  expect(texts.filter((text) => not.test(text.slice(text.indexOf(" "))))).toEqual([]);
});

test("each language but English has its glossary", () => {
  expect(Object.keys(GLOSSARY).toSorted()).toEqual(languageTags().filter((tag) => tag !== "en"));
});
