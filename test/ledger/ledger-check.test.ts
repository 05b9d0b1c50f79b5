// Shown: whatever byte of an exported ledger is changed, put in or taken out, it is found; parts follow each other; a key that is
// changed is followed from the old one where the old one announced it.
import fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { linesIn } from "../../src/cli/ledger-lines.ts";
import { openGatewayKey } from "../../src/core/gateway-key.ts";
import { checkExport } from "../../src/ledger/ledger-check.ts";
import { signHead } from "../../src/ledger/ledger-head.ts";
import { filledLedger } from "../helpers/filled-ledger.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { openTestLedger } from "../helpers/test-ledger.ts";

const directory = await tempDir();
const filled = await filledLedger(directory.path, { policies: 3 });
afterAll(async () => {
  await filled[Symbol.asyncDispose]();
  await directory[Symbol.asyncDispose]();
});
const text = filled.text();
const key = await openGatewayKey(directory.path);

const INVALID = { code: "LEDGER_INVALID" };

/** As a file of these bytes is read. */
function checkText(bytes: Buffer | string, asked: Parameters<typeof checkExport>[1] = {}) {
  return checkExport(linesIn([Buffer.from(bytes)]), asked);
}

test("the whole is sound, by the key it names and by the one that is asked for", async () => {
  const checked = await checkText(text, { key: key.publicKey, place: 4 });
  expect(checked).toMatchObject({
    gateway: "test-street",
    from: { number: 0 },
    to: { number: 11 },
    proven: 11,
    restarts: [],
  });
  expect(Object.fromEntries(checked.kinds)).toEqual({
    "key-change": 1,
    receipt: 3,
    "policy-change": 4,
    disclosure: 1,
    "lamp-command": 1,
    tombstone: 1,
  });
  expect(checked.at).toMatch(/^[0-9a-f]{64}$/);
  const other = await openGatewayKey((await tempDir()).path);
  await expect(checkText(text, { key: other.publicKey })).rejects.toThrow("another key than the one you named");
});

test("any single byte that is changed is found", async () => {
  const bytes = Buffer.from(text);
  await fc.assert(
    fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ flip;
      await expect(checkText(changed)).rejects.toMatchObject(INVALID);
    }),
    { numRuns: 800 },
  );
}, 60_000);

test("each place is looked at once: one bit in every byte of a part with each sort of record", async () => {
  const bytes = Buffer.from([...filled.ledger.exported({ after: 6, upTo: 8 })].join(""));
  await checkText(bytes);
  for (let at = 0; at < bytes.length; at++) {
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 1;
    await expect(checkText(changed), `byte ${at}`).rejects.toMatchObject(INVALID);
  }
}, 60_000);

const records = text.split("\n").slice(0, -1);
const LINES_FROM = records.findIndex((record) => record.includes('"number":1,'));

test.each(records.map((_, index) => index))(
  "record %i cannot be left out, doubled or exchanged with the next",
  async (at) => {
    const check = (changed: readonly string[]) => checkExport(changed);
    await expect(check(records.toSpliced(at, 1))).rejects.toMatchObject(INVALID);
    await expect(check(records.toSpliced(at, 0, records[at] ?? ""))).rejects.toMatchObject(INVALID);
    if (at + 1 < records.length)
      await expect(check(records.toSpliced(at, 2, records[at + 1] ?? "", records[at] ?? ""))).rejects.toMatchObject(
        INVALID,
      );
  },
);

test.each(records.map((_, index) => index))(
  "record %i written otherwise, though it says the same, is found",
  async (at) => {
    const record = records[at] ?? "";
    for (const written of [record.replace(":", ": "), `${record} `, record.replace('"version"', '"\\u0076ersion"')])
      await expect(checkExport(records.with(at, written)), written).rejects.toThrow("written otherwise");
  },
);

test("what a line says cannot be taken out, nor put where it is private", async () => {
  const without = records.map((record, at) =>
    at === LINES_FROM + 8 - 1 ? record.replace(/,"body":".*"}$/, "}") : record,
  );
  await expect(checkExport(without)).rejects.toThrow("line 8 lacks what it says");
  const shown = records.map((record) => record.replace(/("kind":"lamp-command".*)}$/, '$1,"body":"{}"}'));
  await expect(checkExport(shown)).rejects.toThrow("line 7 shows what is private");
});

test("a chain made anew from a changed line needs the gateway's key", async () => {
  await using other = await tempDir();
  await using forged = await filledLedger(other.path, { policies: 3 });
  await expect(checkText(forged.text(), { key: key.publicKey })).rejects.toThrow("another key");
  const ownHead = forged.ledger.headAt(11);
  const swapped = signHead({ ...ownHead, digest: "f".repeat(64) }, key);
  await expect(checkText(text.replace(records[LINES_FROM - 1] ?? "", JSON.stringify(swapped)))).rejects.toThrow(
    "names another line",
  );
});

test("parts follow each other, and each begins with a signed head", async () => {
  const part = (after: number, upTo: number) => checkText([...filled.ledger.exported({ after, upTo })].join(""));
  const [first, second, empty] = [await part(0, 5), await part(5, 11), await part(11, 11)];
  expect(second.from).toEqual(first.to);
  expect(empty.from).toEqual(second.to);
  expect(second.heads[0]?.number).toBe(5);
});

test("a gateway that got another name exports under it, without the heads of the former", async () => {
  await using own = await tempDir();
  await (await filledLedger(own.path))[Symbol.asyncDispose]();
  await using renamed = await openTestLedger(own.path, { gatewayId: "oak-street" });
  const checked = await checkText([...renamed.exported({ after: 0, upTo: 9 })].join(""));
  expect([checked.gateway, checked.heads.length, checked.to.number]).toEqual(["oak-street", 1, 9]);
});

test("an empty ledger has a header and a head", async () => {
  const start = [...filled.ledger.exported({ after: 0, upTo: 0 })].join("");
  expect(await checkText(start)).toMatchObject({ to: { number: 0, link: "0".repeat(64) }, proven: 0 });
});

test("a new key is followed from the old one that announced it, and not from one that did not", async () => {
  for (const isAnnounced of [true, false]) {
    await using own = await tempDir();
    const ring = await openGatewayKey(own.path);
    const old = ring.publicKey;
    const ledger = await openTestLedger(own.path, { key: ring });
    await ring.beginRotation();
    if (isAnnounced) await ledger.turn();
    await ledger[Symbol.asyncDispose]();
    await ring.finishRotation(0);
    await using later = await openTestLedger(own.path, { key: ring });
    later.notePolicy("e".repeat(64));
    const exported = [...later.exported({ after: 0, upTo: later.lastNumber("now") })].join("");
    const kinds = later.newest("key-change", 9).map(({ body }) => JSON.parse(body ?? "").step);
    expect(kinds).toEqual(isAnnounced ? ["in-use", "announced", "first"] : ["in-use", "first"]);
    const byNew = await checkText(exported, { key: ring.publicKey });
    expect(byNew.proven).toBe(byNew.to.number);
    const { keys } = byNew;
    const swapped = exported.replace(JSON.stringify(keys), JSON.stringify(keys.toReversed()));
    if (isAnnounced) await expect(checkText(swapped)).rejects.toThrow("not signed by the first of the file's keys");
    if (isAnnounced) expect((await checkText(exported, { key: old })).proven).toBe(byNew.to.number);
    else await expect(checkText(exported, { key: old })).rejects.toThrow("another key");
  }
});
