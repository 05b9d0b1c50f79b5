// spool.db for who only looks, beside the gateway that works with it or while none runs.
import { statSync } from "node:fs";
import { join } from "node:path";
import { type Database, openReadOnlyDatabase } from "../core/database.ts";
import { GatewayError, messageOf, systemCodeOf } from "../core/errors.ts";
import { isDamage } from "./inspection.ts";
import { SCHEMA_VERSION } from "./schema.ts";

/** Gives what `use` gives. Throws NOT_FOUND, SPOOL_NEWER, SPOOL_DAMAGED, DATA_DIR_UNUSABLE where this user may not look. */
export function readSpool<T>(dataDir: string, use: (database: Database) => T): T {
  let database: Database | undefined;
  try {
    database = openToRead(dataDir);
    return use(database);
  } catch (cause) {
    if (!isDamage(cause)) throw cause;
    throw new GatewayError("SPOOL_DAMAGED", `spool.db is damaged: ${messageOf(cause)}`, {
      hint: "See hedgerow spool verify. A restart of the gateway saves what can be read; so does hedgerow spool repair.",
      cause,
    });
  } finally {
    database?.close();
  }
}

/** As `readSpool`, for who closes it and takes damage for an answer: SQLite's errors come through. */
export function openToRead(dataDir: string): Database {
  const path = join(dataDir, "spool.db");
  try {
    statSync(path);
  } catch (cause) {
    throw systemCodeOf(cause) === "EACCES" ? closed(dataDir, cause) : absent(dataDir, cause);
  }
  const database = openReadOnlyDatabase(path);
  try {
    const version = Number(database.prepare("PRAGMA user_version").get()?.["user_version"]);
    if (version > SCHEMA_VERSION)
      throw new GatewayError("SPOOL_NEWER", `spool.db has version ${version}, this program knows ${SCHEMA_VERSION}`);
    if (version < SCHEMA_VERSION)
      throw new GatewayError("NOT_FOUND", `spool.db is of an older Hedgerow (version ${version})`, {
        hint: "Start the gateway once: it brings the buffer to its own form.",
      });
    return database;
  } catch (cause) {
    database.close();
    throw cause;
  }
}

function absent(dataDir: string, cause: unknown): GatewayError {
  return new GatewayError("NOT_FOUND", `there is no spool in ${dataDir}`, {
    hint: "The gateway makes it at its first start; is this the configuration that it runs with?",
    cause,
  });
}

function closed(dataDir: string, cause: unknown): GatewayError {
  return new GatewayError("DATA_DIR_UNUSABLE", `this user may not enter the gateway's data directory ${dataDir}`, {
    hint: "Use sudo: sudo hedgerow, and the rest as before.",
    cause,
  });
}
