// What is to be typed elsewhere has a button that copies it, in the reader's language: its words stand around it on each page.
import { expect, test } from "vitest";
import { openTestWeb } from "../helpers/test-web.ts";

/** Of each thing that may be copied, whether the words stand before it. */
function wordsAround(text: string): boolean[] {
  return text
    .split(/data-copy(?=[\s>])/)
    .slice(0, -1)
    .map((_, at, before) =>
      before
        .slice(0, at + 1)
        .join("")
        .includes('data-words-copy="Kopieren"'),
    );
}

test("the key of the box and the login of a camera are copied in German", async () => {
  await using page = await openTestWeb();
  const headers = { ...(await page.enter()), "accept-language": "de" };
  const { cameras } = page.house.commands.status();
  page.house.set({ cameras: cameras.map((camera) => ({ ...camera, source: "mqtt" })) });
  const key = await page.ask("GET", "/setup/platform", { headers });
  const camera = await page.ask("POST", "/cameras/gate-cam/credentials", {
    headers: { ...headers, "content-type": "application/x-www-form-urlencoded" },
    body: "",
  });
  const made = [key, camera].map(({ text }) => wordsAround(text));
  expect(made).toEqual([[true, true, true], [true]]);
});
