// Reads secrets from the files that the settings name; never from the settings themselves, never from the environment.
import { GatewayError } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import { readSmallFile } from "../core/small-file.ts";

/**
 * The text of a secret's file (a password, `user:password`, PEM), without white space around it. Throws SECRET_UNREADABLE
 * when it is absent, unreadable, empty, no text, or larger than LIMITS.secretBytes; the message never holds the secret.
 */
export async function readSecret(path: string): Promise<string> {
  const file = await readSmallFile(path, { bytesMax: LIMITS.secretBytes });
  if (file.kind === "absent") throw unreadable(path, "there is no such file");
  if (file.kind === "unreadable") throw unreadable(path, file.why, file.cause);
  const text = textOf(file.bytes)?.trim();
  if (text === undefined) throw unreadable(path, "it is not a text in UTF-8");
  if (text === "") throw unreadable(path, "it is empty");
  return text;
}

function unreadable(path: string, why: string, cause?: unknown): GatewayError {
  return new GatewayError("SECRET_UNREADABLE", `the secret in ${path} cannot be read: ${why}`, { cause });
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return text.includes("\0") ? undefined : text;
  } catch (cause) {
    if (cause instanceof TypeError) return undefined;
    throw cause;
  }
}
