// Which policy a command speaks of, and in which language.
import { systemClock } from "../core/clock.ts";
import { dayIn } from "../core/day-times.ts";
import { GatewayError } from "../core/errors.ts";
import { type Language, languageOf, languageTags } from "../languages/say.ts";
import { loadPolicy, loadSettings } from "../settings/load.ts";
import type { GatewaySettings, Policy } from "../settings/schema.ts";
import { callerPath, configFile } from "./config-file.ts";

/** `gateway`: null where a policy alone was given. `today`: YYYY-MM-DD at the site. */
export type ReadPolicy = {
  readonly policy: Policy;
  readonly sha256: string;
  readonly gateway: GatewaySettings | null;
  readonly today: string;
};

/** The policy file that is named, else the one that gateway.yaml names. Throws as loadPolicy and loadSettings do. */
export async function readPolicy(named: {
  readonly config?: string | undefined;
  readonly policy?: string | undefined;
}): Promise<ReadPolicy> {
  if (named.policy !== undefined && named.config === undefined)
    return { ...(await loadPolicy(callerPath(named.policy))), gateway: null, today: todayIn("UTC") };
  const { gateway, policy, policySha256 } = await loadSettings(await configFile(named.config));
  const today = todayIn(gateway.gateway.timezone);
  if (named.policy === undefined) return { policy, sha256: policySha256, gateway, today };
  return { ...(await loadPolicy(callerPath(named.policy))), gateway, today };
}

/** English where none was asked for. Throws USAGE for one that there are no words in. */
export function languageAsked(tag: string | undefined): Language {
  if (tag === undefined) return languageOf("en");
  if (isSpoken(tag)) return languageOf(tag);
  throw new GatewayError("USAGE", `there are no words in ${JSON.stringify(tag)}`, {
    hint: `There are ${languageTags().join(", ")}.`,
  });
}

/** Whether there are words in a language, and not only English in its place. */
export function isSpoken(tag: string): boolean {
  const first = (each: string): string | undefined => each.toLowerCase().split("-")[0];
  return first(languageOf(tag).tag) === first(tag);
}

function todayIn(timezone: string): string {
  return dayIn(timezone, systemClock.nowMs());
}
