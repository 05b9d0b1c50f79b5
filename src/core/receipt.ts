// What a redaction receipt says: a signed, chained statement about one picture that anybody can verify.

/**
 * `image`: SHA-256 of the JPEG that may leave. `previous`: SHA-256 of the receipt before it (64 zeros for the first).
 * `canaryAgeS`: since a known face was last found in a picture of this camera by this detector; null: never.
 * `signature`: base64 ed25519 over the JSON of all other fields, keys in the order given here (ledger/receipts.ts).
 */
export type Receipt = {
  readonly version: 1;
  readonly image: string;
  readonly outcome: "redacted" | "empty" | "mosaic";
  readonly regions: number;
  readonly policy: string;
  readonly model: string;
  readonly settings: string;
  readonly canaryAgeS: number | null;
  readonly previous: string;
  readonly keyId: string;
  readonly signature: string;
};
