// Pictures whose key is gone: their entries are given up with a tombstone each, once, and the rest goes on.
import type { Board } from "../core/board.ts";
import type { Database } from "../core/database.ts";
import type { Log } from "../core/log.ts";
import type { ImageFiles } from "./image-files.ts";

type Deps = { readonly database: Database; readonly files: ImageFiles; readonly board: Board; readonly log: Log };

/**
 * To be called at start, before anything is offered. The rows first, the key's adoption after: a power cut between repeats
 * it. The files go with the sweep of what no row names.
 */
export async function giveUpPicturesOfOtherKey({ database, files, board, log }: Deps): Promise<void> {
  if (!files.isOfOtherKey) return;
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
