// The public pages speak the reader's language: which one is chosen, that each says the whole, and that nobody's words turn a page.
import { expect, test } from "vitest";
import { languageOf, languageTags } from "../../src/languages/say.ts";
import { SCHEMAS } from "../../src/settings/schema.ts";
import { openPublicSite } from "../helpers/public-site.ts";
import { openTestWeb, testReceipt, testStanding, testWebPolicy } from "../helpers/test-web.ts";

const PAGES = ["/transparency", "/transparency/receipts"];

test.each([
  ["the address, before the browser's", "?lang=uk", "de", "uk"],
  ["the browser's first", "", "de-AT,de;q=0.9,en;q=0.5", "de"],
  ["the browser's by weight", "", "en;q=0.2, es;q=0.7, xx", "es"],
  ["not what the browser refuses", "", "de;q=0", "fr"],
  ["the policy's first where the browser says nothing known", "", "xx,*;q=0.1", "fr"],
  ["the policy's first where nobody says anything", "", "", "fr"],
  ["the browser's where the address names none there is", "?lang=xx", "es", "es"],
  ["the browser's where the address is no language", "?lang=../../etc", "es", "es"],
  ["the policy's where the header is without end", "", "q".repeat(6000), "fr"],
])("the language is %s", async (_, query, accepted, tag) => {
  await using page = await openTestWeb({ policy: { ...testWebPolicy(), languages: ["tlh", "fr", "en"] } });
  const headers = accepted === "" ? {} : { "accept-language": accepted };
  for (const path of PAGES) {
    const { text } = await page.ask("GET", `${path}${query}`, { headers });
    expect(text).toContain(`<html lang="${tag}" dir="${languageOf(tag).direction}">`);
    expect(text).toContain(`<bdi>Elm Street</bdi>`);
  }
});

test("all languages are offered, each in its own name, the policy's first, and links carry the choice", async () => {
  await using page = await openTestWeb({ policy: { ...testWebPolicy(), languages: ["fr", "en"] } });
  const { text } = await page.ask("GET", `/transparency/receipts?lang=ar&sha256=${"1".repeat(64)}`);
  const offered = [...text.matchAll(/hreflang="([\w-]+)"[^>]*>([^<]+)</g)].map(([, tag, name]) => [tag, name]);
  const others = languageTags().filter((tag) => tag !== "fr" && tag !== "en");
  expect(offered).toEqual(["fr", "en", ...others].map((tag) => [tag, languageOf(tag).name]));
  expect(text).toContain(`href="?sha256=${"1".repeat(64)}&amp;lang=fr" lang="fr"`);
  expect(text).toContain('href="/transparency?lang=ar"');
  expect(text).toContain('<input type="hidden" name="lang" value="ar">');
});

test.each(languageTags())(
  "in %s every page says the whole, in less than 60 kB, and nothing is left open",
  async (tag) => {
    await using site = await openPublicSite({
      receipts: () => Array.from({ length: 20 }, (_, n) => testReceipt(n % 10)),
    });
    for (const path of PAGES) {
      const { text, status } = await site.page.ask("GET", `${path}?lang=${tag}`);
      expect(status).toBe(200);
      expect(Buffer.byteLength(text)).toBeLessThan(60_000);
      expect(text).not.toMatch(/\bundefined\b|\[object|NaN/);
      // Braces are the script's alone, and what a receipt holds.
      const said = text.replaceAll(/<template[^]*?<\/template>|<pre[^]*?<\/pre>/g, "");
      expect(said).not.toMatch(/[{}]/);
      expect(text).toContain(languageOf(tag).say("page.footer"));
    }
  },
);

const HOSTILE = {
  markup: `"><script>alert(1)</script><img src=x onerror=alert(1)>`,
  directions: "\u202eevil\u2066\u2067\u200f\u2069\u2069\u2069",
  controls: "a\u0000b\u0007c\u001b[31m\u0085",
  long: "Wort ".repeat(400),
};

test.each(Object.entries(HOSTILE))("hostile words stay words: %s", async (_, words) => {
  const policy = SCHEMAS.policy.parse({
    ...testWebPolicy(),
    controller: { name: words, contact: words },
    cameras: { "gate-cam": { purpose: { en: words, ar: words, [`x" onload="y`]: words }, until: "2027-06-30" } },
  });
  const announced = { ...policy, controller: { name: `${words} 2`, contact: words } };
  const standing = testStanding(policy, {
    policy: announced,
    sha256: "ab".repeat(32),
    hoursLeft: 3,
    approvedBy: [words],
  });
  await using page = await openTestWeb({
    policy,
    policyStanding: standing,
  });
  for (const lang of ["en", "ar"])
    for (const path of PAGES) {
      const { text } = await page.ask("GET", `${path}?lang=${lang}`);
      expect(text).not.toMatch(/<script>|<img src=x|\son[a-z]+="/);
      // oxlint-disable-next-line no-control-regex -- control characters are what is looked for
      expect(text).not.toMatch(/[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u202a-\u202e]/);
      for (const line of text.split("\n")) expect(depthOf(line), line.slice(0, 200)).toBe(0);
    }
  const { text } = await page.ask("GET", "/api/v1/transparency");
  expect(JSON.parse(text).controller.name).toBe(words);
});

/** How many isolates a line leaves open; NaN where it closes one that it did not open. */
function depthOf(line: string): number {
  let depth = 0;
  for (const letter of line) {
    if (/[\u2066-\u2068]/.test(letter)) depth += 1;
    if (letter === "\u2069") depth -= 1;
    if (depth < 0) return Number.NaN;
  }
  return depth;
}
