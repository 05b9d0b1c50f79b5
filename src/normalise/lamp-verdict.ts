// What is wrong with a lamp, by what is remembered of it and where the sun stands. Pure. Told once, and once when it is over;
// where nobody can know, what was told stands.
import { LAMP_LIMITS } from "./lamp-limits.ts";
import { isFlicker, type LampFault, type LampMemory, type Sight } from "./lamp-memory.ts";
import { isSheltered, type Phase } from "./lamp-sight.ts";

export type LitWhen = "night" | "never" | "always";

/** Where the sun stands. `isNightLong`: night for as long as makes dark a fault; `isDayLong`: day for as long as makes burning one. */
export type Sky = { readonly phase: Phase; readonly isNightLong: boolean; readonly isDayLong: boolean };

/** A fault that began or ended. */
export type Verdict = { readonly fault: LampFault; readonly isPresent: boolean };

type Case = {
  readonly memory: LampMemory;
  readonly litWhen: LitWhen;
  readonly sky: Sky;
  readonly nowMs: number;
};

/** Judges one lamp. `verdicts`: what is to be told, in this order; `memory` holds it as told. */
export function judge(given: Case): { readonly memory: LampMemory; readonly verdicts: readonly Verdict[] } {
  let { memory } = given;
  const verdicts: Verdict[] = [];
  const set = (fault: LampFault, by: "lamp" | "sensors" | null): void => {
    const told = memory.faults[fault];
    if ((told === null) === (by === null)) return;
    memory = { ...memory, faults: { ...memory.faults, [fault]: by === null ? null : { by, atMs: given.nowMs } } };
    verdicts.push({ fault, isPresent: by !== null });
  };
  const word = wordOf(given);
  const { faults } = given.memory;

  if (faults.flicker === null) set("flicker", flickering(given));
  else if (isSteady(given)) set("flicker", null);

  const dark = darkBy(given, word);
  if (faults["dark-at-night"] !== null && isDarkOver(given, word)) set("dark-at-night", null);
  else if (memory.faults.flicker === null && dark !== null) {
    // What does not burn at night does not burn by day either: a relay may say so and be wrong.
    set("burning-by-day", null);
    set("dark-at-night", dark);
  }

  const burning = burningBy(given, word);
  if (memory.faults["burning-by-day"] !== null && isBurningOver(given, word)) set("burning-by-day", null);
  else if (burning !== null) {
    set("dark-at-night", null);
    set("burning-by-day", burning);
  }
  return { memory, verdicts };
}

/** The lamp's own word, while it can be believed. */
type Word = { readonly isLit: boolean | null; readonly forMs: number };

function wordOf({ memory: { own }, nowMs }: Case): Word {
  const isKnown = nowMs - own.heardAtMs <= LAMP_LIMITS.lampSilentMs;
  return { isLit: isKnown ? own.isLit : null, forMs: nowMs - own.sinceMs };
}

/** Sensors that show something and have been heard of late; `forMs` counts to their last reading, silence adds nothing, nor does doubt. */
function showing({ memory, nowMs }: Case): readonly { sight: Sight; is: "dark" | "lit"; forMs: number }[] {
  return Object.values(memory.sights).flatMap((sight) =>
    sight.shows === null || nowMs - sight.atMs > LAMP_LIMITS.sensorSilentMs
      ? []
      : [{ sight, is: sight.shows.is, forMs: (sight.doubt?.sinceMs ?? sight.atMs) - sight.shows.sinceMs }],
  );
}

function darkBy(given: Case, { isLit, forMs }: Word): "lamp" | "sensors" | null {
  const { litWhen, sky } = given;
  if (litWhen === "never" || !sky.isNightLong) return null;
  if (isLit === false && forMs >= LAMP_LIMITS.darkForMs) return "lamp";
  const shown = showing(given);
  if (shown.some(({ is }) => is === "lit")) return null;
  const isDark = shown.some(({ sight, forMs: darkMs }) => sight.seesDay === true && darkMs >= LAMP_LIMITS.darkForMs);
  return isDark ? "sensors" : null;
}

function isDarkOver(given: Case, { isLit, forMs }: Word): boolean {
  const { memory, litWhen, sky } = given;
  const by = memory.faults["dark-at-night"]?.by;
  if (litWhen === "never") return true;
  // The sensors turned out to be covered, or are gone: they should not have accused it.
  if (by === "sensors" && Object.values(memory.sights).every(({ seesDay }) => seesDay === false))
    return isLit !== false;
  if (sky.phase !== "night" || isLit === false) return false;
  const shown = showing(given);
  if (shown.some(({ sight, is }) => is === "dark" && sight.seesDay === true)) return false;
  const isSeenLit = shown.some(({ is, forMs: litMs }) => is === "lit" && litMs >= LAMP_LIMITS.litForMs);
  return isSeenLit || (by === "lamp" && isLit === true && forMs >= LAMP_LIMITS.litForMs);
}

function burningBy(given: Case, { isLit, forMs }: Word): "lamp" | "sensors" | null {
  const { memory, litWhen, sky } = given;
  if (litWhen === "always" || !sky.isDayLong) return null;
  // Its relay says on, and sensors saw that it gives no light.
  const isBroken = memory.faults["dark-at-night"]?.by === "sensors";
  if (isLit === true && forMs >= LAMP_LIMITS.burningForMs && !isBroken) return "lamp";
  if (isLit === false) return null;
  const isSeen = showing(given).some(
    ({ sight, is, forMs: litMs }) => isSheltered(sight) && is === "lit" && litMs >= LAMP_LIMITS.burningForMs,
  );
  return isSeen ? "sensors" : null;
}

function isBurningOver(given: Case, { isLit, forMs }: Word): boolean {
  const { memory, litWhen, sky } = given;
  if (litWhen === "always") return true;
  if (isLit === false) return forMs >= LAMP_LIMITS.offForMs;
  if (memory.faults["burning-by-day"]?.by !== "sensors") return false;
  // They turned out to see the day, or are gone.
  if (!Object.values(memory.sights).some(isSheltered)) return true;
  return (
    sky.phase === "day" &&
    showing(given).some(({ is, forMs: darkMs }) => is === "dark" && darkMs >= LAMP_LIMITS.offForMs)
  );
}

/** At night only: by day people test lamps. */
function flickering({ memory, sky, nowMs }: Case): "lamp" | "sensors" | null {
  if (sky.phase !== "night") return null;
  const { own, sights } = memory;
  if (isFlicker(own.changes) && isRecent(own.changes, nowMs)) return "lamp";
  return Object.values(sights).some(({ changes }) => isFlicker(changes) && isRecent(changes, nowMs)) ? "sensors" : null;
}

function isRecent(changes: Sight["changes"], nowMs: number): boolean {
  return nowMs - (changes.at(-1)?.atMs ?? 0) <= LAMP_LIMITS.flickerWithinMs;
}

/** Who accused it has spoken since, and of no change for long. */
function isSteady(given: Case): boolean {
  const { own, sights } = given.memory;
  const isQuiet = (changes: Sight["changes"], heardAtMs: number): boolean =>
    heardAtMs - (changes.at(-1)?.atMs ?? heardAtMs) >= LAMP_LIMITS.flickerOverMs;
  if (given.memory.faults.flicker?.by === "lamp") return isQuiet(own.changes, own.heardAtMs);
  if (Object.keys(sights).length === 0) return true;
  const shown = showing(given);
  return shown.length > 0 && shown.every(({ sight }) => isQuiet(sight.changes, sight.atMs));
}
