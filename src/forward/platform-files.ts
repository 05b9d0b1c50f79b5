// The files that a sink's settings name: a private certificate authority and a shared secret.
import { GatewayError } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import { readSmallFile } from "../core/small-file.ts";

/** The file's text, or undefined where none is named. Throws SECRET_UNREADABLE. */
export async function readNamed(path: string | undefined, what: string): Promise<string | undefined> {
  if (path === undefined) return undefined;
  const file = await readSmallFile(path, { bytesMax: LIMITS.secretBytes });
  if (file.kind === "bytes") return file.bytes.toString("utf8");
  const why = file.kind === "absent" ? "there is no such file" : file.why;
  throw new GatewayError("SECRET_UNREADABLE", `the platform's ${what} (${path}) cannot be read: ${why}`, {
    cause: file.kind === "unreadable" ? file.cause : undefined,
  });
}
