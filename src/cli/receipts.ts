// `hedgerow receipts verify`: anybody checks the signatures and the chain of redaction receipts, with the public key alone.
import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import { z } from "zod";
import { GatewayError, messageOf } from "../core/errors.ts";
import type { Receipt } from "../core/receipt.ts";
import { findReceiptFault } from "../ledger/receipts.ts";
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

export function addReceipts(program: Command, print: Print = console.log): void {
  program
    .command("receipts")
    .description("redaction receipts")
    .command("verify")
    .description("check the signatures of receipts and that each follows the one before it")
    .argument("<file...>", "JSON: one receipt, a list of them (oldest first), or an event that holds one")
    .requiredOption("--key <base64>", "the gateway's public key (hedgerow key show, or the transparency page)")
    .action(async (files: string[], { key }: { key: string }) => {
      const receipts = (await Promise.all(files.map(receiptsIn))).flat();
      const fault = findReceiptFault(receipts, key);
      if (fault !== null) throw new GatewayError("RECEIPT_INVALID", fault);
      print(`${receipts.length === 1 ? "1 receipt is" : `${receipts.length} receipts are`} genuine and unbroken`);
    });
}

async function receiptsIn(file: string): Promise<Receipt[]> {
  try {
    const content: unknown = JSON.parse(await readFile(callerPath(file), "utf8"));
    return (Array.isArray(content) ? content : [content]).map((item) => ReceiptFile.parse(unwrapped(item)));
  } catch (cause) {
    if (cause instanceof z.ZodError)
      throw new GatewayError("RECEIPT_INVALID", `${file} holds something else than receipts`, { cause });
    throw new GatewayError("CONFIG_UNREADABLE", `cannot read ${file}: ${messageOf(cause)}`, { cause });
  }
}

/** A snapshot event as the platform has it holds its receipt in `data`. */
function unwrapped(item: unknown): unknown {
  const event = z.looseObject({ data: z.looseObject({ receipt: z.unknown() }) }).safeParse(item);
  return event.success ? event.data.data.receipt : item;
}
