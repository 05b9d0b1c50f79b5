// Lamp commands in the ledger: signed, chained statements of who switched which lamp. A chain of their own beside the receipts,
// since receipts are published for anybody to verify, and who switched a lamp stays in the house.
import { createHash, createPublicKey, verify } from "node:crypto";

/**
 * That a person asked for it, written before it was sent. `at`: ISO 8601 UTC. `by`: the user's name. `previous`: SHA-256 of the
 * command before it (64 zeros for the first). `signature`: base64 ed25519 over the JSON of all other fields, in this order.
 */
export type LampCommand = {
  readonly version: 1;
  readonly kind: "lamp-command";
  readonly lamp: string;
  readonly isOn: boolean;
  readonly by: string;
  readonly at: string;
  readonly previous: string;
  readonly keyId: string;
  readonly signature: string;
};

/** The bytes a command's signature covers. */
export function signedCommandBytes(command: Omit<LampCommand, "signature">): Buffer {
  const { version, kind, lamp, isOn, by, at, previous, keyId } = command;
  return Buffer.from(JSON.stringify({ version, kind, lamp, isOn, by, at, previous, keyId }));
}

/** SHA-256 in hex over the signed bytes and the signature: what the next command names as `previous`. */
export function commandDigest(command: LampCommand): string {
  return createHash("sha256").update(signedCommandBytes(command)).update(command.signature).digest("hex");
}

/** Null when each signature holds and each names the one before it; else the first fault in words. `publicKey`: base64, 32 raw bytes. */
export function findCommandFault(commands: readonly LampCommand[], publicKey: string): string | null {
  const x = Buffer.from(publicKey, "base64").toString("base64url");
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  for (const [index, command] of commands.entries()) {
    const before = commands[index - 1];
    if (!verify(null, signedCommandBytes(command), key, Buffer.from(command.signature, "base64")))
      return `lamp command ${index + 1} was changed or signed by another key`;
    if (before !== undefined && command.previous !== commandDigest(before))
      return `lamp command ${index + 1} does not follow lamp command ${index}`;
  }
  return null;
}
