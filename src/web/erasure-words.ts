// What an erasure would take, or has taken, in words: for the page and for the command line.
import type { ErasureView } from "../core/erasure-commands.ts";
import { languageOf } from "../languages/say.ts";
import { countOf, exactTime } from "./words.ts";

const TYPES: Readonly<Record<string, readonly [one: string, many: string]>> = {
  "hedgerow.motion.detected.v1": ["movement", "movements"],
  "hedgerow.motion.count.v1": ["number of movements", "numbers of movements"],
  "hedgerow.light.level.v1": ["light level", "light levels"],
  "hedgerow.light.state.v1": ["state of a lamp", "states of a lamp"],
  "hedgerow.light.fault.v1": ["fault of a lamp", "faults of a lamp"],
  "hedgerow.device.status.v1": ["state of a device", "states of a device"],
  "hedgerow.snapshot.redacted.v1": ["redacted picture", "redacted pictures"],
  "hedgerow.snapshot.withheld.v1": ["word about a withheld picture", "words about withheld pictures"],
};

/** "All of the devices porch and gate from 20 Nov 2026, 00:00 until 21 Nov 2026, 00:00". Ids alone, which hold no markup. */
export function scopeWords({ devices, cameras, from, to }: ErasureView, at: { readonly timezone: string }): string {
  const named = [...things("device", devices), ...things("camera", cameras)].join(" and of ");
  const whom = named === "" ? "all devices and cameras" : named;
  const english = { ...at, language: languageOf("en") };
  const begin = from === null ? "from the beginning" : `from ${exactTime(from, english)}`;
  return `All of ${whom}, ${begin} until ${to === null ? "now" : exactTime(to, english)}`;
}

function things(kind: "device" | "camera", all: ErasureView["devices"]): string[] {
  if (all.length === 0) return [];
  const names = all.map(({ id, isInKit }) => (isInKit ? id : `${id} (not in the kit)`));
  return [`the ${kind}${all.length === 1 ? "" : "s"} ${names.join(", ")}`];
}

/** What of it there is, each a line; empty where nothing is held. */
export function holdingWords(view: ErasureView): string[] {
  const { entries, rejected, pictures, windows, memories, proposals, setAside } = view;
  const counted = (count: number, one: string, many?: string) => (count === 0 ? [] : [countOf(count, one, many)]);
  return [
    ...counted(entries, "event that waits for a platform", "events that wait for a platform"),
    ...counted(rejected, "event that a platform rejected", "events that a platform rejected"),
    ...Object.entries(view.byType)
      .toSorted(([, a], [, b]) => b - a)
      .map(([type, count]) => `of these, ${countOf(count, ...(TYPES[type] ?? [type, type]))}`),
    ...counted(pictures, "redacted picture on the disk", "redacted pictures on the disk"),
    ...counted(windows, "count of movements that is not finished", "counts of movements that are not finished"),
    ...counted(
      memories,
      "device of which it is remembered what it said last",
      "devices of which it is remembered what they said last",
    ),
    ...counted(proposals, "proposal that names such a device", "proposals that name such a device"),
    ...counted(
      setAside,
      "damaged record of which nobody can tell whom it is about; all of these go",
      "damaged records of which nobody can tell whom they are about; all of these go",
    ),
  ];
}

/** Who else is asked, and what stays: said before, and with `isDone` after. */
export function tellingWords({ platforms }: ErasureView, { isDone }: { readonly isDone: boolean }): string {
  if (platforms.length === 0) return "No platform receives anything from here.";
  const names = platforms.join(", ");
  if (!isDone)
    return `The platforms (${names}) are asked to erase their copies too. Counts by day stay: they name nobody.`;
  return `The platforms (${names}) are asked to erase their copies, as soon as they can be reached. The ledger says that there was an erasure, and never what.`;
}
