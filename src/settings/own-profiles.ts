// The device profiles that hold at a site: those that come with Hedgerow, and a volunteer's own (`profiles:` in gateway.yaml).
//
// Decision: a mistake in an own profile is a warning, and its file's devices are not understood until it is mended. The other
// choice, not to start, would silence the whole street for one letter in a file about one lamp. A folder that is not there is
// a mistake, like a kit that is named and absent: then nobody's own profiles would hold, and nobody would see why.
import { basename } from "node:path";
import { GatewayError } from "../core/errors.ts";
import type { ProfileMistake } from "../profiles/load.ts";
import { builtInProfiles, checkProfiles, openProfiles, type Profiles } from "../profiles/profiles.ts";
import type { Finding } from "./findings.ts";

/** `mistakes`: of the volunteer's own files; the profiles of those files are not among `profiles`. */
export type KnownProfiles = { readonly profiles: Profiles; readonly mistakes: readonly ProfileMistake[] };

/** `folder`: of gateway.yaml, absolute. Throws CONFIG_UNREADABLE when it cannot be read, PROFILE_INVALID for our own files. */
export async function openKnownProfiles(folder: string | undefined): Promise<KnownProfiles> {
  const builtIn = await openProfiles({ directories: [builtInProfiles] });
  if (folder === undefined) return { profiles: builtIn, mistakes: [] };
  return checkProfiles({ directories: [builtInProfiles, folder] });
}

/** The same, the built-in ones alone where the folder cannot be read: then `why` says what is wrong with it. */
export async function tryKnownProfiles(
  folder: string | undefined,
): Promise<KnownProfiles & { readonly why: string | null }> {
  try {
    return { ...(await openKnownProfiles(folder)), why: null };
  } catch (cause) {
    if (!(cause instanceof GatewayError) || cause.code !== "CONFIG_UNREADABLE") throw cause;
    return { ...(await openKnownProfiles(undefined)), why: cause.message };
  }
}

/** What `hedgerow check` says of own profiles, by file and line. */
export function profileFindings(mistakes: readonly ProfileMistake[]): Finding[] {
  return mistakes.map(({ file, line, text }) => ({
    severity: "warning",
    code: "PROFILE_INVALID",
    file,
    place: { line, column: 1 },
    text,
  }));
}

/** The families whose file has a mistake: a device that names one is not misspelt. */
export function brokenFamilies(mistakes: readonly ProfileMistake[]): ReadonlySet<string> {
  return new Set(mistakes.map(({ file }) => basename(file, ".yaml")));
}
