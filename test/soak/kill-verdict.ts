// What must be true after all the kills, of what the sensors were told and what the platform holds.
import { type KillSite, type PlatformEvent, SENSORS } from "./kill-site.ts";

/** Every fifth life of a gateway lasts until a picture has arrived; a few are none. */
const ROUNDS_WITH_PICTURES = 20;

/** Sentences, one for each thing that is not so; empty when all is well. */
export async function verdictOf(
  site: KillSite,
  { motion, rounds }: { motion: "each" | "counts"; rounds: number },
): Promise<string[]> {
  const events = await site.events();
  const stats = await site.stats();
  const wrong: string[] = [];
  const open = site.openWindows();
  for (let sensor = 0; sensor < SENSORS; sensor++) {
    const id = `pir-${sensor}`;
    const acknowledged = site.acknowledged[sensor] ?? 0;
    if (acknowledged < 5) wrong.push(`${id}: only ${acknowledged} messages were acknowledged, which shows nothing`);
    const mine = events.filter(({ data }) => data["zone"] === id);
    const levels = new Set(ofType(mine, "light.level").map(({ data }) => data["lux"]));
    const lost = Array.from({ length: acknowledged }, (_, n) => n + 1).filter((n) => !levels.has(n));
    if (lost.length > 0) wrong.push(`${id}: acknowledged and lost: ${lost.slice(0, 10).join(", ")} (${lost.length})`);
    const edges = Math.ceil(acknowledged / 2);
    const told =
      motion === "each"
        ? ofType(mine, "motion.detected").length
        : ofType(mine, "motion.count").reduce((sum, { data }) => sum + Number(data["count"]), open.get(id) ?? 0);
    if (told !== edges) wrong.push(`${id}: ${edges} motions were acknowledged, and ${told} are told`);
  }
  if (stats.conflicts > 0) wrong.push(`${stats.conflicts} ids came with two bodies`);
  if (new Set(events.map(({ id }) => id)).size !== events.length) wrong.push("an id is there twice");
  const holes = holesIn(events);
  if (holes.length > 0) wrong.push(`sequences without an event or a tombstone: ${holes.slice(0, 10).join(", ")}`);
  if (stats.snapshots === 0 && rounds >= ROUNDS_WITH_PICTURES)
    wrong.push("no picture arrived, so none was killed on its way");
  return wrong;
}

function ofType(events: readonly PlatformEvent[], type: string): PlatformEvent[] {
  return events.filter((event) => event.type === `hedgerow.${type}.v1`);
}

function holesIn(events: readonly PlatformEvent[]): number[] {
  const named = events.flatMap(({ type, data: { sequences } }) =>
    type === "hedgerow.tombstone.v1" && Array.isArray(sequences) ? sequences.map(Number) : [],
  );
  const known = new Set([...events.map(({ sequence }) => Number(sequence)), ...named]);
  const highest = events.reduce((most, { sequence }) => Math.max(most, Number(sequence)), 0);
  return Array.from({ length: highest }, (_, n) => n + 1).filter((n) => !known.has(n));
}
