// A camera that puts files into a folder, by FTP or NFS. Each picture is read into memory once it is whole, and erased at
// once; the newest one is handed on. A file that cannot be erased is not handed on either: it would come again and again, and
// lie there for everybody (I1, I2).
import { type FSWatcher, watch } from "node:fs";
import { type FileHandle, statfs } from "node:fs/promises";
import { whyNoDropFolder } from "../core/drop-folder.ts";
import { GatewayError, messageOf, systemCodeOf } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import type { Log } from "../core/log.ts";
import { waitFor } from "../core/wait.ts";
import type { Camera, CameraDeps } from "./camera.ts";
import { CAMERA_LIMITS } from "./camera-limits.ts";
import { type FateBounds, Fates } from "./folder-camera-fates.ts";
import { pathOf, type Walk, walk } from "./folder-camera-files.ts";
import type { PictureInbox, PictureSlot } from "./picture-inbox.ts";

type Bounds = FateBounds & { readonly [Name in "folderSettleMs" | "folderScanMs"]: number };

/** `path`: absolute. `closed`: folders it may neither be in nor hold. `bounds`: those of the house unless a test shrinks some. */
type Deps = CameraDeps & {
  readonly path: string;
  readonly closed?: readonly string[] | undefined;
  readonly inbox: PictureInbox;
  readonly log: Log;
  readonly bounds?: Partial<Bounds>;
};

/** Opens without waiting for the folder, which may be mounted later; a grab says what is wrong with it. */
export function openFolderCamera(deps: Deps): Camera & AsyncDisposable {
  const slot = deps.inbox.open(deps.id);
  const folder = new Folder(deps, slot);
  const running = folder.run();
  const { id, grabMs = LIMITS.grabMs } = deps;
  return {
    id,
    grab(stop) {
      folder.poke();
      return slot.next(grabMs, stop);
    },
    onPicture: (heard) => slot.onPicture(heard),
    caution: () => folder.caution,
    async [Symbol.asyncDispose]() {
      slot[Symbol.dispose]();
      await folder.close(running);
    },
  };
}

/** File systems in memory, by `statfs` (linux/magic.h). */
const IN_MEMORY: ReadonlySet<number> = new Set([0x01021994, 0x858458f6]);
const OTHERS = 0o007;

const TROUBLE = {
  unreadable: {
    why: "its pictures cannot be read",
    hint: "Let the FTP or NFS server write files that the user hedgerow may read (umask 007 and a common group).",
  },
  stuck: {
    why: "its pictures cannot be erased, so they are not used",
    hint: "Let the user hedgerow write and delete in the folder; until then raw pictures stay there.",
  },
} as const;

class Folder {
  readonly #deps: Deps;
  readonly #slot: PictureSlot;
  readonly #bounds: Bounds;
  readonly #closing = new AbortController();
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #fates: Fates;
  #poked = new AbortController();
  #trouble: GatewayError | null = null;
  #hasToldOthers = false;
  #caution: string | null = null;

  constructor(deps: Deps, slot: PictureSlot) {
    this.#deps = deps;
    this.#slot = slot;
    this.#bounds = { ...CAMERA_LIMITS, ...deps.bounds };
    this.#fates = new Fates({ slot, clock: deps.clock, bounds: this.#bounds, stop: this.#closing.signal });
  }

  get caution(): string | null {
    return this.#trouble === null ? this.#caution : `${this.#trouble.message}. ${this.#trouble.hint}`;
  }

  /** Looks again soon. */
  poke(): void {
    this.#poked.abort();
  }

  async run(): Promise<void> {
    const stop = this.#closing.signal;
    while (!stop.aborted) {
      this.#poked = new AbortController();
      const restMs = await this.#look();
      await waitFor(restMs, AbortSignal.any([this.#poked.signal, stop]));
      // Several files, and the pieces of one, are one look.
      await waitFor(this.#bounds.folderSettleMs, stop);
    }
  }

  /** A folder on a server that does not answer would keep its look for ever: it is waited for so long, and left. */
  async close(running: Promise<void>): Promise<void> {
    this.#closing.abort();
    this.#watch([]);
    const late = new AbortController();
    await Promise.race([running, waitFor(CAMERA_LIMITS.folderCloseMs, late.signal)]);
    late.abort();
    this.#watch([]);
  }

  /** Milliseconds until the next look. Never throws for what the folder does. */
  async #look(): Promise<number> {
    try {
      const why = await whyNoDropFolder(this.#deps.path, this.#deps.closed ?? []);
      if (why !== null) {
        this.#watch([]);
        this.#fail({ why: `its folder ${why}, where nothing is erased`, hint: "Make a folder for this camera alone." });
        return this.#bounds.folderScanMs;
      }
      await using stack = new AsyncDisposableStack();
      const found = await walk(this.#deps.path, stack);
      const [root] = found.directories;
      if (root === undefined || this.#closing.signal.aborted) return 0;
      this.#watch(found.directories);
      const isInMemory = IN_MEMORY.has((await statfs(pathOf(root.handle))).type);
      const isOpenToAll = ((await root.handle.stat()).mode & OTHERS) !== 0;
      const fates = await this.#fates.takeAll(found, { isInMemory });
      this.#tellOthers();
      this.#caution = this.#cautionOf({ isInMemory, isOpenToAll, isCut: found.isCut });
      const trouble = fates.has("stuck") ? "stuck" : fates.has("unreadable") ? "unreadable" : null;
      if (trouble === null) this.#trouble = null;
      else this.#fail(TROUBLE[trouble]);
      if (found.isCut || fates.has("now")) return 0;
      return fates.has("soon") ? this.#bounds.folderQuietMs / 3 : this.#bounds.folderScanMs;
    } catch (cause) {
      const code = systemCodeOf(cause);
      if (code === undefined) this.#deps.log.error({ camera: this.#deps.id, cause: messageOf(cause) }, "a look failed");
      const hint = "Make or mount the folder, and let the user hedgerow read, write and delete in it.";
      this.#fail({ why: `its folder cannot be used (${code ?? "unknown"})`, hint });
      return this.#bounds.folderScanMs;
    }
  }

  /** A look that was asked for, or that waits for a picture, hears of it at once. */
  #fail({ why, hint }: { readonly why: string; readonly hint: string }): void {
    const trouble = new GatewayError("CAMERA_UNREACHABLE", `camera ${this.#deps.id}: ${why}`, { hint });
    if (this.#trouble?.message !== trouble.message)
      this.#deps.log.warn({ camera: this.#deps.id, code: trouble.code, hint }, trouble.message);
    this.#trouble = trouble;
    this.#slot.fail(trouble);
  }

  #watch(directories: Walk["directories"]): void {
    const wanted = new Map(directories.map(({ key, handle }) => [key, handle]));
    for (const [key, watcher] of this.#watchers) {
      if (wanted.has(key)) continue;
      watcher.close();
      this.#watchers.delete(key);
    }
    if (this.#closing.signal.aborted) return;
    for (const [key, handle] of wanted) {
      if (this.#watchers.has(key)) continue;
      // Where nothing can be watched, as on NFS or beyond the system's own bound, the folder is looked through every few seconds.
      const watcher = watched(handle, () => this.poke());
      if (watcher !== null) this.#watchers.set(key, watcher);
    }
  }

  /** Once: a camera's log file comes back each day. No names, since they may say when somebody passed. */
  #tellOthers(): void {
    const { others } = this.#fates;
    if (others === 0 || this.#hasToldOthers) return;
    this.#hasToldOthers = true;
    this.#deps.log.warn({ camera: this.#deps.id, others }, "what is neither picture nor film is left in its folder");
  }

  #cautionOf(at: {
    readonly isInMemory: boolean;
    readonly isOpenToAll: boolean;
    readonly isCut: boolean;
  }): string | null {
    const { path } = this.#deps;
    if (!at.isInMemory)
      return `The camera's folder is on a disk, where raw pictures can be found again after they were erased. Put it into memory, by this line in /etc/fstab: tmpfs ${path} tmpfs size=64m,mode=2770,gid=hedgerow,noswap 0 0`;
    if (at.isOpenToAll)
      return `Other users of this machine can look into the camera's folder. Close it: chmod o-rwx ${path}`;
    if (at.isCut)
      return "The camera's folder holds more files or sub-folders than are looked through at once. Empty it.";
    return null;
  }
}

function watched(handle: FileHandle, onChange: () => void): FSWatcher | null {
  try {
    const watcher = watch(pathOf(handle), { persistent: false }, onChange);
    watcher.on("error", onChange);
    return watcher;
  } catch (cause) {
    if (systemCodeOf(cause) === undefined) throw cause;
    return null;
  }
}
