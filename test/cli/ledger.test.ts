// `hedgerow ledger` on a gateway's own ledger and on files: what it shows, exports, and says of what was changed; and the README's
// own lines for a stranger who has nothing but jq, sha256sum and openssl.
import { execFile, spawnSync } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { Command } from "commander";
import { afterAll, expect, test } from "vitest";
import { addLedger } from "../../src/cli/ledger.ts";
import { openDatabase } from "../../src/core/database.ts";
import { openGatewayKey } from "../../src/core/gateway-key.ts";
import { ledgerPath } from "../../src/ledger/ledger-file.ts";
import { filledLedger } from "../helpers/filled-ledger.ts";
import { settingsFolder } from "../helpers/settings-folder.ts";
import { tempDir } from "../helpers/temp-dir.ts";

const hasTools = ["openssl", "jq"].every((tool) => spawnSync(tool, ["--version"]).error === undefined);
if (!hasTools)
  console.warn("skipped: the README's lines for a stranger need openssl and jq (apt-get install openssl jq)");

const folder = await settingsFolder();
const dataDir = join(folder.path, "data");
const filled = await filledLedger(dataDir, { gatewayId: "elm-street" });
const { publicKey } = await openGatewayKey(dataDir);
afterAll(async () => {
  await filled[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});
const at = (name: string): string => join(folder.path, name);
const own = ["--config", folder.file];

async function call(...args: string[]): Promise<string> {
  const lines: string[] = [];
  const program = new Command().exitOverride();
  addLedger(program, (line) => void lines.push(line));
  await program.parseAsync(["ledger", ...args], { from: "user" });
  return lines.join("\n");
}

const whole = `${await call("export", ...own)}\n`;
const file = at("whole.jsonl");
await writeFile(file, whole);

test("show tells the newest lines, also what stays in the house", async () => {
  const text = await call("show", ...own, "--limit", "3");
  expect(text.split("\n").map((line) => line.split(/ {2,}/).slice(0, 3))).toEqual([
    ["line", "day", "kind"],
    ["9", "2026-11-23", "policy-change"],
    ["8", "2026-11-23", "tombstone"],
    ["7", "2026-11-22", "lamp-command"],
  ]);
  expect(text).toContain("lamp lamp-3, isOn true, by steward");
  const [row] = (await call("show", ...own, "--kind", "receipt", "--limit", "1", "--json")).split("\n");
  expect(JSON.parse(row ?? "")).toMatchObject({ number: 4, day: null, says: { image: "3".repeat(64) } });
  await expect(call("show", ...own, "--kind", "gossip")).rejects.toMatchObject({ code: "USAGE" });
  await expect(call("show", ...own, "--limit", "none")).rejects.toMatchObject({ code: "USAGE" });
});

test("export to a file and to standard output give the same, and nothing private", async () => {
  await call("export", at("other.jsonl"), ...own);
  expect(await readFile(at("other.jsonl"), "utf8")).toBe(whole);
  expect(whole).not.toMatch(/steward|lamp-3|platform\.example/);
});

test("verify says what is proved and what is not", async () => {
  const text = await call("verify", file);
  for (const words of [
    "lines 1 to 9, is whole: none was changed, taken out or put in",
    "compare it with the one that the association tells you",
    "What came after the last line",
  ])
    expect(text).toContain(words);
  expect(await call("verify", file, "--public-key", publicKey)).not.toContain("association");
  expect(JSON.parse(await call("verify", "--json", ...own))).toMatchObject({ to: { number: 9 }, proven: 9 });
  await expect(call("verify", file, "--public-key", "abc")).rejects.toMatchObject({ code: "USAGE" });
});

test.each([
  ["a letter of what a line says", (text: string) => text.replace("expired", "evicted")],
  ["a line end", (text: string) => text.replace("}\n{", "}\r\n{")],
  ["the end", (text: string) => text.slice(0, text.lastIndexOf("{"))],
  ["its last line end", (text: string) => text.slice(0, -1)],
  ["a byte that is no text", (text: string) => text.replace("expired", "expire\uFFFD")],
])("%s changed is found, with the code for it", async (_, change) => {
  await writeFile(at("changed.jsonl"), change(whole));
  await expect(call("verify", at("changed.jsonl"))).rejects.toMatchObject({ code: "LEDGER_INVALID" });
});

test("an older export, a head that was kept, and parts of the whole are its beginning", async () => {
  const { ledger } = filled;
  const part = async (name: string, span: { after: number; upTo: number }) => {
    await writeFile(at(name), [...ledger.exported(span)].join(""));
    return at(name);
  };
  const [old, rest] = [await part("old.jsonl", { after: 0, upTo: 6 }), await part("rest.jsonl", { after: 6, upTo: 9 })];
  await writeFile(at("head.json"), JSON.stringify({ publicKey, head: ledger.headAt(6) }));
  expect(await call("verify", file, "--against", old)).toContain("What you kept, up to line 6, is its beginning");
  expect(await call("verify", file, "--against", at("head.json"))).toContain("up to line 6, is its beginning");
  expect(await call("verify", old, rest)).toContain("lines 1 to 9, is whole");
  await expect(call("verify", rest, old)).rejects.toThrow("not where the one before it ends");
  await expect(call("verify", old, "--against", file)).rejects.toThrow("its end is cut off");
  await expect(
    call("verify", rest, "--against", await part("start.jsonl", { after: 0, upTo: 3 })),
  ).rejects.toMatchObject({
    code: "USAGE",
  });
});

test("another ledger by the same key is told from what was kept", async () => {
  await using other = await tempDir();
  await using forked = await filledLedger(other.path, {
    key: await openGatewayKey(dataDir),
    gatewayId: "elm-street",
    policies: 2,
  });
  await writeFile(at("forked.jsonl"), forked.text());
  expect(await call("verify", at("forked.jsonl"), "--public-key", publicKey)).toContain("is whole");
  await expect(call("verify", at("forked.jsonl"), "--against", file)).rejects.toThrow("was changed since");
});

test("in the gateway's own ledger a changed private body is found, too", async () => {
  await using other = await settingsFolder();
  await (await filledLedger(join(other.path, "data")))[Symbol.asyncDispose]();
  await expect(call("verify", "--config", other.file)).resolves.toContain("is whole");
  const database = openDatabase(ledgerPath(join(other.path, "data")));
  database.exec("UPDATE lamp_commands SET body=replace(body, 'steward', 'nobody')");
  database.close();
  await expect(call("verify", "--config", other.file)).rejects.toThrow("line 7 was changed");
});

test("where there is no ledger yet, that is said", async () => {
  await using other = await settingsFolder();
  await expect(call("show", "--config", other.file)).rejects.toMatchObject({ code: "NOT_FOUND" });
});

// A shell starts several programs for each line.
const PATIENT = { timeout: 60_000 };

test.skipIf(!hasTools)(
  "the README's lines for a stranger accept the export, and none that was altered",
  PATIENT,
  async () => {
    const readme = await readFile(new URL("../../README.md", import.meta.url), "utf8");
    const [, script = ""] = /```sh\n(link=[\s\S]*?)```/.exec(readme) ?? [];
    const run = async (text: string): Promise<string> => {
      await using own = await tempDir();
      await writeFile(join(own.path, "ledger.jsonl"), text);
      const options = { cwd: own.path, env: { ...process.env, KEY: publicKey } };
      const { stdout } = await promisify(execFile)("bash", ["-c", `${script}exit 0`], options);
      return stdout;
    };
    expect(await run(whole)).toBe("Signature Verified Successfully\n");
    const last = whole.trimEnd().split("\n").at(-1) ?? "";
    const altered = await run(
      whole
        .replaceAll('"gateway":"elm-street"', '"gateway":"other"')
        .replace('"kind":"lamp-command"', '"kind":"disclosure"')
        .replace("expired", "evicted")
        .replace(`${last}\n`, ""),
    );
    for (const words of ["changed: ", "broken before: ", "the head names another line", "Verification Failure"])
      expect(altered).toContain(words);
  },
);
