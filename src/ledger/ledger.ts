// The ledger: what the house did with pictures, hash-chained and signed, in dataDir/ledger.db.
// Its own database, so that a full spool cannot tear the chain; a receipt is on disk before the picture's event is made.
import { join } from "node:path";
import { openDatabase } from "../core/database.ts";
import { GatewayError, messageOf } from "../core/errors.ts";
import type { GatewayKey } from "../core/gateway-key.ts";
import type { Receipt } from "../core/receipt.ts";
import type { RedactedImage } from "../privacy/redact.ts";
import { FIRST_PREVIOUS, receiptDigest, signedBytes } from "./receipts.ts";

export type Ledger = AsyncDisposable & {
  /** Signs, chains and stores a receipt; it is on disk when this returns. Throws SPOOL_FAILED when the disk refuses. */
  addReceipt(image: RedactedImage, policySha256: string): Receipt;
  /** The newest receipts, newest first. */
  latestReceipts(limit: number): Receipt[];
};

/** Opens `dataDir/ledger.db`. Throws DATA_DIR_UNUSABLE. */
export function openLedger({ dataDir, key }: { dataDir: string; key: GatewayKey }): Ledger {
  const database = openOrExplain(join(dataDir, "ledger.db"));
  database.exec("CREATE TABLE IF NOT EXISTS receipts (number INTEGER PRIMARY KEY, body TEXT NOT NULL)");
  const insert = database.prepare("INSERT INTO receipts (body) VALUES (?)");
  const latest = database.prepare("SELECT body FROM receipts ORDER BY number DESC LIMIT ?");
  const latestReceipts = (limit: number) => latest.all(limit).map((row): Receipt => JSON.parse(String(row["body"])));
  let isOpen = true;
  return {
    latestReceipts,
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
      try {
        insert.run(JSON.stringify(receipt));
      } catch (cause) {
        throw new GatewayError("SPOOL_FAILED", `the ledger could not be written: ${messageOf(cause)}`, { cause });
      }
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
