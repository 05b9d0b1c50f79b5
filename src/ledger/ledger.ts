// The ledger: what the house did with pictures, and who switched lamps, hash-chained and signed, in dataDir/ledger.db.
// Its own database, so that a full spool cannot tear the chain; a receipt is on disk before the picture's event is made.
import { join } from "node:path";
import { openDatabase } from "../core/database.ts";
import { GatewayError, messageOf } from "../core/errors.ts";
import type { GatewayKey } from "../core/gateway-key.ts";
import type { Receipt } from "../core/receipt.ts";
import type { RedactedImage } from "../privacy/redact.ts";
import { commandDigest, type LampCommand, signedCommandBytes } from "./lamp-commands.ts";
import { FIRST_PREVIOUS, receiptDigest, signedBytes } from "./receipts.ts";

export type Ledger = AsyncDisposable & {
  /** Signs, chains and stores a receipt; it is on disk when this returns. Throws SPOOL_FAILED when the disk refuses. */
  addReceipt(image: RedactedImage, policySha256: string): Receipt;
  /** The newest receipts, newest first. */
  latestReceipts(limit: number): Receipt[];
  /** Receipts of a picture by its SHA-256, the newest first, a few of many. `number`: from 1, as they were made. */
  receiptsOf(image: string): { readonly number: number; readonly receipt: Receipt }[];
  /** How many there are. */
  receiptCount(): number;
  /** Signs, chains and stores that a person asked for it; it is on disk when this returns. Throws SPOOL_FAILED when the disk refuses. */
  addLampCommand(asked: Pick<LampCommand, "lamp" | "isOn" | "by"> & { readonly atMs: number }): LampCommand;
  /** The newest lamp commands, newest first. */
  latestLampCommands(limit: number): LampCommand[];
};

/** A camera that shows a still picture makes the same image every time; its newest receipts are enough to find one. */
const RECEIPTS_OF_PICTURE = 5;

/** Opens `dataDir/ledger.db`. Throws DATA_DIR_UNUSABLE. */
export function openLedger({ dataDir, key }: { dataDir: string; key: GatewayKey }): Ledger {
  const database = openOrExplain(join(dataDir, "ledger.db"));
  database.exec("CREATE TABLE IF NOT EXISTS receipts (number INTEGER PRIMARY KEY, body TEXT NOT NULL)");
  // Anybody may ask for a picture's receipt: without the index each asking would read them all.
  database.exec("CREATE INDEX IF NOT EXISTS receipts_image ON receipts (json_extract(body, '$.image'))");
  database.exec("CREATE TABLE IF NOT EXISTS lamp_commands (number INTEGER PRIMARY KEY, body TEXT NOT NULL)");
  const insert = database.prepare("INSERT INTO receipts (body) VALUES (?)");
  const insertCommand = database.prepare("INSERT INTO lamp_commands (body) VALUES (?)");
  const latestCommands = database.prepare("SELECT body FROM lamp_commands ORDER BY number DESC LIMIT ?");
  const latest = database.prepare("SELECT body FROM receipts ORDER BY number DESC LIMIT ?");
  const ofImage = database.prepare(
    "SELECT number, body FROM receipts WHERE json_extract(body, '$.image') = ? ORDER BY number DESC LIMIT ?",
  );
  const count = database.prepare("SELECT max(number) AS count FROM receipts");
  const latestReceipts = (limit: number) => latest.all(limit).map((row): Receipt => JSON.parse(String(row["body"])));
  const latestLampCommands = (limit: number) =>
    latestCommands.all(limit).map((row): LampCommand => JSON.parse(String(row["body"])));
  const write = (statement: typeof insert, body: object): void => {
    try {
      statement.run(JSON.stringify(body));
    } catch (cause) {
      throw new GatewayError("SPOOL_FAILED", `the ledger could not be written: ${messageOf(cause)}`, { cause });
    }
  };
  let isOpen = true;
  return {
    latestReceipts,
    latestLampCommands,
    receiptsOf: (image) =>
      ofImage
        .all(image, RECEIPTS_OF_PICTURE)
        .map((row) => ({ number: Number(row["number"]), receipt: JSON.parse(String(row["body"])) })),
    receiptCount: () => Number(count.get()?.["count"] ?? 0),
    addLampCommand({ lamp, isOn, by, atMs }) {
      const [last] = latestLampCommands(1);
      const unsigned = {
        version: 1,
        kind: "lamp-command",
        lamp,
        isOn,
        by,
        at: new Date(atMs).toISOString(),
        previous: last === undefined ? FIRST_PREVIOUS : commandDigest(last),
        keyId: key.keyId,
      } as const;
      const command = { ...unsigned, signature: key.sign(signedCommandBytes(unsigned)).toString("base64") };
      write(insertCommand, command);
      return command;
    },
    addReceipt(image, policySha256) {
      const [last] = latestReceipts(1);
      const { sha256, outcome, boxes, modelSha256, settings, canaryAgeMs } = image.content;
      const unsigned = {
        version: 1,
        image: sha256,
        outcome,
        regions: boxes.length,
        policy: policySha256,
        model: modelSha256,
        settings,
        // Minutes are enough to show that the detector was tried, and say less about when a person passed.
        canaryAgeS: canaryAgeMs === null ? null : Math.ceil(canaryAgeMs / 60_000) * 60,
        previous: last === undefined ? FIRST_PREVIOUS : receiptDigest(last),
        keyId: key.keyId,
      } as const;
      const receipt = { ...unsigned, signature: key.sign(signedBytes(unsigned)).toString("base64") };
      write(insert, receipt);
      return receipt;
    },
    async [Symbol.asyncDispose]() {
      if (isOpen) database.close();
      isOpen = false;
    },
  };
}

function openOrExplain(path: string) {
  try {
    return openDatabase(path);
  } catch (cause) {
    throw new GatewayError("DATA_DIR_UNUSABLE", `cannot open ${path}: ${messageOf(cause)}`, { cause });
  }
}
