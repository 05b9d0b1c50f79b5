// All that doctor looks at, side by side and within a bound: for the command, and for the running gateway's own page.
import { messageOf } from "../../core/errors.ts";
import { lookAtCameras } from "./cameras.ts";
import { type Diagnosis, type Machine, type Site, trouble } from "./diagnosis.ts";
import { lookAtDisk } from "./disk.ts";
import { DOCTOR_LIMITS } from "./doctor-limits.ts";
import { lookAtHttps } from "./https.ts";
import { lookAtMemory } from "./memory.ts";
import { lookAtPictureKey } from "./picture-key.ts";
import { lookAtPlatform } from "./platform.ts";
import { lookAtPorts } from "./ports.ts";
import { lookAtPower } from "./power.ts";
import { lookAtPrograms } from "./programs.ts";
import { lookAtRedaction } from "./redaction.ts";
import { lookAtTime } from "./time.ts";
import { lookAtWires } from "./wires.ts";

type Look = (machine: Machine, site: Site | null, stop: AbortSignal) => Promise<Diagnosis[]>;
export type Found = { readonly group: string; readonly findings: readonly Diagnosis[] };

/** Where this system's own files and programs are. */
export const SYSTEM = { root: "/", path: "/usr/bin:/bin:/usr/sbin:/sbin" } as const;

/** In the order of the answer. */
const GROUPS: readonly (readonly [string, Look])[] = [
  ["programs", (machine, site) => lookAtPrograms(machine, site)],
  ["clock", (machine, site) => lookAtTime(machine, site)],
  ["disk", lookAtDisk],
  ["pictures' key", lookAtPictureKey],
  ["memory", lookAtMemory],
  ["power", lookAtPower],
  ["wired sensors", lookAtWires],
  ["ports", lookAtPorts],
  ["https", lookAtHttps],
  ["platform", lookAtPlatform],
  ["cameras", lookAtCameras],
  ["redaction", lookAtRedaction],
];

/**
 * All groups that have something to say, in order. `done` is told the groups that are still being looked at. Ends early when
 * `stopped` aborts. Throws nothing but defects.
 */
export async function lookAround(
  { machine, site }: { readonly machine: Machine; readonly site: Site | null },
  done: (left: readonly string[]) => void,
  stopped: AbortSignal,
): Promise<Found[]> {
  const ended = new AbortController();
  const stop = AbortSignal.any([stopped, ended.signal]);
  const left = new Set(GROUPS.map(([group]) => group));
  done([...left]);
  const looks = GROUPS.map(async ([group, look]): Promise<Found> => {
    const found = await inTime(look(machine, site, stop), stopped).catch((cause: unknown) => [
      trouble(`this could not be looked at: ${messageOf(cause)}`, "Please report it: it is a mistake in Hedgerow."),
    ]);
    left.delete(group);
    done([...left]);
    return { group, findings: found };
  });
  const found = await Promise.all(looks);
  ended.abort();
  return found.filter(({ findings }) => findings.length > 0);
}

/** What is not answered within the bound is trouble too. */
async function inTime(looking: Promise<Diagnosis[]>, stopped: AbortSignal): Promise<Diagnosis[]> {
  const late = Promise.withResolvers<Diagnosis[]>();
  const seconds = DOCTOR_LIMITS.groupMs / 1000;
  const text = `no answer within ${seconds} s`;
  const remedy = "Does a network drive or a disk hang? `dmesg` tells. Then try again.";
  const timer = setTimeout(() => late.resolve([trouble(text, remedy)]), DOCTOR_LIMITS.groupMs);
  const end = (): void => late.resolve([]);
  stopped.addEventListener("abort", end, { once: true });
  try {
    return await Promise.race([looking, late.promise]);
  } finally {
    clearTimeout(timer);
    stopped.removeEventListener("abort", end);
  }
}
