// Shown: one key follows another in two steps, and wherever a step is cut off what is on disk is usable and loses no public key.
import { copyFile, mkdir, readdir, readFile, rename, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { verifyAsync } from "@noble/ed25519";
import { expect, test } from "vitest";
import { type GatewayKey, openGatewayKey } from "../../src/core/gateway-key.ts";
import { tempDir } from "../helpers/temp-dir.ts";

const NOW = Date.UTC(2026, 4, 1);
const message = Buffer.from("what is signed");

const isBy = (publicKey: string, signature: Uint8Array | undefined): Promise<boolean> =>
  verifyAsync(signature ?? new Uint8Array(64), message, Buffer.from(publicKey, "base64"));

async function openTwice(): Promise<
  AsyncDisposable & { readonly path: string; readonly key: GatewayKey; again(): Promise<GatewayKey> }
> {
  const directory = await tempDir();
  const key = await openGatewayKey(directory.path);
  return { ...directory, path: directory.path, key, again: () => openGatewayKey(directory.path) };
}

const keyIds = (key: GatewayKey): string[] => key.publicKeys().map(({ keyId }) => keyId);

test("from the first step on requests carry both signatures, the older first, and what else is signed the older alone", async () => {
  await using at = await openTwice();
  const { publicKey } = at.key;
  expect(at.key.signAll(message)).toHaveLength(1);
  const next = await at.key.beginRotation();
  expect(at.key.next).toEqual(next);
  expect(next.publicKey).not.toBe(publicKey);
  const [first, second, ...more] = at.key.signAll(message);
  expect([await isBy(publicKey, first), await isBy(next.publicKey, second), more]).toEqual([true, true, []]);
  expect(await isBy(publicKey, at.key.sign(message))).toBe(true);
  expect(keyIds(at.key), "the next key has signed nothing alone").toEqual([at.key.keyId]);
});

test("the second step makes the next key the only one, at once, and keeps the older one's public half", async () => {
  await using at = await openTwice();
  const older = { publicKey: at.key.publicKey, keyId: at.key.keyId };
  const next = await at.key.beginRotation();
  expect(await at.key.finishRotation(NOW)).toEqual(next);
  expect([at.key.publicKey, at.key.keyId, at.key.next]).toEqual([next.publicKey, next.keyId, null]);
  expect(await isBy(next.publicKey, at.key.sign(message))).toBe(true);
  expect(at.key.signAll(message)).toHaveLength(1);
  expect(at.key.publicKeys()).toEqual([next, older]);
  expect((await at.again()).publicKeys(), "and after a restart").toEqual([next, older]);
  expect((await readdir(join(at.path, "keys"))).toSorted()).toEqual(["gateway.pem", "retired.json"]);
  for (const name of ["gateway.pem", "retired.json"])
    expect((await stat(join(at.path, "keys", name))).mode & 0o777).toBe(0o600);
  expect(await readFile(join(at.path, "keys", "retired.json"), "utf8")).not.toContain("PRIVATE");
});

test("a second beginning keeps the next key, an end without a beginning is wrong usage, and a third key follows the second", async () => {
  await using at = await openTwice();
  await expect(at.key.finishRotation(NOW)).rejects.toMatchObject({ code: "USAGE" });
  const [one, two] = await Promise.all([at.key.beginRotation(), at.key.beginRotation()]);
  expect(one).toEqual(two);
  const first = at.key.keyId;
  await at.key.finishRotation(NOW);
  const third = await at.key.beginRotation();
  await at.key.finishRotation(NOW);
  expect(keyIds(at.key)).toEqual([third.keyId, one.keyId, first]);
});

test("a rotation under way goes on after a restart", async () => {
  await using at = await openTwice();
  const next = await at.key.beginRotation();
  const again = await at.again();
  expect(again.next).toEqual(next);
  expect(again.keyId).toBe(at.key.keyId);
  expect((await again.finishRotation(NOW)).keyId).toBe(next.keyId);
});

test("cut off after the list and before the rename, both keys go on signing and nothing is listed twice", async () => {
  await using at = await openTwice();
  const next = await at.key.beginRotation();
  const older = at.key.keyId;
  const keys = join(at.path, "keys");
  await mkdir(join(at.path, "before"));
  for (const name of ["gateway.pem", "gateway-next.pem"])
    await copyFile(join(keys, name), join(at.path, "before", name));
  await at.key.finishRotation(NOW);
  for (const name of ["gateway.pem", "gateway-next.pem"])
    await copyFile(join(at.path, "before", name), join(keys, name));
  const again = await at.again();
  expect([again.keyId, again.next?.keyId, keyIds(again)]).toEqual([older, next.keyId, [older]]);
  await again.finishRotation(NOW);
  expect(keyIds(await at.again())).toEqual([next.keyId, older]);
});

test("a key that a power cut left under both names is the current one", async () => {
  await using at = await openTwice();
  const next = await at.key.beginRotation();
  const keys = join(at.path, "keys");
  await copyFile(join(keys, "gateway-next.pem"), join(keys, "gateway.pem"));
  const again = await at.again();
  expect([again.keyId, again.next]).toEqual([next.keyId, null]);
  expect(await readdir(keys)).toEqual(["gateway.pem"]);
});

test("where the disk refuses, the step fails whole and the older key goes on", async () => {
  await using at = await openTwice();
  const older = at.key.keyId;
  const next = await at.key.beginRotation();
  // What cannot be replaced by a file: a folder of its name that is not empty.
  await mkdir(join(at.path, "keys", "retired.json", "x"), { recursive: true });
  await expect(at.key.finishRotation(NOW)).rejects.toMatchObject({ code: "DATA_DIR_UNUSABLE" });
  expect([at.key.keyId, at.key.next]).toEqual([older, next]);
  await rename(join(at.path, "keys", "retired.json"), join(at.path, "aside"));
  expect((await at.key.finishRotation(NOW)).keyId).toBe(next.keyId);
});

test.each([
  ["gateway.pem", "torn"],
  ["gateway-next.pem", "torn"],
  ["retired.json", '[{"publicKey":'],
])("a damaged %s is told and never written over", async (name, text) => {
  await using at = await openTwice();
  await at.key.beginRotation();
  await writeFile(join(at.path, "keys", name), text);
  await expect(at.again()).rejects.toMatchObject({ code: "KEY_UNREADABLE", message: expect.stringContaining(name) });
  expect(await readFile(join(at.path, "keys", name), "utf8")).toBe(text);
});
