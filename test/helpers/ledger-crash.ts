// A process that dies by SIGKILL while the ledger's clerk carries notes: before the ledger has them, or before the spool forgets.
//   node ledger-crash.ts DATA_DIR before-carry|before-told
import { Board } from "../../src/core/board.ts";
import { silentLog } from "../../src/core/log.ts";
import { openLedgerClerk } from "../../src/ledger-clerk.ts";
import { openTestLedger } from "./test-ledger.ts";
import { openTestSpool } from "./test-spool.ts";

const [dataDir = "", point = ""] = process.argv.slice(2);
const dieAt = (here: string): void => {
  if (point === here) process.kill(process.pid, "SIGKILL");
};

const ledger = await openTestLedger(dataDir);
const spool = await openTestSpool(dataDir);
const note = (entries: number) => ({ kind: "tombstone", body: JSON.stringify({ entries }), atMs: 5 });
// Two of them alike, to the millisecond: each is a line.
await spool.append({ notes: [note(1), note(2), note(2)] });
await openLedgerClerk(
  {
    ledger: {
      notePolicy: (sha256) => ledger.notePolicy(sha256),
      noteRecipients: (recipients) => ledger.noteRecipients(recipients),
      noteErased: (pictures) => ledger.noteErased(pictures),
      turn: () => ledger.turn(),
      carry(notes) {
        dieAt("before-carry");
        return ledger.carry(notes);
      },
    },
    spool: {
      counters: () => spool.counters(),
      ledgerNotes: (limit) => spool.ledgerNotes(limit),
      told(upTo) {
        dieAt("before-told");
        return spool.told(upTo);
      },
    },
    policySha256: "a".repeat(64),
    recipients: [],
    board: new Board(),
    log: silentLog,
  },
  new AbortController().signal,
);
throw new Error(`it lived past ${point}`);
