// Shown: each note of the spool becomes one line, over a real crash before and after the ledger has it; while the ledger refuses,
// notes wait, within a bound, and are carried when it takes them again.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { Board } from "../src/core/board.ts";
import { GatewayError } from "../src/core/errors.ts";
import { openLedgerClerk } from "../src/ledger-clerk.ts";
import type { Ledger } from "../src/ledger/ledger.ts";
import { tempDir } from "./helpers/temp-dir.ts";
import { openTestLedger } from "./helpers/test-ledger.ts";
import { openTestSpool } from "./helpers/test-spool.ts";
import { textLog } from "./helpers/text-log.ts";

const stop = new AbortController().signal;
const CRASHING = new URL("helpers/ledger-crash.ts", import.meta.url).pathname;
const note = (entries: number, kind = "tombstone") => ({ kind, body: JSON.stringify({ entries }), atMs: 5 });
const tombstonesIn = (ledger: Ledger): unknown[] =>
  ledger
    .newest("tombstone", 1000)
    .toReversed()
    .map(({ body }) => JSON.parse(body ?? "").entries);

type Clerking = Pick<Parameters<typeof openLedgerClerk>[0], "ledger" | "spool" | "notesWaiting">;
async function openClerk({ ledger, spool, ...rest }: Clerking) {
  const board = new Board();
  const { log, lines } = textLog();
  const deps = {
    ledger,
    spool,
    policySha256: "a".repeat(64),
    recipients: [{ id: "main" }],
    board,
    log,
    tickMs: 5,
    ...rest,
  };
  return { board, lines, clerk: await openLedgerClerk(deps, stop) };
}

test.each(["before-carry", "before-told"])("killed %s, each note has one line after the next start", async (point) => {
  await using directory = await tempDir();
  const child = spawn(process.execPath, [CRASHING, directory.path, point], { stdio: ["ignore", "ignore", "inherit"] });
  const [, signal] = await once(child, "exit");
  expect(signal).toBe("SIGKILL");
  await using ledger = await openTestLedger(directory.path);
  expect(tombstonesIn(ledger)).toEqual(point === "before-told" ? [1, 2, 2] : []);
  await using spool = await openTestSpool(directory.path);
  expect(spool.ledgerNotes(10)).toHaveLength(3);
  const { clerk } = await openClerk({ ledger, spool });
  await using _clerk = clerk;
  expect(tombstonesIn(ledger)).toEqual([1, 2, 2]);
  await expect.poll(() => spool.ledgerNotes(10)).toEqual([]);
  await spool.append({ notes: [note(2)] });
  await expect.poll(() => tombstonesIn(ledger)).toEqual([1, 2, 2, 2]);
});

test("what is noted last is carried at the end, and policy and recipients have their lines before anything else", async () => {
  await using directory = await tempDir();
  await using ledger = await openTestLedger(directory.path);
  await using spool = await openTestSpool(directory.path);
  const { clerk } = await openClerk({ ledger, spool });
  expect(ledger.newest(null, 9).map(({ line }) => line.kind)).toEqual(["disclosure", "policy-change", "key-change"]);
  const noted = spool.append({ notes: [note(7)] });
  await noted;
  await clerk[Symbol.asyncDispose]();
  expect(tombstonesIn(ledger)).toEqual([7]);
});

test("a spool made anew counts its notes from 1 again, and none is taken for another", async () => {
  await using directory = await tempDir();
  await using ledger = await openTestLedger(directory.path);
  for (const entries of [1, 2]) {
    await using own = await tempDir();
    await using spool = await openTestSpool(own.path);
    await spool.append({ notes: [note(entries)] });
    const { clerk } = await openClerk({ ledger, spool });
    await clerk[Symbol.asyncDispose]();
  }
  expect(tombstonesIn(ledger)).toEqual([1, 2]);
});

test("while the ledger refuses, notes wait and a person is told; the oldest beyond the bound give way, counted", async () => {
  await using directory = await tempDir();
  await using ledger = await openTestLedger(directory.path);
  await using spool = await openTestSpool(directory.path);
  const state = { isRefusing: true };
  const refusing: Clerking["ledger"] = {
    notePolicy: (sha256) => ledger.notePolicy(sha256),
    noteRecipients: (recipients) => ledger.noteRecipients(recipients),
    noteErased: (pictures) => ledger.noteErased(pictures),
    turn: () => ledger.turn(),
    carry(notes) {
      if (state.isRefusing) throw new GatewayError("SPOOL_FAILED", "the ledger could not be written: disk full");
      return ledger.carry(notes);
    },
  };
  await spool.append({ notes: [1, 2, 3, 4, 5].map((entries) => note(entries)) });
  const { clerk, board, lines } = await openClerk({ ledger: refusing, spool, notesWaiting: 3 });
  await using _clerk = clerk;
  expect(clerk.trouble()).toContain("disk full");
  await expect.poll(() => spool.ledgerNotes(10)).toHaveLength(3);
  expect(board.all()["ledger.note-lost"]).toBe(2);
  state.isRefusing = false;
  await expect.poll(() => tombstonesIn(ledger)).toEqual([3, 4, 5]);
  await expect.poll(() => clerk.trouble()).toBeNull();
  expect(lines.filter((line) => line.includes("cannot be written"))).toHaveLength(1);
});

test("a note of a kind that the ledger does not know is counted and holds up none", async () => {
  await using directory = await tempDir();
  await using ledger = await openTestLedger(directory.path);
  await using spool = await openTestSpool(directory.path);
  await spool.append({ notes: [note(1, "gossip"), note(2)] });
  const { clerk, board } = await openClerk({ ledger, spool });
  await using _clerk = clerk;
  expect(board.all()["ledger.note-refused"]).toBe(1);
  expect(tombstonesIn(ledger)).toEqual([2]);
});
