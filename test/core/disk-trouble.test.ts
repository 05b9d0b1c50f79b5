// Which failed starts are the disk's doing, on errors that the real parts throw, and what is no reason to wait.
import { mkdir, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lockDataDir } from "../../src/core/data-dir-lock.ts";
import { openDatabase } from "../../src/core/database.ts";
import { diskTroubleOf, tryDisk } from "../../src/core/disk-trouble.ts";
import { GatewayError } from "../../src/core/errors.ts";
import { openGatewayKey } from "../../src/core/gateway-key.ts";
import { openTestSpool } from "../helpers/test-spool.ts";
import { tempDir } from "../helpers/temp-dir.ts";

const thrownBy = async (work: () => Promise<unknown>): Promise<unknown> => {
  try {
    await work();
  } catch (thrown) {
    return thrown;
  }
  throw new Error("nothing was thrown");
};
const system = (code: string) => Object.assign(new Error(code), { code });
const unusable = (cause: unknown) => new GatewayError("DATA_DIR_UNUSABLE", "cannot use the data directory", { cause });

test.each([
  ["EROFS", "read-only"],
  ["ENOSPC", "full"],
  ["EIO", "failing"],
  ["ENOENT", "absent"],
  ["EACCES", "closed"],
])("a data directory that cannot be used for %s is a disk that is %s", (code, kind) => {
  expect(diskTroubleOf(unusable(system(code)))?.kind).toBe(kind);
});

test("what SQLite says of a full disk is found below the words around it", async () => {
  await using folder = await tempDir();
  const database = openDatabase(join(folder.path, "full.db"), { pagesMax: 4 });
  const cause = await thrownBy(async () => {
    database.exec("CREATE TABLE t (x)");
    for (;;) database.exec("INSERT INTO t VALUES (randomblob(4000))");
  });
  database.close();
  expect(diskTroubleOf(new GatewayError("SPOOL_FAILED", "refused", { cause }))?.kind).toBe("full");
});

test("a data directory that is not there is the disk's doing, for the lock and for the spool", async () => {
  await using folder = await tempDir();
  const nowhere = join(folder.path, "nowhere");
  expect(diskTroubleOf(await thrownBy(() => lockDataDir(nowhere)))?.kind).toBe("absent");
  await writeFile(nowhere, "a file in its place");
  expect(diskTroubleOf(unusable(await thrownBy(() => openTestSpool(nowhere))))?.kind).toBe("absent");
});

test("another program on the data, newer data and a damaged key are nothing to wait for", async () => {
  await using folder = await tempDir();
  await using _lock = await lockDataDir(folder.path);
  expect(diskTroubleOf(await thrownBy(() => lockDataDir(folder.path)))).toBeNull();

  await mkdir(join(folder.path, "keys"));
  await writeFile(join(folder.path, "keys", "gateway.pem"), "no key");
  expect(diskTroubleOf(await thrownBy(() => openGatewayKey(folder.path)))).toBeNull();

  await (await openTestSpool(folder.path))[Symbol.asyncDispose]();
  const database = openDatabase(join(folder.path, "spool.db"));
  database.exec("PRAGMA user_version=999");
  database.close();
  expect(diskTroubleOf(await thrownBy(() => openTestSpool(folder.path)))).toBeNull();
});

test("a missing file that is not the disk's, and a mistake of ours, are nothing to wait for", () => {
  expect(diskTroubleOf(system("ENOENT"))).toBeNull();
  expect(diskTroubleOf(new GatewayError("SECRET_UNREADABLE", "gone", { cause: system("EIO") }))).toBeNull();
  expect(diskTroubleOf(new TypeError("a mistake"))).toBeNull();
});

test("a trial finds out whether the disk takes writes, and leaves nothing", async () => {
  await using folder = await tempDir();
  const dataDir = join(folder.path, "data");
  await symlink(join(folder.path, "unplugged"), dataDir);
  expect((await tryDisk(dataDir))?.kind).toBe("absent");
  await rm(dataDir);
  expect(await tryDisk(dataDir)).toBeNull();
  expect(await readdir(dataDir)).toEqual([]);
});
