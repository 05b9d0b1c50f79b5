// The bound of spool.db's pages, with room at its end that only what makes room may use: a tombstone must fit in a full file.
import type { Database } from "../core/database.ts";
import { SPOOL_LIMITS } from "./spool-limits.ts";

/** Takes the bound that the file was opened with. */
export class PageBound {
  readonly #database: Database;
  readonly #most: number;
  #pagesMax: number;

  constructor(database: Database) {
    this.#database = database;
    this.#most = Number(database.prepare("PRAGMA max_page_count").get()?.["max_page_count"]);
    this.#pagesMax = this.#most;
    this.#set(this.#usualMax);
  }

  get #usualMax(): number {
    return (
      this.#pagesMax - Math.min(SPOOL_LIMITS.sparePages, Math.floor(this.#pagesMax * SPOOL_LIMITS.sparePagesShare))
    );
  }

  /** While the disk is full the file does not grow; what is free in it is used. */
  freeze(isFrozen: boolean): void {
    const pages = Number(this.#database.prepare("PRAGMA page_count").get()?.["page_count"]);
    this.#pagesMax = isFrozen ? Math.min(pages, this.#most) : this.#most;
    this.#set(this.#usualMax);
  }

  /** Runs what makes room with the whole bound. SQLite keeps the bound at the file's size where that has grown beyond the usual. */
  whole(work: () => void): void {
    this.#set(this.#pagesMax);
    try {
      work();
    } finally {
      this.#set(this.#usualMax);
    }
  }

  #set(pages: number): void {
    this.#database.exec(`PRAGMA max_page_count=${pages}`);
  }
}
