// Pictures whose key is gone: their entries are given up with a tombstone each, once, and the rest goes on.
import type { Board } from "../core/board.ts";
import type { Database } from "../core/database.ts";
import type { Log } from "../core/log.ts";
import { isPassing } from "./disk-answers.ts";
import type { ImageFiles } from "./image-files.ts";
import { SPOOL_LIMITS } from "./spool-limits.ts";

type Deps = { readonly database: Database; readonly files: ImageFiles; readonly board: Board; readonly log: Log };

/**
 * To be called at start, before anything is offered. A picture that the key opens says that it is the right one, whatever is noted
 * of it: the note is damaged then, and nothing is given up. The rows first, the key's adoption after: a power cut between repeats
 * it. The files go with the sweep of what no row names.
 */
export async function giveUpPicturesOfOtherKey({ database, files, board, log }: Deps): Promise<void> {
  if (!files.isOfOtherKey) return;
  if (await opensAny(database, files)) {
    await files.adoptKey();
    log.warn("the note of the pictures' key was damaged: the key opens them, and is noted anew");
    return;
  }
  database.exec("BEGIN IMMEDIATE");
  const entries = Number(
    database.prepare("UPDATE entries SET undeliverable=1 WHERE image IS NOT NULL AND undeliverable=0").run().changes,
  );
  const pictures = Number(database.prepare("DELETE FROM pictures").run().changes);
  database
    .prepare(
      "INSERT INTO counters VALUES ('spool.pictures-of-lost-key', ?) ON CONFLICT (name) DO UPDATE SET n=n+excluded.n",
    )
    .run(pictures);
  database.exec("COMMIT");
  await files.adoptKey();
  board.count("spool.pictures-of-lost-key", pictures);
  log.warn({ pictures, entries }, "the pictures' key is another one; those encrypted with the old one are given up");
}

async function opensAny(database: Database, files: ImageFiles): Promise<boolean> {
  const newest = database.prepare("SELECT sha256 FROM pictures ORDER BY sequence DESC LIMIT ?");
  for (const row of newest.all(SPOOL_LIMITS.triedWithKey)) {
    try {
      (await files.read(String(row["sha256"]))).fill(0);
      return true;
    } catch (cause) {
      if (isPassing(cause)) throw cause; // says nothing of the key
    }
  }
  return false;
}
