// Shown: `hedgerow backup` and `restore` on real directories: the same gateway comes back, no number is given twice, nothing that
// was sensed is in the file, and what lives in a directory is never written over.
import { existsSync } from "node:fs";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { nextSequence } from "../../src/cli/restoring.ts";
import { lockDataDir } from "../../src/core/data-dir-lock.ts";
import { openGatewayKey } from "../../src/core/gateway-key.ts";
import { openPseudonyms } from "../../src/privacy/pseudonyms.ts";
import { LAST_KEY, STANDING_KEY, TOLD_KEY } from "../../src/policy/kept-standing.ts";
import { peekRegistry } from "../../src/registry/durable-adapter.ts";
import { luxEvent } from "../helpers/disclosure.ts";
import { settingsFolder } from "../helpers/settings-folder.ts";
import { openTestLedger } from "../helpers/test-ledger.ts";
import { openTestSpool, waitingFor } from "../helpers/test-spool.ts";
import { call, newCard, oldHouse } from "../helpers/backup-house.ts";

test("on a new card the gateway is the same: its keys, kit, accounts, settings and names, and its ledger says that it was restarted", async () => {
  await using old = await oldHouse();
  await using card = await newCard();
  const file = old.at("kept.backup");
  const words = ["--passphrase-file", old.at("passphrase")];
  expect(await call(["backup", file, ...words], { config: old.file })).toContain("elm-street");
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  const said = await call(["restore", file, ...words], { config: card.config });
  expect(said).toContain("elm-street is as it was on ");
  expect((await openGatewayKey(card.dataDir)).publicKey).toBe(old.key.publicKey);
  expect(await peekRegistry(card.dataDir)).toEqual(await peekRegistry(old.dataDir));
  const names = (dataDir: string) => openPseudonyms({ dataDir, rhythm: "never", timezone: "UTC" });
  const nameOf = async (dataDir: string) => (await names(dataDir)).nameOf("device", "lamp", 0);
  expect(await nameOf(card.dataDir)).toBe(await nameOf(old.dataDir));
  for (const name of ["gateway.yaml", "policy.yaml", "kit.yaml"])
    expect(await readFile(join(card.path, name), "utf8")).toBe(await readFile(old.at(name), "utf8"));
  await using ledger = await openTestLedger(card.dataDir, { gatewayId: "elm-street" });
  const text = [...ledger.exported({ after: 0, upTo: ledger.lastNumber("now") })].join("");
  expect(text).toMatch(/"kind":"restarted"/);
  expect(text).toContain('\\"why\\":\\"missing\\"');
});

test("what was agreed goes on to hold: nothing has to be announced anew", async () => {
  await using old = await oldHouse();
  await using card = await newCard();
  const held = { [LAST_KEY]: '{"version":1}', [STANDING_KEY]: '{"sha256":"ab"}', [TOLD_KEY]: "ab" };
  {
    await using spool = await openTestSpool(old.dataDir);
    await spool.append({ state: { ...held, "presence:lamp": "sensed" } });
  }
  await call(["backup", old.at("x"), "--plain"], { config: old.file });
  await call(["restore", old.at("x")], { config: card.config });
  await using spool = await openTestSpool(card.dataDir);
  expect(Object.fromEntries(spool.state("policy:"))).toEqual(held);
  expect(spool.state("presence:").size).toBe(0);
});

test("no sequence is given twice: not those after the backup, and not those after another restore of the same file", async () => {
  await using old = await oldHouse();
  await using card = await newCard();
  const file = old.at("kept.backup");
  await call(["backup", file, "--plain"], { config: old.file });
  await call(["restore", file], { config: card.config });
  await using spool = await openTestSpool(card.dataDir);
  await spool.append({ make: [{ event: luxEvent(9) }] });
  const sequences = waitingFor(spool, Date.now()).map(({ sequence }) => sequence);
  expect(sequences).toEqual([2_000_000]);
  const madeAt = "2026-11-20T12:00:00.000Z";
  const after = (ms: number) => nextSequence({ sequence: 2_000_001, madeAt }, Date.parse(madeAt) + ms);
  expect(after(-1e9)).toBe(4_000_000);
  expect(after(24 * 3_600_000) - after(23 * 3_600_000)).toBe(6_000_000);
  // A sequence is a text of twelve digits, and platforms sort by it: longer ones would come before those of years ago.
  expect(String(after(10 * 365 * 24 * 3_600_000))).toHaveLength(12);
});

test("nothing that was sensed is in it, nor the key of the pictures: only what is listed", async () => {
  await using old = await oldHouse();
  const file = old.at("open.backup");
  await call(["backup", file, "--plain"], { config: old.file });
  const bytes = await readFile(file);
  const { data, settings } = JSON.parse(gunzipSync(bytes.subarray(bytes.indexOf("\n") + 1)).toString());
  const names = (files: readonly { path: string }[]) => files.map(({ path }) => path);
  expect(existsSync(join(old.dataDir, "keys", "images.key"))).toBe(true);
  expect(names(data)).toEqual([
    "keys/pseudonym.key",
    "keys/pseudonym-rhythms.json",
    "registry.json",
    "keys/gateway.pem",
    "ledger.head",
  ]);
  expect(names(settings)).toEqual(["gateway.yaml", "policy.yaml", "kit.yaml"]);
});

test("where a gateway lives nothing is put over it; with --force it is set aside, without its pictures", async () => {
  await using old = await oldHouse();
  const file = old.at("open.backup");
  await call(["backup", file, "--plain"], { config: old.file });
  await expect(call(["restore", file], { config: old.file })).rejects.toMatchObject({ code: "ALREADY_EXISTS" });
  expect(existsSync(join(old.dataDir, "spool.db"))).toBe(true);
  await writeFile(old.at("policy.yaml"), "version: 1\ncontroller: { name: Other, contact: o@elm.example }\n");
  const { aside, left } = JSON.parse(await call(["restore", file, "--force", "--json"], { config: old.file }));
  expect(left).toEqual([]);
  expect(await readFile(old.at("policy.yaml.before-restore"), "utf8")).toContain("Other");
  expect((await readdir(aside)).toSorted()).toEqual(expect.arrayContaining(["keys", "registry.json", "spool.db"]));
  expect(existsSync(join(aside, "images"))).toBe(false);
  expect(await readdir(join(aside, "keys"))).not.toContain("images.key");
  expect((await openGatewayKey(old.dataDir)).publicKey).toBe(old.key.publicKey);
});

test("settings that are there stay, and it is said which differ; a backup of another gateway is refused", async () => {
  await using old = await oldHouse();
  const file = old.at("open.backup");
  await call(["backup", file, "--plain"], { config: old.file });
  const policy = "version: 1\ncontroller: { name: Other, contact: o@elm.example }\n";
  await using here = await settingsFolder({ policy });
  expect(await call(["restore", file], { config: here.file })).toContain("policy.yaml stays as it is here");
  expect(await readFile(join(here.path, "policy.yaml"), "utf8")).toBe(policy);
  await using other = await settingsFolder({ gateway: "gateway: { id: oak-street }\n" });
  const restoring = call(["restore", file], { config: other.file });
  await expect(restoring).rejects.toMatchObject({ code: "USAGE", message: expect.stringContaining("oak-street") });
  expect(existsSync(join(other.path, "data"))).toBe(false);
});

test("beside a gateway that runs a backup is made, and none is put back", async () => {
  await using old = await oldHouse();
  const file = old.at("open.backup");
  await using _gateway = await lockDataDir(old.dataDir);
  await call(["backup", file, "--plain"], { config: old.file });
  const restoring = call(["restore", file, "--force"], { config: old.file });
  await expect(restoring).rejects.toMatchObject({ code: "DATA_DIR_LOCKED" });
  expect(existsSync(join(old.dataDir, "images", "ab.jpg"))).toBe(true);
});
