// What the reference receiver has taken, read from its file while it writes on: which numbers, how often, and when the live ones came.
import { type FileHandle, open } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { systemCodeOf } from "../../src/core/errors.ts";

/** A look costs a read of what is new; a live event's wait is known to this. */
const LOOK_MS = 25;

export type Received = AsyncDisposable & {
  /** Different light levels of the load's devices, and how many came again. */
  counts(): { readonly distinct: number; readonly duplicates: number };
};

/** `sensors`: subjects of the load's devices; `live`: of the live sensor, whose numbers are told to `arrived`. */
export function followReceived(needs: {
  readonly file: string;
  readonly sensors: ReadonlySet<string>;
  readonly live: string;
  readonly arrived: (number: number) => void;
}): Received {
  const seen = new Set<string>();
  let duplicates = 0;
  const take = (line: string) => {
    const subject = /"subject":"([^"]+)"/.exec(line)?.[1];
    const lux = /"lux":(\d+)/.exec(line)?.[1];
    if (subject === undefined || lux === undefined) return;
    if (subject === needs.live) return needs.arrived(Number(lux));
    if (!needs.sensors.has(subject)) return;
    const key = `${subject} ${lux}`;
    if (seen.has(key)) duplicates++;
    seen.add(key);
  };
  let isEnded = false;
  const follow = async () => {
    await using file = await whenThere(needs.file, () => isEnded);
    if (file === null) return;
    let rest = Buffer.alloc(0);
    const chunk = Buffer.alloc(1024 * 1024);
    for (let isLast = false; !isLast; ) {
      isLast = isEnded;
      for (;;) {
        const { bytesRead } = await file.read(chunk, 0, chunk.length);
        if (bytesRead === 0) break;
        const bytes = Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
        const end = bytes.lastIndexOf("\n") + 1;
        for (const line of bytes.toString("utf8", 0, end).split("\n").slice(0, -1)) take(line);
        rest = bytes.subarray(end);
      }
      if (!isLast) await sleep(LOOK_MS);
    }
  };
  const following = follow();
  return {
    counts: () => ({ distinct: seen.size, duplicates }),
    async [Symbol.asyncDispose]() {
      isEnded = true;
      await following;
    },
  };
}

async function whenThere(path: string, isEnded: () => boolean): Promise<FileHandle | null> {
  while (!isEnded()) {
    try {
      return await open(path);
    } catch (thrown) {
      if (systemCodeOf(thrown) !== "ENOENT") throw thrown;
      await sleep(LOOK_MS);
    }
  }
  return null;
}
