// Shown: what the commands about the buffer tell and do, on a spool of real files, beside a gateway that has it open and
// without one; what is damaged is named with its remedy, and the exit code says so.
import { appendFile, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, expect, test } from "vitest";
import { lockDataDir } from "../../src/core/data-dir-lock.ts";
import { silentLog } from "../../src/core/log.ts";
import { openLocalSocket } from "../../src/web/local-socket.ts";
import { commandLine, type CommandLine } from "../helpers/command-line.ts";
import { commandsThatNote } from "../helpers/commands-that-note.ts";
import { luxEvent } from "../helpers/disclosure.ts";
import { openTestSpool, waitingFor } from "../helpers/test-spool.ts";
import { addPicture } from "../helpers/waiting-pictures.ts";

afterEach(() => {
  process.exitCode = 0; // commands set it for the program
});

const never = new AbortController().signal;
const dataDirOf = (at: CommandLine) => join(at.path, "data");

/** Seven entries for main: two accepted, one rejected, and one of those that wait has a picture. */
async function filled(at: CommandLine, { isClosed = true } = {}) {
  const dataDir = dataDirOf(at);
  const spool = await openTestSpool(dataDir);
  for (let lux = 1; lux <= 7; lux++) await spool.append({ make: [{ event: luxEvent(lux) }] });
  const all = waitingFor(spool, Date.now());
  const rejected = all.slice(2, 3).map((entry) => ({ entry, why: "unknown type" }));
  await spool.settle({ sinkId: "main", accepted: all.slice(0, 2), rejected });
  const sha256 = await addPicture(dataDir, { sequence: 7, bytes: 3000 });
  if (isClosed) await spool[Symbol.asyncDispose]();
  return { spool, dataDir, ids: all.map(({ id }) => id), sha256 };
}

test("stats says how much it holds and shows that each sink's sum holds", async () => {
  await using at = await commandLine();
  await filled(at);
  const text = await at.call("spool", "stats");
  expect(text).toMatch(
    /^It holds 4 events and 1 picture, \d+ kB\.\n1 event rejected by a platform: hedgerow spool list --dead/,
  );
  expect(text).toMatch(
    /sink +made +forwarded +rejected +expired +evicted +erased +waiting +sum\nmain +7 +2 +1 +0 +0 +0 +4 +✓$/,
  );
  expect(await at.json("spool", "stats")).toMatchObject({
    entries: 4,
    pictures: 1,
    deadLetters: 1,
    lost: 0,
    sinks: [{ id: "main", made: 7, forwarded: 2, rejected: 1, waiting: 4, holds: true }],
  });
});

test.each([
  ["with room on the disk", 0, 2],
  ["where the disk's reserve leaves none", 2 ** 50, 0],
])("stats says for how many hours there is room, %s", async (_, reserveFreeBytes, hoursLeft) => {
  const spool = `spool: { bytesMax: 3000000, reserveFreeBytes: ${reserveFreeBytes} }`;
  await using at = await commandLine({ gateway: `gateway: { id: g }\n${spool}\n` });
  const { spool: open } = await filled(at, { isClosed: false });
  await open.append({ state: { "spool:rate": "[[3600000,1000000]]" } });
  await open[Symbol.asyncDispose]();
  expect(await at.json("spool", "stats")).toMatchObject({ hoursLeft });
});

test("without a spool it says so", async () => {
  await using at = await commandLine();
  await expect(at.call("spool", "stats")).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(at.call("spool", "verify")).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("of a file that is no database, stats and list say where to look, and verify finds it", async () => {
  await using at = await commandLine();
  const { dataDir } = await filled(at);
  await writeFile(join(dataDir, "spool.db"), "no database at all ".repeat(500));
  await expect(at.call("spool", "stats")).rejects.toMatchObject({
    code: "SPOOL_DAMAGED",
    hint: expect.stringContaining("hedgerow spool verify"),
  });
  await expect(at.call("spool", "list")).rejects.toMatchObject({ code: "SPOOL_DAMAGED" });
  expect(await at.json("spool", "verify")).toMatchObject({ findings: [{ kind: "structure" }] });
  expect(process.exitCode).toBe(1);
});

test("list shows what waits, what was rejected, by sink, from either end, and no more than asked for", async () => {
  await using at = await commandLine();
  const { ids, sha256 } = await filled(at);
  expect(await at.json("spool", "list")).toMatchObject(
    ids.slice(3).map((id) => ({ id, sinks: ["main"], type: "hedgerow.light.level.v1", event: { id } })),
  );
  expect(await at.json("spool", "list", "--newest", "--limit", "1", "--sink", "main")).toMatchObject([
    { id: ids[6], sequence: 7, image: sha256 },
  ]);
  expect(await at.call("spool", "list", "--dead")).toMatch(
    new RegExp(`^id +sink +type +rejected +why\n${ids[2]} +main +light.level +\\S+Z +unknown type$`),
  );
  expect(await at.call("spool", "list", "--damaged")).toBe("Nothing damaged was set aside.");
  await expect(at.call("spool", "list", "--sink", "nobody")).rejects.toMatchObject({ code: "NOT_FOUND" });
  await expect(at.call("spool", "list", "--dead", "--damaged")).rejects.toMatchObject({ code: "USAGE" });
  await expect(at.call("spool", "list", "--limit", "many")).rejects.toMatchObject({
    code: "commander.invalidArgument",
  });
});

test("verify looks a sound spool through beside the gateway that has it open, and leaves its log as it is", async () => {
  await using at = await commandLine();
  const { spool, dataDir } = await filled(at, { isClosed: false });
  const log = await readFile(join(dataDir, "spool.db-wal"));
  expect(log.length).toBeGreaterThan(0);
  expect(await at.call("spool", "verify")).toBe(
    "Looked at 4 events and 1 picture: all of them sound, and the sums hold.",
  );
  expect(process.exitCode ?? 0).toBe(0);
  expect(await readFile(join(dataDir, "spool.db-wal"))).toEqual(log);
  await spool.append({ make: [{ event: luxEvent(8) }] });
  expect(waitingFor(spool, Date.now())).toHaveLength(5);
  await spool[Symbol.asyncDispose]();
});

test("verify names each thing that is wrong, with its remedy, and exits with 1", async () => {
  await using at = await commandLine();
  const { dataDir, sha256 } = await filled(at);
  {
    using database = new DatabaseSync(join(dataDir, "spool.db"));
    database.exec("UPDATE entries SET body=replace(body, '\"lux\":4', '\"lux\":5') WHERE sequence=4");
    database.exec("DELETE FROM entries WHERE sequence=5; DELETE FROM waiting WHERE sequence=6");
    database.exec("UPDATE meta SET n=6 WHERE key='next_sequence'");
  }
  await appendFile(join(dataDir, "images", sha256), "more");
  await writeFile(join(dataDir, "images", "f".repeat(64)), "left over");
  const verified = await at.json("spool", "verify");
  expect(process.exitCode).toBe(1);
  expect(verified).toMatchObject({
    findings: [
      { kind: "entry", names: ["4"], text: "1 entry is not what was written" },
      { kind: "waits-for-nothing", names: ["5"] },
      { kind: "waited-for-by-nobody", names: ["6"] },
      { kind: "sum", names: ["main: 7 made, 3 ended, 3 waiting"] },
      { kind: "lost", names: ["6 to 7"], count: 2 },
      { kind: "picture-damaged", names: [sha256.slice(0, 16)] },
    ],
  });
  await rm(join(dataDir, "images", sha256));
  expect(await at.call("spool", "verify")).toMatch(
    /✗ the file of 1 picture is gone: [0-9a-f]{16}\n {2}Nothing: the gateway finds it when it is sent, and tells the platform that it is gone\./,
  );
});

test("repair writes it anew, sets aside what is damaged, and then it is sound", async () => {
  await using at = await commandLine();
  const { dataDir, ids } = await filled(at);
  {
    using database = new DatabaseSync(join(dataDir, "spool.db"));
    database.exec("UPDATE entries SET body=replace(body, '\"lux\":4', '\"lux\":5') WHERE sequence=4");
    database.exec("DELETE FROM waiting WHERE sequence=6");
  }
  await writeFile(join(dataDir, "images", "f".repeat(64)), "left over");
  const text = await at.call("spool", "repair");
  expect(text).toMatch(/^It was written anew from all that could be read/);
  expect(text).toContain("1 file removed that belonged to no picture.");
  expect(text).toContain("1 entry lost to damage since the beginning");
  expect(text).toMatch(
    /all of them sound, and the sums hold\.\n1 damaged entry set aside: .*\n1 damaged buffer beside it/,
  );
  expect(process.exitCode ?? 0).toBe(0);
  expect(await at.json("spool", "list")).toMatchObject([
    { sequence: 4, isLost: true },
    { id: ids[4] },
    { id: ids[5], sinks: ["main"] },
    { id: ids[6] },
  ]);
  expect(await at.json("spool", "list", "--damaged")).toMatchObject([{ sequence: 4, what: "entry" }]);
  expect(await readdir(dataDir)).toContain("spool.db.damaged-1");
  expect(await at.call("spool", "repair")).toMatch(/^Nothing had to be repaired\./);
});

test("repair and requeue leave a spool alone that a gateway works with", async () => {
  await using at = await commandLine();
  const { dataDir } = await filled(at);
  await using _gateway = await lockDataDir(dataDir);
  await expect(at.call("spool", "repair")).rejects.toMatchObject({ code: "DATA_DIR_LOCKED" });
  await expect(at.call("spool", "requeue", "--all")).rejects.toMatchObject({ code: "DATA_DIR_LOCKED" });
});

test("requeue gives a rejected event back to its sink, with its id, and says what it leaves", async () => {
  await using at = await commandLine();
  const { ids } = await filled(at);
  expect(await at.call("spool", "requeue", ids[2] ?? "")).toBe("1 event will be sent once more.");
  expect(await at.json("spool", "list")).toMatchObject(ids.slice(2).map((id) => ({ id })));
  expect(await at.json("spool", "stats")).toMatchObject({
    deadLetters: 0,
    sinks: [{ rejected: 0, waiting: 5, holds: true }],
  });
  expect(await at.call("spool", "requeue", "--all")).toMatch(/^0 events will be sent once more\.\nNothing rejected/);
  expect(process.exitCode ?? 0).toBe(0);
  for (const unknown of [[ids[2] ?? ""], ["--sink", "nobody"]]) {
    expect(await at.call("spool", "requeue", ...unknown)).toMatch(/\nNothing that was named is among the rejected/);
    expect(process.exitCode).toBe(1);
    process.exitCode = 0;
  }
  await expect(at.call("spool", "requeue")).rejects.toMatchObject({ code: "USAGE" });
  await expect(at.call("spool", "requeue", "--all", "--sink", "main")).rejects.toMatchObject({ code: "USAGE" });
});

test("requeue asks the gateway that runs", async () => {
  await using at = await commandLine();
  const { dataDir } = await filled(at);
  const asked: unknown[] = [];
  const commands = commandsThatNote(asked);
  await using _socket = await openLocalSocket({ dataDir, commands, log: silentLog }, never);
  expect(await at.call("spool", "requeue", "--sink", "main")).toBe("1 event will be sent once more.");
  expect(asked).toEqual([{ sinkId: "main" }]);
});
