// Shown: a stranger checks receipts with config/contract/verify-receipt.sh, which has nothing of Hedgerow in it: pictures,
// signatures, chain and policy by sh, sed and openssl alone. One other byte anywhere, and it says no.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { openGatewayKey } from "../../src/core/gateway-key.ts";
import type { Receipt } from "../../src/core/receipt.ts";
import { signedReceipts } from "../helpers/signed-receipts.ts";
import { tempDir } from "../helpers/temp-dir.ts";

const hasOpenssl = spawnSync("openssl", ["version"]).error === undefined;
if (!hasOpenssl) console.warn("skipped: checking receipts by hand needs openssl (apt-get install openssl)");
const SCRIPT = new URL("../../config/contract/verify-receipt.sh", import.meta.url).pathname;

const directory = await tempDir();
afterAll(() => directory[Symbol.asyncDispose]());
const at = (name: string): string => join(directory.path, name);
const digest = (bytes: string | Buffer): string => createHash("sha256").update(bytes).digest("hex");

const POLICY = "version: 1\ncontroller: { name: Elm Street, contact: privacy@elm.example }\n";
const PICTURES = ["one", "two", "three", "four"].map((name) => Buffer.from(`\u00ff\u00d8 picture ${name}\n`, "latin1"));
await writeFile(at("policy.yaml"), POLICY);
await writeFile(at("picture.jpg"), PICTURES[1] ?? "");
const receipts = await signedReceipts(directory.path, PICTURES.map(digest), {
  keyChangesAt: 2,
  policy: digest(POLICY),
});
const keys = (await openGatewayKey(directory.path)).publicKeys().map(({ publicKey }) => publicKey);

/** Runs the script on an answer of `/api/v1/receipts`; its exit code and what it said. */
async function verify({
  told = receipts,
  text = JSON.stringify({ publicKey: keys[0], publicKeys: keys, receipts: told }),
  key = keys.join(" "),
  files = ["picture.jpg", "policy.yaml"],
}: {
  readonly told?: readonly Receipt[];
  readonly text?: string;
  readonly key?: string;
  readonly files?: readonly string[];
} = {}) {
  await writeFile(at("receipts.json"), text);
  const { status, stdout } = spawnSync("sh", [SCRIPT, key, "receipts.json", ...files], {
    cwd: directory.path,
    encoding: "utf8",
  });
  return { status, said: stdout };
}

/** The answer with one byte in another way, in the receipt at this place (0: the newest). */
function withOther(index: number, change: Partial<Receipt>): readonly Receipt[] {
  return receipts.map((receipt, n) => (n === index ? { ...receipt, ...change } : receipt));
}

describe.skipIf(!hasOpenssl)("with openssl", () => {
  test("a picture, its receipt, the chain and the policy agree, over a change of keys too", async () => {
    const { status, said } = await verify();
    expect(said).toMatch(
      /^YES: 4 receipts are signed .*\nYES: picture\.jpg is the picture .*\nYES: it was made under policy/,
    );
    expect(status).toBe(0);
    expect((await verify({ files: [] })).status).toBe(0);
  });

  test("pretty-printed text, or more around it, is no other receipt", async () => {
    const text = `{"day":"2026-11-21","receipts":[${receipts.map((each) => JSON.stringify(each)).join(",\n  ")}],"x":{"version":1}}\n`;
    expect((await verify({ text })).status).toBe(0);
  });

  test.each([
    ["a digest of a picture", withOther(2, { image: `${"0".repeat(63)}1` }), "receipt 3 from the newest was changed"],
    ["an outcome", withOther(0, { outcome: "mosaic" }), "receipt 1 from the newest was changed"],
    ["a count of regions", withOther(1, { regions: 9 }), "receipt 2 from the newest was changed"],
    ["a policy's digest", withOther(2, { policy: "0".repeat(64) }), "receipt 3 from the newest was changed"],
    ["a model's digest", withOther(3, { model: "0".repeat(64) }), "receipt 4 from the newest was changed"],
    ["a link", withOther(1, { previous: "0".repeat(64) }), "receipt 2 from the newest was changed"],
    ["a signature", withOther(1, { signature: receipts[0]?.signature ?? "" }), "receipt 2 from the newest was changed"],
    ["a signature that is none", withOther(3, { signature: "not base64!" }), "looks like a receipt and is none"],
    ["one taken out", receipts.filter((_, n) => n !== 1), "the receipt after it does not follow"],
    ["two exchanged", [1, 0, 2, 3].flatMap((n) => receipts[n] ?? []), "the receipt after it does not follow"],
  ])("refused: %s", async (_, told, words) => {
    const { status, said } = await verify({ told, files: [] });
    expect(said).toContain(words);
    expect(status).toBe(1);
  });

  test("refused: a picture with one other byte, a policy with one other byte, another key", async () => {
    const picture = await readFile(at("picture.jpg"));
    picture[3] = 0x21;
    await writeFile(at("other.jpg"), picture);
    await writeFile(at("other.yaml"), POLICY.replace("Elm", "Elk"));
    expect(await verify({ files: ["other.jpg"] })).toMatchObject({
      status: 1,
      said: expect.stringContaining("none of these"),
    });
    const other = await verify({ files: ["picture.jpg", "other.yaml"] });
    expect(other).toMatchObject({ status: 1, said: expect.stringContaining("another policy") });
    const stranger = Buffer.alloc(32, 7).toString("base64");
    expect(await verify({ key: stranger })).toMatchObject({ status: 1, said: expect.stringContaining("another key") });
  });

  test("what cannot be looked at is neither yes nor no", async () => {
    expect(await verify({ text: '{"receipts":[]}' })).toEqual({ status: 2, said: "" });
    expect((await verify({ files: ["not-there.jpg"] })).status).toBe(2);
    expect((await verify({ key: "" })).status).toBe(2);
  });
});
