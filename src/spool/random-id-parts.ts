// The random part of entries' ids.
import { randomBytes } from "node:crypto";

/** 80 random bits in hex at each call, drawn from the system 400 at a time: one call each was a fourteenth of the event road. */
export function randomIdParts(): () => string {
  const ID_BYTES = 10;
  let pool = Buffer.alloc(0);
  return () => {
    if (pool.length < ID_BYTES) pool = randomBytes(ID_BYTES * 400);
    const part = pool.toString("hex", 0, ID_BYTES);
    pool = pool.subarray(ID_BYTES);
    return part;
  };
}
