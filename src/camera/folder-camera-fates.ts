// What becomes of each file in a camera's folder: waited for, read and erased, or erased unread; and counted.
import type { Clock } from "../core/clock.ts";
import { LIMITS } from "../core/limits.ts";
import { CAMERA_LIMITS } from "./camera-limits.ts";
import {
  erase,
  type Found,
  isPicture,
  isWhole,
  type Opened,
  openFound,
  readAll,
  removeEmpty,
  type Walk,
} from "./folder-camera-files.ts";
import type { PictureDropped, PictureSlot } from "./picture-inbox.ts";

export type FateBounds = {
  readonly [Name in keyof Pick<
    typeof CAMERA_LIMITS,
    "folderScanMs" | "folderQuietMs" | "folderUnfinishedMs" | "folderEmptyMs"
  >]: number;
};

type Deps = {
  readonly slot: Pick<PictureSlot, "put" | "drop">;
  readonly clock: Clock;
  readonly bounds: FateBounds;
  readonly stop: AbortSignal;
};

/**
 * What is known of a file, or of an empty sub-folder, from look to look. `stamp`: changes with it; `sinceMs`: monotonic, of its
 * last change. `old`: why it is no news, since it may have lain there while nobody looked, or a newer one was taken; `isOther`: no
 * picture; `isStuck`: it could not be erased.
 */
type Seen = {
  readonly stamp: string;
  readonly sinceMs: number;
  readonly old: "left-over" | "replaced" | null;
  readonly isOther: boolean;
  readonly isStuck: boolean;
};

/** What became of a file in one look: `waiting` for its end, or to be looked at again `soon`, or `now`. */
export type Fate = "taken" | "dropped" | "waiting" | "soon" | "now" | "other" | "unreadable" | "stuck";

/** Remembers the files between looks. */
export class Fates {
  readonly #deps: Deps;
  /** Monotonic; what is there and was not by then is news. A look that could not see all does not count. */
  #sawAllAtMs = Number.NEGATIVE_INFINITY;
  #seen = new Map<string, Seen>();
  #isInMemory = false;
  /** Things in the folder that are neither pictures nor films, in the newest look; they are left there. */
  others = 0;

  constructor(deps: Deps) {
    this.#deps = deps;
  }

  /** The newest first: the others are erased unread. */
  async takeAll(found: Walk, { isInMemory }: { readonly isInMemory: boolean }): Promise<ReadonlySet<Fate>> {
    const before = this.#seen;
    this.#seen = new Map();
    this.#isInMemory = isInMemory;
    const nowMs = this.#deps.clock.monotonicMs();
    const isAfterGap = nowMs - this.#sawAllAtMs > LIMITS.cameraFrameFreshMs + this.#deps.bounds.folderScanMs;
    const fates = new Set<Fate>();
    let others = found.others;
    let dropped = 0;
    for (const file of found.files.toSorted((a, b) => b.changedAtMs - a.changedAtMs)) {
      if (this.#deps.stop.aborted) break;
      const ageMs = Math.abs(this.#deps.clock.nowMs() - file.changedAtMs);
      const old = isAfterGap && ageMs > LIMITS.cameraFrameFreshMs ? "left-over" : null;
      const seen = this.#remember({ key: file.key, stamp: `${file.size} ${file.changedAtMs}`, old }, before);
      const hasNewer = fates.has("taken");
      if (dropped >= CAMERA_LIMITS.folderErasures) {
        // Overwriting takes its time on a disk, and meanwhile there may be a newer one.
        fates.add("now");
        if (hasNewer) this.#seen.set(file.key, { ...seen, old: seen.old ?? "replaced" });
        continue;
      }
      const fate = await this.#fateOf(file, seen, hasNewer);
      fates.add(fate);
      if (fate === "dropped") dropped += 1;
      if (fate === "other") others += 1;
      if (fate === "other" || fate === "stuck")
        this.#seen.set(file.key, { ...seen, isOther: fate === "other", isStuck: fate === "stuck" });
    }
    for (const { key } of found.emptyBelow) this.#remember({ key, stamp: "empty", old: null }, before);
    await this.#tidy(found);
    this.others = others;
    this.#sawAllAtMs = found.isCut ? Number.NEGATIVE_INFINITY : nowMs;
    return fates;
  }

  #remember(at: Pick<Seen, "stamp" | "old"> & { readonly key: string }, before: ReadonlyMap<string, Seen>): Seen {
    const { key, ...fresh } = at;
    const known = before.get(key);
    const isSame = known !== undefined && (known.isStuck || known.stamp === fresh.stamp);
    const seen = isSame ? known : { ...fresh, sinceMs: this.#deps.clock.monotonicMs(), isOther: false, isStuck: false };
    this.#seen.set(key, seen);
    return seen;
  }

  async #fateOf(file: Found, seen: Seen, hasNewer: boolean): Promise<Fate> {
    if (seen.isOther) return "other";
    if (seen.isStuck) return (await erase(file, null, this.#isInMemory)) === "kept" ? "stuck" : "dropped";
    const quietMs = this.#deps.clock.monotonicMs() - seen.sinceMs;
    if (file.sort === "unfinished" || (file.size === 0 && file.sort !== "other")) {
      if (quietMs < this.#deps.bounds.folderUnfinishedMs) return "waiting";
      return this.#drop(file, null, "unfinished");
    }
    const isQuiet = quietMs >= this.#deps.bounds.folderQuietMs;
    if (file.sort === "video") return isQuiet || isLarge(file) ? this.#drop(file, null, "video") : "soon";
    if (isLarge(file)) return file.sort === "other" ? "other" : this.#drop(file, null, "too-large");
    return this.#fateOfPicture(file, { isQuiet, hasNewer, old: seen.old });
  }

  async #fateOfPicture(
    file: Found,
    { isQuiet, hasNewer, old }: { isQuiet: boolean; hasNewer: boolean; old: Seen["old"] },
  ): Promise<Fate> {
    const found = await openFound(file);
    if (found === "gone") return "soon";
    if (found === "unreadable") return (await this.#drop(file, null, found)) === "stuck" ? "stuck" : found;
    await using opened = found;
    if (opened.size !== file.size) return "soon";
    if (file.sort === "other" && !(await isPicture(opened))) return isQuiet ? "other" : "soon";
    if (!isQuiet && !(await isWhole(opened))) return "soon";
    if (hasNewer || old !== null) return await this.#drop(file, opened, old ?? "replaced");
    const bytes = await readAll(opened);
    const end = await erase(file, opened, this.#isInMemory);
    if (end === "erased" && !this.#deps.stop.aborted) {
      this.#deps.slot.put(bytes);
      return "taken";
    }
    bytes.fill(0);
    if (end === "gone") return "soon";
    this.#deps.slot.drop(end === "kept" ? "not-erased" : "closed");
    return end === "kept" ? "stuck" : "dropped";
  }

  async #drop(file: Found, opened: Opened | null, why: PictureDropped): Promise<Fate> {
    const end = await erase(file, opened, this.#isInMemory);
    if (end !== "gone") this.#deps.slot.drop(end === "kept" ? "not-erased" : why);
    return end === "kept" ? "stuck" : "dropped";
  }

  async #tidy({ emptyBelow }: Walk): Promise<void> {
    const nowMs = this.#deps.clock.monotonicMs();
    for (const empty of emptyBelow) {
      const { sinceMs = nowMs } = this.#seen.get(empty.key) ?? {};
      if (nowMs - sinceMs >= this.#deps.bounds.folderEmptyMs) await removeEmpty(empty);
    }
  }
}

function isLarge({ size }: Found): boolean {
  return size > LIMITS.frameBytes;
}
