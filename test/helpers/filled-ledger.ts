// A ledger with lines of every kind over three days, and its export.
import { openDatabase } from "../../src/core/database.ts";
import { ledgerPath } from "../../src/ledger/ledger-file.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import { signedReceipts } from "./signed-receipts.ts";
import { NOON_MS, openTestLedger, settableClock } from "./test-ledger.ts";

const DAY_MS = 24 * 3_600_000;

export type FilledLedger = AsyncDisposable & {
  readonly ledger: Ledger;
  readonly dataDir: string;
  readonly time: ReturnType<typeof settableClock>;
  /** The whole export as one text. */
  text(): string;
};

/** `policies`: how often the policy changes on the last day, to make it longer. */
export async function filledLedger(
  dataDir: string,
  { policies = 1, ...deps }: Parameters<typeof openTestLedger>[1] & { policies?: number } = {},
): Promise<FilledLedger> {
  const time = settableClock();
  const first = await openTestLedger(dataDir, { clock: time.clock, ...deps });
  await first[Symbol.asyncDispose]();
  // Receipts as they lie there from before the lines: a camera's real ones need the redactor.
  const database = openDatabase(ledgerPath(dataDir));
  const images = [1, 2, 3].map((digit) => String(digit).repeat(64));
  for (const receipt of (await signedReceipts(dataDir, images)).toReversed())
    database.prepare("INSERT INTO receipts (body) VALUES (?)").run(JSON.stringify(receipt));
  database.close();
  const ledger = await openTestLedger(dataDir, { clock: time.clock, ...deps });
  ledger.notePolicy("a".repeat(64));
  ledger.noteRecipients([{ id: "main", kind: "https", host: "platform.example" }]);
  await ledger.turn();
  time.nowMs = NOON_MS + DAY_MS;
  ledger.addLampCommand({ lamp: "lamp-3", isOn: true, by: "steward", atMs: time.nowMs });
  await ledger.turn();
  time.nowMs = NOON_MS + 2 * DAY_MS;
  await ledger.turn();
  const body = JSON.stringify({
    how: "expired",
    why: null,
    entries: 3,
    sequences: [
      [4, 5],
      [9, 9],
    ],
  });
  ledger.carry([{ number: 1, kind: "tombstone", body, atMs: time.nowMs }]);
  for (let n = 0; n < policies; n++) ledger.notePolicy(String(n).padStart(64, "b"));
  return {
    ledger,
    dataDir,
    time,
    text: () => [...ledger.exported({ after: 0, upTo: ledger.lastNumber("now") })].join(""),
    [Symbol.asyncDispose]: () => ledger[Symbol.asyncDispose](),
  };
}
