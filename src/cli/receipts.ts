// `hedgerow receipts verify`: anybody checks the signatures and the chain of redaction receipts, with the public key alone.
import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { z } from "zod";
import { GatewayError, messageOf } from "../core/errors.ts";
import type { Receipt } from "../core/receipt.ts";
import { findReceiptFault, receiptDigest } from "../ledger/receipts.ts";
import { callerPath } from "./config-file.ts";
import type { Print } from "./print.ts";

const hex = z.string().regex(/^[0-9a-f]{64}$/);
const ReceiptFile: z.ZodType<Receipt> = z.strictObject({
  version: z.literal(1),
  image: hex,
  outcome: z.enum(["redacted", "empty", "mosaic"]),
  regions: z.int().min(0),
  policy: hex,
  model: z.string(),
  settings: z.string(),
  canaryAgeS: z.int().min(0).nullable(),
  previous: hex,
  keyId: z.string(),
  signature: z.string(),
});
/** A saved `/api/v1/transparency`, of which only this counts. */
const PublicFile = z.looseObject({
  receipts: z.array(z.unknown()),
  publicKey: z.string().optional(),
  publicKeys: z.array(z.string()).optional(),
});

/** Receipts, oldest first, and the keys that their file names, the newest first. */
type Saved = { readonly receipts: readonly Receipt[]; readonly publicKeys: readonly string[] };

const SAVE_AGAIN = "Save the gateway's /api/v1/transparency as it is (curl -o receipts.json), and verify that file.";

/** Adds the command to the program. `print` takes the answer. */
export function addReceipts(program: Command, print: Print = console.log): void {
  program
    .command("receipts")
    .description("redaction receipts")
    .command("verify")
    .description("check the signatures of receipts and that each follows the one before it")
    .argument(
      "<file...>",
      "JSON: a saved /api/v1/transparency, one receipt, a list of them, or an event that holds one; in order of time, either way",
    )
    .option(
      "--key <base64>",
      "the gateway's public key (hedgerow key show, or the transparency page), several times where it was changed; otherwise those in the file",
      (key: string, others: readonly string[]) => [...others, key],
      [],
    )
    .action(async (files: string[], { key: given }: { key: readonly string[] }) => {
      const saved = await Promise.all(files.map(savedIn));
      const keys = given.length > 0 ? given : keysIn(saved);
      const count = verifyAll(saved, keys.map(checkedKey));
      print(
        `${count === 1 ? "1 receipt is" : `${count} receipts are`} genuine and unbroken; what came after the last, no file can tell`,
      );
      if (given.length === 0)
        print(
          `by the key that the file itself names, ${keys.join(" and ")}: compare it with the one that the association tells you`,
        );
    });
}

/** How many there are. The files may stand in either order too. Throws RECEIPT_INVALID, NOT_FOUND when there are none. */
function verifyAll(saved: readonly Saved[], keys: readonly string[]): number {
  const lists = saved.map(({ receipts }) => receipts);
  const fault = findReceiptFault(lists.flat(), keys);
  if (fault !== null && findReceiptFault(lists.toReversed().flat(), keys) !== null)
    throw new GatewayError("RECEIPT_INVALID", fault);
  const count = lists.flat().length;
  if (count > 0) return count;
  throw new GatewayError("NOT_FOUND", "there is no receipt to verify", {
    hint: "The gateway shows the receipts of a day from midnight on, and none before its first picture.",
  });
}

/** Of files saved before and after a change of keys the later one names the keys of the earlier, too. */
function keysIn(saved: readonly Saved[]): readonly string[] {
  const lists = saved.map(({ publicKeys }) => publicKeys);
  const all = new Set(lists.flat());
  const keys = lists.find((list) => list.length === all.size && list.length > 0);
  if (keys !== undefined) return keys;
  throw new GatewayError("USAGE", all.size === 0 ? "the file names no key" : "the files name different keys", {
    hint: "Say --key and the gateway's public key (hedgerow key show, or the transparency page).",
  });
}

/** Throws USAGE for what cannot be an ed25519 key: 32 bytes in base64. */
function checkedKey(key: string): string {
  if (/^[\w+/-]{43}=?$/.test(key)) return key;
  throw new GatewayError("USAGE", `${JSON.stringify(key)} is no public key; it has 43 letters and digits, then =`, {
    hint: "Copy the whole key from hedgerow key show, or from the transparency page.",
  });
}

async function savedIn(file: string): Promise<Saved> {
  const content = parsed(file, await textOf(file));
  try {
    const published = PublicFile.safeParse(content).data;
    const items = published?.receipts ?? (Array.isArray(content) ? content : [content]);
    const receipts = items.map((item) => ReceiptFile.parse(unwrapped(item)));
    const publicKeys = published?.publicKeys ?? (published?.publicKey === undefined ? [] : [published.publicKey]);
    return { receipts: isNewestFirst(receipts) ? receipts.toReversed() : receipts, publicKeys };
  } catch (cause) {
    if (!(cause instanceof z.ZodError)) throw cause;
    throw new GatewayError("RECEIPT_INVALID", `${file} holds something else than receipts`, {
      hint: SAVE_AGAIN,
      cause,
    });
  }
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(callerPath(file), "utf8");
  } catch (cause) {
    throw new GatewayError("CONFIG_UNREADABLE", `cannot read ${file}: ${messageOf(cause)}`, {
      hint: "Check that the file exists and that this user may read it.",
      cause,
    });
  }
}

function parsed(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new GatewayError("RECEIPT_INVALID", `${file} is not JSON`, { hint: SAVE_AGAIN, cause });
  }
}

/** A snapshot event as the platform has it holds its receipt in `data`. */
function unwrapped(item: unknown): unknown {
  const event = z.looseObject({ data: z.looseObject({ receipt: z.unknown() }) }).safeParse(item);
  return event.success ? event.data.data.receipt : item;
}

/** As the gateway publishes them. One link is enough to tell: a broken one elsewhere is found as such. */
function isNewestFirst(receipts: readonly Receipt[]): boolean {
  return receipts.some((receipt, index) => {
    const next = receipts[index + 1];
    return next !== undefined && receipt.previous === receiptDigest(next);
  });
}
