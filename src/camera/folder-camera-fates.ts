// What becomes of each file in a camera's folder: waited for, read and erased, or erased unread; and counted.
import type { Clock } from "../core/clock.ts";
import { systemCodeOf } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import type { CAMERA_LIMITS } from "./camera-limits.ts";
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
  readonly [Name in keyof Pick<typeof CAMERA_LIMITS, "folderQuietMs" | "folderUnfinishedMs" | "folderEmptyMs">]: number;
};

type Deps = {
  readonly slot: Pick<PictureSlot, "put" | "drop">;
  readonly clock: Clock;
  readonly bounds: FateBounds;
  readonly stop: AbortSignal;
};

/**
 * What is known of a file, or of an empty sub-folder, from look to look. `stamp`: changes with it; `sinceMs`: monotonic, of its
 * last change. `isOther`: no picture; `isStuck`: it could not be erased.
 */
type Seen = { readonly stamp: string; readonly sinceMs: number; readonly isOther: boolean; readonly isStuck: boolean };

/** What became of a file in one look: `waiting` for its end, or `soon` to be looked at again. */
export type Fate = "taken" | "dropped" | "waiting" | "soon" | "other" | "unreadable" | "stuck";

function isLarge({ size }: Found): boolean {
  return size > LIMITS.frameBytes;
}

/** Remembers the files between looks. */
export class Fates {
  readonly #deps: Deps;
  readonly #openedAtMs: number;
  #seen = new Map<string, Seen>();
  #isInMemory = false;
  /** Things in the folder that are neither pictures nor films, in the newest look; they are left there. */
  others = 0;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#openedAtMs = deps.clock.nowMs();
  }

  /** The newest first: the others are erased unread. */
  async takeAll(found: Walk, { isInMemory }: { readonly isInMemory: boolean }): Promise<ReadonlySet<Fate>> {
    const before = this.#seen;
    this.#seen = new Map();
    this.#isInMemory = isInMemory;
    const fates = new Set<Fate>();
    let others = found.others;
    for (const file of found.files.toSorted((a, b) => b.changedAtMs - a.changedAtMs)) {
      if (this.#deps.stop.aborted) break;
      const seen = this.#remember(file.key, `${file.size} ${file.changedAtMs}`, before);
      const fate = await this.#fateOf(file, seen, fates.has("taken"));
      fates.add(fate);
      if (fate === "other") others += 1;
      if (fate === "other" || fate === "stuck")
        this.#seen.set(file.key, { ...seen, isOther: fate === "other", isStuck: fate === "stuck" });
    }
    for (const { key } of found.emptyBelow) this.#remember(key, "empty", before);
    await this.#tidy(found);
    this.others = others;
    return fates;
  }

  #remember(key: string, stamp: string, before: ReadonlyMap<string, Seen>): Seen {
    const known = before.get(key);
    const isSame = known !== undefined && (known.isStuck || known.stamp === stamp);
    const seen = isSame ? known : { stamp, sinceMs: this.#deps.clock.monotonicMs(), isOther: false, isStuck: false };
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
    return this.#fateOfPicture(file, { isQuiet, hasNewer });
  }

  async #fateOfPicture(file: Found, { isQuiet, hasNewer }: { isQuiet: boolean; hasNewer: boolean }): Promise<Fate> {
    let handle_: Opened | null;
    try {
      handle_ = await openFound(file);
    } catch (cause) {
      if (systemCodeOf(cause) !== "EACCES" && systemCodeOf(cause) !== "EPERM") throw cause;
      return (await this.#drop(file, null, "unreadable")) === "stuck" ? "stuck" : "unreadable";
    }
    if (handle_ === null) return "soon";
    await using opened = handle_;
    if (file.sort === "other" && !(await isPicture(opened))) return isQuiet ? "other" : "soon";
    if (!isQuiet && !(await isWhole(opened))) return "soon";
    if (hasNewer) return this.#drop(file, opened, "replaced");
    const ageMs = this.#deps.clock.nowMs() - file.changedAtMs;
    if (file.changedAtMs < this.#openedAtMs - LIMITS.cameraFrameFreshMs) return this.#drop(file, opened, "left-over");
    if (Math.abs(ageMs) > LIMITS.cameraFrameFreshMs) return this.#drop(file, opened, "too-old");
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
