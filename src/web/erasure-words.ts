// What an erasure would take, or has taken, in words: for the page in its reader's language, for the command line in English.
import type { ErasureView } from "../core/erasure-commands.ts";
import { localeOf } from "../languages/amounts.ts";
import { isolated } from "../languages/isolate.ts";
import { type Language, languageOf, type MessageKey } from "../languages/say.ts";
import { exactTime } from "./words.ts";

type Read = { readonly timezone: string; readonly language?: Language };
const ENGLISH = languageOf("en");

const TYPES: Readonly<Record<string, MessageKey>> = {
  "hedgerow.motion.detected.v1": "erasing.of-motion-detected",
  "hedgerow.motion.count.v1": "erasing.of-motion-count",
  "hedgerow.light.level.v1": "erasing.of-light-level",
  "hedgerow.light.state.v1": "erasing.of-light-state",
  "hedgerow.light.fault.v1": "erasing.of-light-fault",
  "hedgerow.device.status.v1": "erasing.of-device-status",
  "hedgerow.snapshot.redacted.v1": "erasing.of-snapshot-redacted",
  "hedgerow.snapshot.withheld.v1": "erasing.of-snapshot-withheld",
};

/** "All of the devices porch, gate, from 20 Nov 2026, 00:00 until 21 Nov 2026, 00:00". Ids alone, which hold no markup. */
export function scopeWords(
  { devices, cameras, from, to }: ErasureView,
  { timezone, language = ENGLISH }: Read,
): string {
  const { say } = language;
  const at = { timezone, language };
  const period = {
    begin: from === null ? say("erasing.from-start") : say("erasing.from-time", { time: exactTime(from, at) }),
    end: to === null ? say("erasing.until-now") : exactTime(to, at),
  };
  const [deviceNames, cameraNames] = [namesOf(devices, language), namesOf(cameras, language)];
  const values = { devices: devices.length, cameras: cameras.length, deviceNames, cameraNames, ...period };
  if (devices.length === 0 && cameras.length === 0) return say("erasing.scope-all", values);
  if (cameras.length === 0) return say("erasing.scope-devices", values);
  return say(devices.length === 0 ? "erasing.scope-cameras" : "erasing.scope-both", values);
}

function namesOf(all: ErasureView["devices"], language: Language): string {
  return inARow(
    all.map(({ id, isInKit }) => (isInKit ? id : language.say("erasing.not-in-kit", { id }))),
    language,
  );
}

/** "a, b, c": without an "and", since one may follow. */
function inARow(items: readonly string[], { tag, direction }: Language): string {
  const list = new Intl.ListFormat(localeOf(tag), { type: "unit", style: "short" });
  return list.format(items.map((item) => isolated(item, direction)));
}

/** What of it there is, each a line; empty where nothing is held. */
export function holdingWords(view: ErasureView, { say }: Language = ENGLISH): string[] {
  const { entries, rejected, pictures, windows, memories, proposals, setAside } = view;
  const counted = (count: number, key: MessageKey) => (count === 0 ? [] : [say(key, { count })]);
  return [
    ...counted(entries, "erasing.waiting"),
    ...counted(rejected, "erasing.rejected"),
    ...Object.entries(view.byType)
      .toSorted(([, a], [, b]) => b - a)
      .map(([type, count]) => say(TYPES[type] ?? "erasing.of-other", { count, type })),
    ...counted(pictures, "erasing.pictures"),
    ...counted(windows, "erasing.windows"),
    ...counted(memories, "erasing.memories"),
    ...counted(proposals, "erasing.proposals"),
    ...counted(setAside, "erasing.set-aside"),
  ];
}

/** Who else is asked, and what stays: said before, and with `isDone` after. */
export function tellingWords(
  { platforms }: ErasureView,
  { isDone, language = ENGLISH }: { readonly isDone: boolean; readonly language?: Language },
): string {
  const { say } = language;
  if (platforms.length === 0) return say("erasing.no-platform");
  const values = { platforms: inARow(platforms, language) };
  const said = isDone
    ? [say("erasing.platforms-told", values), say("erasing.ledger")]
    : [say("erasing.asks-platforms", values), say("erasing.days-stay")];
  return said.join(" ");
}
