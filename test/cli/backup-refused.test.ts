// Shown: whatever is wrong with a backup, a passphrase, a directory or a disk is said, and changes nothing.
import { existsSync } from "node:fs";
import { chmod, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { sealed } from "../../src/cli/backup-file.ts";
import { putBack } from "../../src/cli/restoring.ts";
import { openLoopDisk } from "../helpers/loop-disk.ts";
import { settingsFolder } from "../helpers/settings-folder.ts";
import { call, newCard, oldHouse, WORDS } from "../helpers/backup-house.ts";

test("closed with a passphrase nobody reads it: a wrong one, a flipped bit and a cut are refused, and nothing is written", async () => {
  await using old = await oldHouse({ wrong: "three hedges and a goat" });
  await using card = await newCard();
  const file = old.at("kept.backup");
  await call(["backup", file, "--passphrase-file", old.at("passphrase")], { config: old.file });
  const bytes = await readFile(file);
  expect(bytes.includes("PRIVATE KEY") || bytes.includes("elm-street")).toBe(false);
  const at = bytes.indexOf("\n");
  const flipped = Buffer.from(bytes);
  flipped.writeUInt8(flipped.readUInt8(at + 40) ^ 1, at + 40);
  const header = Buffer.from(bytes);
  header.writeUInt8(header.readUInt8(at - 5) ^ 1, at - 5);
  const files = {
    flipped,
    header,
    cut: bytes.subarray(0, -7),
    short: bytes.subarray(0, at + 3),
    none: Buffer.from("PK"),
  };
  for (const [name, damaged] of Object.entries(files)) {
    await writeFile(old.at(name), damaged);
    const restoring = call(["restore", old.at(name), "--passphrase-file", old.at("passphrase")], {
      config: card.config,
    });
    await expect(restoring, name).rejects.toMatchObject({ code: "BACKUP_UNUSABLE" });
  }
  const wrong = call(["restore", file, "--passphrase-file", old.at("wrong")], { config: card.config });
  await expect(wrong).rejects.toMatchObject({ code: "BACKUP_UNUSABLE", hint: expect.stringContaining("passphrase") });
  expect(await readdir(card.path)).toEqual([]);
});

test("an open one that is damaged is refused too", async () => {
  await using old = await oldHouse();
  const file = old.at("open.backup");
  await call(["backup", file, "--plain"], { config: old.file });
  const bytes = await readFile(file);
  bytes.writeUInt8(bytes.readUInt8(bytes.length - 9) ^ 1, bytes.length - 9);
  await writeFile(file, bytes);
  await using card = await newCard();
  await expect(call(["restore", file], { config: card.config })).rejects.toMatchObject({ code: "BACKUP_UNUSABLE" });
});

test("a passphrase is typed twice, unseen; a slip, a short one and nobody who types write nothing", async () => {
  await using old = await oldHouse({ short: "gate\n" });
  const file = old.at("kept.backup");
  const back = (typed?: readonly string[]) =>
    call(["backup", file], { config: old.file, ...(typed !== undefined && { typed }) });
  await expect(back([WORDS, "three hedges and a goat"])).rejects.toMatchObject({ code: "USAGE" });
  await expect(back()).rejects.toMatchObject({ code: "USAGE", hint: expect.stringContaining("--passphrase-file") });
  const short = call(["backup", file, "--passphrase-file", old.at("short")], { config: old.file });
  await expect(short).rejects.toMatchObject({ code: "USAGE" });
  expect(existsSync(file)).toBe(false);
  await back([WORDS, WORDS]);
  await expect(back([WORDS, WORDS])).rejects.toMatchObject({ code: "ALREADY_EXISTS" });
  await using card = await newCard();
  expect(await call(["restore", file], { config: card.config, typed: [WORDS] })).toContain("is as it was on");
});

test("a backup of a newer program is refused with the remedy, whatever of it is newer, and one that reaches out of its folder", async () => {
  await using old = await oldHouse();
  await using card = await newCard();
  const at = old.at("newer.backup");
  const registry = { path: "registry.json", mode: 0o600, base64: Buffer.from('{"version":99}').toString("base64") };
  const good = {
    version: 1,
    program: "9",
    gateway: "elm-street",
    madeAt: "2026-11-20T12:00:00.000Z",
    sequence: 1,
    standing: {},
  };
  const files = [
    await sealed(JSON.stringify({ ...good, version: 2 }), null),
    await sealed(JSON.stringify({ ...good, data: [registry], settings: [] }), null),
    Buffer.from('HEDGEROW-BACKUP {"version":2,"closed":"by other means"}\nbytes'),
  ];
  for (const bytes of files) {
    await writeFile(at, bytes);
    await expect(call(["restore", at], { config: card.config })).rejects.toMatchObject({ code: "SPOOL_NEWER" });
  }
  for (const path of ["../../etc/passwd", "a/../../b", "a\n/../../b", "a\u2028/../../b", "/etc/passwd", "a/.."]) {
    const outside = { path, mode: 0o600, base64: "" };
    await writeFile(at, await sealed(JSON.stringify({ ...good, data: [], settings: [outside] }), null));
    await expect(call(["restore", at], { config: card.config })).rejects.toMatchObject({ code: "BACKUP_UNUSABLE" });
  }
  expect(await readdir(card.path)).toEqual([]);
});

test("where no gateway has run there is nothing to back up", async () => {
  await using folder = await settingsFolder();
  const backing = call(["backup", join(folder.path, "x"), "--plain"], { config: folder.file });
  await expect(backing).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("on a full disk a backup leaves no half file, and a restore no half gateway", async (context) => {
  await using disk = await openLoopDisk({ mebibytes: 8 });
  if (disk === null) return context.skip();
  await using old = await oldHouse();
  const full = old.at("full");
  await mkdir(full);
  await disk.prepare(full);
  await chmod(full, 0o700);
  for (const size of [1 << 20, 1 << 12, 1]) {
    for (let n = 0; ; n++) {
      const isFull = await writeFile(join(full, `filler-${size}-${n}`), Buffer.alloc(size)).then(
        () => false,
        () => true,
      );
      if (isFull) break;
    }
  }
  const before = (await readdir(full)).length;
  const backing = call(["backup", join(full, "x"), "--plain"], { config: old.file });
  await expect(backing).rejects.toMatchObject({ code: "DATA_DIR_UNUSABLE" });
  expect((await readdir(full)).length).toBe(before);
  const file = old.at("open.backup");
  await call(["backup", file, "--plain"], { config: old.file });
  const bytes = await readFile(file);
  const contents = JSON.parse(gunzipSync(bytes.subarray(bytes.indexOf("\n") + 1)).toString());
  await expect(putBack(full, contents, Date.now())).rejects.toMatchObject({ code: "DATA_DIR_UNUSABLE" });
  expect(existsSync(join(full, "registry.json"))).toBe(false);
  expect(existsSync(join(full, "keys", "gateway.pem"))).toBe(false);
});
