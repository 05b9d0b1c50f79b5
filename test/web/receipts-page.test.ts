// The receipts for anybody: told in words, found by a picture's fingerprint, and verified by openssl as the page itself says.
import { execFileSync, spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { Board } from "../../src/core/board.ts";
import { openGatewayKey } from "../../src/core/gateway-key.ts";
import { findReceiptFault, signedBytes } from "../../src/ledger/receipts.ts";
import { readAssets } from "../../src/web/assets.ts";
import { ledgerOf, signedReceipts } from "../helpers/signed-receipts.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { openTestWeb, testWebPolicy } from "../helpers/test-web.ts";

const IMAGES = ["1", "2", "3"].map((digit) => digit.repeat(64));
const hasOpenssl = spawnSync("openssl", ["version"]).error === undefined;
if (!hasOpenssl) console.warn("skipped: the page's lines for openssl need it (apt-get install openssl)");

async function openReceipts(images: readonly string[] = IMAGES, change: { readonly keyChangesAt?: number } = {}) {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await tempDir());
  const receipts = await signedReceipts(directory.path, images, change);
  const events = { ...testWebPolicy().events, motion: { mode: "each" } as const };
  const policy = { ...testWebPolicy(), events };
  const page = stack.use(
    await openTestWeb({ dataDir: directory.path, policy, board: new Board(), ...ledgerOf(receipts) }),
  );
  const owned = stack.move();
  return { page, receipts, directory: directory.path, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

test("the latest receipts stand in plain words and whole, without a login", async () => {
  await using open = await openReceipts();
  const { text, status } = await open.page.ask("GET", "/transparency/receipts");
  expect(status).toBe(200);
  for (const words of [
    "What a receipt says",
    "faces painted over in 1 place",
    "no face found",
    "whole picture made unrecognisable",
    "No known face had been shown",
    "A known face was found at most 2 minutes before.",
    "Faces were looked for at the normal level. What was found was made a coarse mosaic. 1 area is always hidden.",
    "hedgerow receipts verify receipts.json --key",
  ])
    expect(text).toContain(words);
  const whole = [...text.matchAll(/<pre data-receipt[^>]*>([^<]*)<\/pre>/g)].map(([, json = ""]) =>
    JSON.parse(json.replaceAll("&quot;", '"')),
  );
  expect(whole).toEqual(open.receipts);
  expect((await open.page.ask("GET", "/transparency")).text).toContain('href="/transparency/receipts?lang=en"');
});

test("a receipt is found by its picture's fingerprint, by the form without script and as JSON", async () => {
  await using open = await openReceipts();
  const { page, receipts } = open;
  const [, wanted] = receipts;
  const shown = await page.ask("GET", `/transparency/receipts?sha256=${wanted?.image.toUpperCase()}`);
  expect(shown.text).toContain("There is a receipt for this picture");
  const told = JSON.parse((await page.ask("GET", `/api/v1/receipts?sha256=${wanted?.image}`)).text);
  expect(told.receipts).toEqual([wanted]);
  const all = JSON.parse((await page.ask("GET", "/api/v1/receipts")).text);
  expect(findReceiptFault(all.receipts.toReversed(), all.publicKey)).toBeNull();
});

test("after a change of keys the page names both, and the newest receipt's own for checking by hand", async () => {
  await using open = await openReceipts(IMAGES, { keyChangesAt: IMAGES.length - 1 });
  const all = JSON.parse((await open.page.ask("GET", "/api/v1/transparency")).text);
  const [now, before] = (await openGatewayKey(open.directory)).publicKeys().map(({ publicKey }) => publicKey);
  expect([all.publicKey, all.publicKeys]).toEqual([now, [now, before]]);
  expect(findReceiptFault(all.receipts.toReversed(), all.publicKeys)).toBeNull();
  expect(JSON.parse((await open.page.ask("GET", "/api/v1/receipts")).text).publicKeys).toEqual([now, before]);
  const { text } = await open.page.ask("GET", "/transparency/receipts");
  expect(text).toContain(`receipts.json --key ${now} --key ${before}<`);
  expect(text).toContain(`echo '${now}' | base64 -d) > key`);
  expect(text).toContain(`value="${now} ${before}"`);
});

test("a picture with one other byte has no receipt, and what is no fingerprint is said to be none", async () => {
  await using open = await openReceipts();
  const { page } = open;
  const other = `2${"1".repeat(63)}`;
  expect((await page.ask("GET", `/transparency/receipts?sha256=${other}`)).text).toContain("There is no receipt for");
  expect(JSON.parse((await page.ask("GET", `/api/v1/receipts?sha256=${other}`)).text).receipts).toEqual([]);
  for (const no of ["abc", "<i>x", "%00", "g".repeat(64)]) {
    const { text } = await page.ask("GET", `/transparency/receipts?sha256=${no}`);
    expect(text).toContain("That is no fingerprint");
    expect(text).not.toContain("<i>x");
    expect((await page.ask("GET", `/api/v1/receipts?sha256=${no}`)).status).toBe(400);
  }
});

test("before the first picture the page says so", async () => {
  await using open = await openReceipts([]);
  expect((await open.page.ask("GET", "/transparency/receipts")).text).toContain("No picture has been made yet.");
});

test.skipIf(!hasOpenssl)(
  "the page's own lines verify the newest receipt with openssl, and no altered one",
  async () => {
    await using open = await openReceipts();
    const { text } = await open.page.ask("GET", "/transparency/receipts");
    const [, lines = ""] = /<pre id="openssl">([^<]*)<\/pre>/.exec(text) ?? [];
    const plain = ['"', "'", "<", ">", "&"];
    const written = ["&quot;", "&#39;", "&lt;", "&gt;", "&amp;"];
    const script = written.reduce((so, entity, index) => so.replaceAll(entity, plain[index] ?? ""), lines);
    const run = (lines: string) => spawnSync("sh", ["-c", lines], { cwd: open.directory, encoding: "utf8" });
    expect(run(script)).toMatchObject({ status: 0, stdout: expect.stringContaining("Verified Successfully") });
    const altered = script.replace(`"policy":"c`, `"policy":"d`);
    expect(altered).not.toBe(script);
    expect(run(altered).status).not.toBe(0);
  },
);

test("all scripts of all pages together are under 100 kB, and name each other by their version", async () => {
  const scripts = Object.values(await readAssets()).filter(({ type }) => type.startsWith("text/javascript"));
  const bytes = scripts.reduce((sum, { bytes }) => sum + bytes.length, 0);
  expect(bytes).toBeLessThan(100_000);
  const urls = new Set(scripts.map(({ url }) => url));
  for (const script of scripts)
    for (const [, named = ""] of new TextDecoder().decode(script.bytes).matchAll(/(?:from|import) "(\.[^"]+)"/g))
      expect(urls).toContain(`/assets/${named.slice(2)}`);
});

test("the libraries without their documentation are the same programs", async () => {
  await using directory = await tempDir();
  const assets = Object.values(await readAssets()).filter(({ type }) => type.startsWith("text/javascript"));
  for (const { url, bytes } of assets) {
    const text = new TextDecoder().decode(bytes).replaceAll(/\?v=\w+/g, "");
    await writeFile(join(directory.path, url.replace(/.*\/|\?.*/g, "")), text);
  }
  await writeFile(join(directory.path, "package.json"), '{"type":"module"}');
  const [receipt] = await signedReceipts(directory.path, IMAGES);
  if (receipt === undefined) throw new Error("unreachable");
  const { publicKey } = await openGatewayKey(directory.path);
  const asked = { sig: receipt.signature, text: signedBytes(receipt).toString("base64"), publicKey };
  const program = `import { createHash } from "node:crypto";
    import { hashes, verify, etc } from "./ed25519.js"; import { sha256, sha512 } from "./sha2.js";
    hashes.sha512 = sha512;
    const isSame = [0, 1, 63, 64, 111, 112, 128, 100000].every((n) => ["sha256", "sha512"].every((name) =>
      etc.bytesToHex({ sha256, sha512 }[name](new Uint8Array(n).fill(n))) === createHash(name).update(Buffer.alloc(n, n)).digest("hex")));
    const [sig, text, key] = Object.values(${JSON.stringify(asked)}).map((base64) => new Uint8Array(Buffer.from(base64, "base64")));
    const isGood = verify(sig, text, key, { zip215: false });
    text[20] ^= 1;
    console.log(JSON.stringify([isSame, isGood, verify(sig, text, key, { zip215: false })]));`;
  const out = execFileSync(process.execPath, ["--input-type=module", "-e", program], {
    cwd: directory.path,
    encoding: "utf8",
  });
  expect(JSON.parse(out)).toEqual([true, true, false]);
});
