// A chain of receipts as the ledger makes them, signed with the key of a data directory.
import { openGatewayKey } from "../../src/core/gateway-key.ts";
import type { Receipt } from "../../src/core/receipt.ts";
import { FIRST_PREVIOUS, receiptDigest, signedBytes } from "../../src/ledger/receipts.ts";

const SETTINGS = "ssd2 level=normal searched=1280+512 threshold=0.03 grow=0.25+3px paint=mosaic masks=1";

/**
 * One for each of these SHA-256 digests, the newest (the last digest) first; the first of all is the first of the chain.
 * `keyChangesAt`: the first one, by index, that the gateway signs with its next key. `policy`: the digest that they name.
 */
export async function signedReceipts(
  dataDir: string,
  images: readonly string[],
  { keyChangesAt, policy = "c".repeat(64) }: { readonly keyChangesAt?: number; readonly policy?: string } = {},
): Promise<readonly Receipt[]> {
  const key = await openGatewayKey(dataDir);
  const chain: Receipt[] = [];
  for (const [index, image] of images.entries()) {
    if (index === keyChangesAt) {
      await key.beginRotation();
      await key.finishRotation(Date.UTC(2026, 4, 1));
    }
    const last = chain.at(-1);
    const unsigned = {
      version: 1,
      image,
      outcome: index % 3 === 1 ? "empty" : index % 3 === 2 ? "mosaic" : "redacted",
      regions: index % 3 === 0 ? index + 1 : 0,
      policy,
      model: "d".repeat(64),
      settings: SETTINGS,
      canaryAgeS: index === 0 ? null : 60 * index,
      previous: last === undefined ? FIRST_PREVIOUS : receiptDigest(last),
      keyId: key.keyId,
    } as const;
    chain.push({ ...unsigned, signature: key.sign(signedBytes(unsigned)).toString("base64") });
  }
  return chain.toReversed();
}

/** The ports of a page over these receipts. */
export function ledgerOf(receipts: readonly Receipt[]) {
  return {
    receipts: (count: number) => receipts.slice(0, count),
    receiptsOf: (image: string) =>
      receipts.flatMap((receipt, index) =>
        receipt.image === image ? [{ number: receipts.length - index, receipt }] : [],
      ),
    receiptCount: () => receipts.length,
  };
}
