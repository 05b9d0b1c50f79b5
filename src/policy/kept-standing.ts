// How the standing of the policy is kept as text in spool.db, and what is taken to have held where that is lost.
import { z } from "zod";
import { SCHEMAS } from "../settings/schema.ts";
import { type NamedPolicy, type Notice, nothingTold } from "./standing.ts";

/** Keys of the spool's state. */
export const STANDING_KEY = "policy:standing";
/** What policy-change.ts remembers: the policy under which all that waits was made or brought. */
export const LAST_KEY = "policy:last";
/** Its digest, which the platform was told; written together with it. */
export const TOLD_KEY = "policy:told";

const Standing = z.object({
  sha256: z.string(),
  sinceMs: z.number().nullable(),
  notice: z
    .object({
      policy: SCHEMAS.policy,
      sha256: z.string(),
      shownMs: z.number().min(0),
      stewards: z.array(z.string()),
      approvedBy: z.array(z.string()),
      isTold: z.boolean(),
    })
    .nullable(),
});
export type KeptStanding = {
  readonly sha256: string;
  readonly sinceMs: number | null;
  readonly notice: Notice | null;
};

export function standingText(standing: KeptStanding): string {
  return JSON.stringify(standing);
}

/** Null where there is none, or none that can be read: then what is announced is announced anew. */
export function standingIn(text: string | undefined): KeptStanding | null {
  return parsed(text, Standing);
}

/**
 * What held before a start. `text`: of LAST_KEY, `told`: of TOLD_KEY. `ledgerPolicy`: the digest of what held last, by the ledger. `isNew`: neither
 * ledger nor spool has ever held anything; then null.
 */
export function lastPolicy(by: {
  readonly text: string | undefined;
  readonly told: string | undefined;
  readonly kept: KeptStanding | null;
  readonly ledgerPolicy: string | null;
  readonly isNew: boolean;
  readonly file: NamedPolicy;
}): NamedPolicy | null {
  const { text, told, kept, ledgerPolicy, isNew, file } = by;
  const last = parsed(text, SCHEMAS.policy);
  if (last !== null) return { policy: last, sha256: told ?? kept?.sha256 ?? ledgerPolicy ?? file.sha256 };
  if (isNew) return null;
  // spool.db was lost or damaged. The ledger still names what held; where that is not this file, nobody knows what was agreed.
  if (ledgerPolicy === file.sha256) return file;
  return { policy: nothingTold(file.policy), sha256: ledgerPolicy ?? file.sha256 };
}

function parsed<T>(text: string | undefined, form: z.ZodType<T>): T | null {
  try {
    return form.safeParse(JSON.parse(text ?? "null")).data ?? null;
  } catch {
    return null;
  }
}
