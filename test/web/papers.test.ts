// /sign and the papers for anybody: open without a login, nothing inline, nobody's words as markup, an address that a phone opens.
import { expect, test } from "vitest";
import { languageTags } from "../../src/languages/say.ts";
import { SCHEMAS } from "../../src/settings/schema.ts";
import { hostilePolicy, signPolicy } from "../helpers/sign-policies.ts";
import { openTestWeb, type TestWeb } from "../helpers/test-web.ts";

const PATHS = ["/sign", "/transparency/record", "/transparency/dpia", "/transparency/register.json"] as const;
const HOUSE = { headers: { host: "192.168.1.5:8080" } } as const;

const open = (policy = signPolicy(), status: object = {}): Promise<TestWeb> => {
  const settings = SCHEMAS.gateway.parse({
    gateway: { id: "elm-street", timezone: "Europe/Paris", cell: "u09tun" },
    platform: [{ id: "main", kind: "https", url: "https://platform.example/hedgerow" }],
    status,
  });
  return openTestWeb({ policy, settings: { ...settings, status: { ...settings.status, host: "127.0.0.1", port: 0 } } });
};

test("the sign and each paper are there for who has no login, in each language", async () => {
  await using page = await open();
  for (const path of PATHS) {
    for (const tag of languageTags()) {
      const { status, text } = await page.ask("GET", `${path}?lang=${tag}`, HOUSE);
      expect(status, path).toBe(200);
      expect(text).toContain("Elm Street Association");
      if (!path.endsWith(".json")) expect(text).toContain(`<html lang="${tag}" dir="${tag === "ar" ? "rtl" : "ltr"}">`);
    }
  }
});

test("nothing is inline, so that the policy of the page refuses everything inline", async () => {
  await using page = await open();
  for (const path of PATHS.slice(0, 3)) {
    const { text, headers } = await page.ask("GET", path, HOUSE);
    expect(headers["content-security-policy"]).toContain("default-src 'none'");
    expect(text).not.toMatch(/<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc="\/assets\/)/);
    for (const [, url = ""] of text.matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g))
      expect((await page.ask("GET", url, HOUSE)).status, url).toBe(200);
  }
});

test("nobody's words are markup", async () => {
  await using page = await open(hostilePolicy());
  for (const path of PATHS.slice(0, 3)) {
    for (const tag of languageTags()) {
      const { status, text } = await page.ask("GET", `${path}?lang=${tag}`, HOUSE);
      expect(status).toBe(200);
      expect(text).not.toMatch(/<script>|<img>|<\/style>|\u202E/);
      expect(text).toContain("&lt;script&gt;alert(1)");
    }
  }
  const { text } = await page.ask("GET", "/transparency/register.json", HOUSE);
  expect(JSON.parse(text).owner.organisation.length).toBeLessThanOrEqual(120);
});

test("the QR code leads to the address by which the page was opened, in the sign's language", async () => {
  await using page = await open();
  const { text } = await page.ask("GET", "/sign?lang=de", HOUSE);
  expect(text).toContain('href="http://192.168.1.5:8080/transparency?lang=de"');
  expect(text).toContain('class="qr"');
  expect(text).not.toContain('class="note"');
});

test("opened on the machine itself the sign has no QR code and says why; publicUrl gives it one", async () => {
  await using page = await open();
  const without = (await page.ask("GET", "/sign?lang=en")).text;
  expect(without).not.toContain('class="qr"');
  expect(without).toContain(`phones cannot open http://127.0.0.1:`);
  await using other = await open(signPolicy(), { publicUrl: "https://elm.example/" });
  const { text } = await other.ask("GET", "/sign?lang=en");
  expect(text).toContain('href="https://elm.example/transparency?lang=en"');
  expect(text).not.toContain("Wi-Fi");
});

test("the page under its public name answers, and no other name does", async () => {
  await using page = await open(signPolicy(), { publicUrl: "https://elm.example" });
  expect((await page.ask("GET", "/sign", { headers: { host: "elm.example" } })).status).toBe(200);
  expect((await page.ask("GET", "/sign", { headers: { host: "evil.example" } })).status).toBe(421);
  await using other = await open();
  expect((await other.ask("GET", "/sign", { headers: { host: "elm.example" } })).status).toBe(421);
});

test("the sign is of the policy in force, whatever is announced", async () => {
  const announced = { policy: signPolicy({ cameras: {} }), sha256: "ef".repeat(32), hoursLeft: 3, approvedBy: [] };
  const standing = { policy: signPolicy(), sha256: "cd".repeat(32), sinceMs: null, announced };
  await using page = await openTestWeb({ policyStanding: () => standing });
  const { text } = await page.ask("GET", "/sign?lang=en", HOUSE);
  expect(text).toContain("See whether the gate was left open after dark");
  expect(text).toContain("policy cdcdcdcdcdcd");
});

test("the register's entry is no finer than the policy tells", async () => {
  await using page = await open(signPolicy({ events: { cellLetters: 3, zones: false } }));
  const entry = JSON.parse((await page.ask("GET", "/transparency/register.json", HOUSE)).text);
  expect(entry).toMatchObject({
    gateway: "elm-street",
    place: { geohash: "u09" },
    receivers: ["platform.example"],
    privacyDeclaration: "http://192.168.1.5:8080/transparency?lang=en",
  });
});
