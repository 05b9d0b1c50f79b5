// Room on the disk that is kept for the moment when others have filled it: SQLite cannot even delete without writing to its
// log, and a log that cannot be written back cannot begin anew. The file is let go then, and made again when there is room.
import { open, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { SPOOL_LIMITS } from "./spool-limits.ts";

const ZEROES = Buffer.alloc(256 * 1024);

export class Ballast {
  readonly #path: string;

  constructor(dataDir: string) {
    this.#path = join(dataDir, "spool.ballast");
  }

  /** Whether all of it lies on the disk. */
  async isThere(): Promise<boolean> {
    const size = await stat(this.#path).then(
      (found) => found.size,
      () => 0,
    );
    return size === SPOOL_LIMITS.ballastBytes;
  }

  /** Writes it; where there is no room it is left out. Resolves to whether it is there. */
  async make(): Promise<boolean> {
    try {
      await using file = await open(this.#path, "w", 0o600);
      for (let at = 0; at < SPOOL_LIMITS.ballastBytes; at += ZEROES.length) await file.write(ZEROES);
      await file.sync();
      return true;
    } catch {
      await this.letGo();
      return false;
    }
  }

  /** Its room is the disk's again. */
  async letGo(): Promise<void> {
    await rm(this.#path, { force: true });
  }
}
