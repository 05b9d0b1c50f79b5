// The page Buffer in each language, and its bar of hours.
import { expect, test } from "vitest";
import { languageOf, languageTags } from "../../src/languages/say.ts";
import { whatWaits } from "../../src/web/buffer-parts.ts";
import { fakeDeadLetter } from "../helpers/fake-dead-letter.ts";
import { fakeHouse, fakeStatus } from "../helpers/fake-house.ts";
import { openTestWeb } from "../helpers/test-web.ts";

const { buffer, sinks } = fakeStatus();
const [sink] = sinks;
if (sink === undefined) throw new Error("unreachable");
const CLASSES = { snapshot: 7, motion: 997, "light.level": 150, "light.state": 10, house: 40 };

function plain(page: string): string {
  return page
    .replaceAll(/<[^>]+>/g, " ")
    .replaceAll("&#39;", "'")
    .replaceAll(/\s+/g, " ");
}

test("each of its words is in the reader's language, numbers and order too", async () => {
  await using page = await openTestWeb({
    house: fakeHouse({ buffer: { ...buffer, byClass: CLASSES, deadLetters: 1 } }),
  });
  page.house.deadLetters = [fakeDeadLetter()];
  const headers = await page.enter();
  const keys = /\b(buffer|letters|sums|parts)\.[a-z-]+/;
  for (const { tag } of languageTags().map(languageOf)) {
    const { status, text } = await page.ask("GET", `/buffer?lang=${tag}`, { headers });
    expect([tag, status, keys.exec(plain(text))]).toEqual([tag, 200, null]);
  }
});

test("the bar of hours is as long as there is room, of a week, and red when nobody will come by in time", async () => {
  const barOf = async (hoursLeft: number, tag = "en") => {
    const status = { ...fakeStatus(), buffer: { ...buffer, hoursLeft } };
    const now = { nowMs: Date.now(), timezone: "Europe/Paris", language: languageOf(tag) };
    return /hours-left( late)?"><svg.*?<rect x="([\d.]+)" width="([\d.]+)"/
      .exec(String(await whatWaits(status, [], now)))
      ?.slice(1);
  };
  expect(await barOf(61)).toEqual([undefined, "0", "61"]);
  expect(await barOf(900)).toEqual([undefined, "0", "168"]);
  expect(await barOf(3)).toEqual([" late", "0", "3"]);
  expect(await barOf(61, "ar"), "from the right").toEqual([undefined, "107", "61"]);
});
