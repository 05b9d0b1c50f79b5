// `hedgerow policy sign`, `record`, `dpia` and `register` as a person calls them: one file to print, in the policy's languages, that
// needs nothing beside it; and what is refused.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { afterAll, expect, test } from "vitest";
import { addPolicy } from "../../src/cli/policy.ts";
import { addPapers } from "../../src/cli/policy-papers.ts";
import { settingsFolder } from "../helpers/settings-folder.ts";

const POLICY = `version: 1
controller: { name: Elm Street, contact: privacy@elm.example }
languages: [en, ar, xx]
cameras: { gate-cam: { purpose: { en: See the gate }, until: 2099-01-01 } }
`;
const GATEWAY = `gateway: { id: elm-street, cell: u09tun }
platform: [{ id: main, kind: https, url: 'https://platform.example' }]
status: { publicUrl: 'http://hedgerow.local:8080' }
`;
const KIT = "cameras: [{ id: gate-cam, zone: gate, source: { kind: file, path: x.jpg } }]\n";

const folder = await settingsFolder({ policy: POLICY, gateway: GATEWAY, kit: KIT });
afterAll(() => folder[Symbol.asyncDispose]());
const at = (name: string): string => join(folder.path, name);

async function call(...args: string[]): Promise<{ readonly text: string; readonly warnings: string }> {
  const lines: string[] = [];
  const warnings: string[] = [];
  const policy = new Command("policy").exitOverride();
  addPapers(
    policy,
    (line) => void lines.push(line),
    (line) => void warnings.push(line),
  );
  await policy.parseAsync(args, { from: "user" });
  return { text: lines.join("\n"), warnings: warnings.join("\n") };
}

test("sign prints one page for each language that there are words for, with what it needs inside", async () => {
  const { text, warnings } = await call("sign", "--config", folder.file);
  expect(text.match(/<article class="sheet/g)).toHaveLength(2);
  expect(text).toContain('lang="ar" dir="rtl"');
  expect(text).toContain("http://hedgerow.local:8080/transparency?lang=ar");
  expect(text).toContain("@page {");
  expect(text).not.toMatch(/<script|<link|url\(|@import|src=/);
  expect(warnings).toBe('warning: the policy names the language "xx", for which there are no words');
});

test("sign of a policy alone, in one language, to a file; without an address it has no QR code and a warning", async () => {
  const out = at("sign.html");
  const { text, warnings } = await call("sign", "--policy", at("policy.yaml"), "--language", "de", "--out", out);
  expect(text).toBe("");
  expect(warnings).toContain("the sign has no QR code");
  const sign = await readFile(out, "utf8");
  expect(sign).toContain('<html lang="de"');
  expect(sign).not.toContain('class="qr"');
  expect(sign).not.toContain("platform.example");
  const named = await call("sign", "--policy", at("policy.yaml"), "--language", "de", "--url", "http://10.0.0.5:8080");
  expect(named.text).toContain("http://10.0.0.5:8080/transparency?lang=de");
  expect(named.warnings).toBe("");
});

test("record and dpia print what is left to fill in; as JSON the sections by their ids", async () => {
  for (const [name, id] of [
    ["record", "legalBasis"],
    ["dpia", "risks"],
  ] as const) {
    const { text } = await call(name, "--config", folder.file);
    expect(text.match(/<article lang=/g)).toHaveLength(2);
    expect(text).toContain("To fill in:");
    expect(text).toContain("platform.example");
    const paper = JSON.parse((await call(name, "--config", folder.file, "--language", "en", "--json")).text);
    expect(paper.sections.map((section: { id: string }) => section.id)).toContain(id);
    expect(paper.policy).toMatch(/^[0-9a-f]{64}$/);
  }
});

test("register prints the entry, and the schema of one", async () => {
  const entry = JSON.parse((await call("register", "--config", folder.file)).text);
  expect(entry).toMatchObject({
    gateway: "elm-street",
    place: { geohash: "u09tun" },
    privacyDeclaration: "http://hedgerow.local:8080/transparency?lang=en",
    activeUntil: "2099-01-01",
  });
  const schema = await readFile(join(import.meta.dirname, "../../config/register.schema.json"), "utf8");
  expect(`${(await call("register", "--schema")).text}\n`).toBe(schema);
});

test("a language without words, an address that no phone opens and a folder that is not there are refused with a remedy", async () => {
  const file = ["--policy", at("policy.yaml")];
  await expect(call("sign", ...file, "--language", "tlh")).rejects.toMatchObject({ code: "USAGE" });
  await expect(call("sign", ...file, "--url", "http://localhost:8080")).rejects.toMatchObject({ code: "USAGE" });
  await expect(call("sign", ...file, "--url", "javascript:alert(1)")).rejects.toMatchObject({ code: "USAGE" });
  await expect(call("record", ...file, "--out", at("nowhere/x.html"))).rejects.toMatchObject({ code: "USAGE" });
  await expect(call("dpia", "--policy", at("none.yaml"))).rejects.toMatchObject({ code: "POLICY_MISSING" });
});

test("the program has the four under policy", () => {
  const program = new Command();
  addPolicy(program);
  const names = program.commands[0]?.commands.map((command) => command.name()) ?? [];
  expect(names).toEqual(expect.arrayContaining(["sign", "record", "dpia", "register"]));
});
