// Each language says all that English says.
import { expect, test } from "vitest";
import { languageOf, languageTags } from "../src/languages/say.ts";

test("a language that there is no file for is English", () => {
  expect(languageTags()).toContain("en");
  expect(languageOf("xx").tag).toBe("en");
});
