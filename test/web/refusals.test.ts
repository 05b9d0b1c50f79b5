// A refusal in the reader's language: each code has a sentence of its own, pages say it in the language they are read in with the
// facts in English beside it, and programs get English.
import { expect, test } from "vitest";
import { ERROR_CODES, type ErrorCode, GatewayError } from "../../src/core/errors.ts";
import { languageOf } from "../../src/languages/say.ts";
import { refusalOf, remedyOf } from "../../src/web/refusals.ts";
import { openTestWeb, post } from "../helpers/test-web.ts";

const isCode = (code: string): code is ErrorCode => Object.hasOwn(ERROR_CODES, code);
const CODES = Object.keys(ERROR_CODES).filter(isCode);

test("each code has a sentence of its own, which speaks of no command", () => {
  const english = languageOf("en");
  const sentences = CODES.map((code) => english.say(remedyOf(code)));
  expect(new Set(sentences).size).toBe(CODES.length);
  expect(CODES.length).toBeGreaterThan(20);
  expect(sentences.filter((sentence) => /`|sudo|hedgerow \w|\.yaml|\.json/.test(sentence))).toEqual([]);
});

test("in English the facts are the sentence; in another language they stand beside it", () => {
  const thrown = new GatewayError("ALREADY_EXISTS", "there is a device porch already", { hint: "Name it otherwise." });
  const facts = "There is a device porch already. Name it otherwise.";
  expect(refusalOf(thrown)).toEqual({ status: 409, sentence: facts, facts: null });
  const german = languageOf("de");
  expect(refusalOf(thrown, german)).toEqual({ status: 409, sentence: german.say("error.already-exists"), facts });
});

test("what a device said cannot turn the words around it", () => {
  const thrown = new GatewayError("NOT_FOUND", "there is no device \u202Egnp.x");
  expect(refusalOf(thrown).sentence).toBe("There is no device  gnp.x.");
});

test("what names files is said without them in each language", () => {
  const thrown = new GatewayError("DATA_DIR_UNUSABLE", "the registry cannot be written (ENOSPC): /data/x");
  for (const tag of ["en", "ar"]) expect(JSON.stringify(refusalOf(thrown, languageOf(tag)))).not.toContain("/data/x");
});

test("a page refuses in the language it is read in, a program reads English", async () => {
  await using page = await openTestWeb();
  const { cookie } = await page.enter();
  const headers = { cookie, "accept-language": "ar" };
  const shown = await page.ask("GET", "/nowhere", { headers });
  expect([shown.status, shown.text.includes('lang="ar" dir="rtl"')]).toEqual([404, true]);
  expect(shown.text).toContain(languageOf("ar").say("page.no-such"));
  const program = await page.ask("GET", "/api/v1/nowhere", { headers });
  expect([program.status, JSON.parse(program.text)]).toEqual([
    404,
    { error: "The API has no such path. /api lists what there is." },
  ]);
  const foreign = await post(page, "/devices/lamp-3/pause", {}, { ...headers, origin: "http://evil.example" });
  expect([foreign.status, foreign.text.includes(languageOf("ar").say("door.origin"))]).toEqual([403, true]);
});
