// A file that a camera command writes a redacted picture to.
import { constants } from "node:fs";
import { open, rm, stat } from "node:fs/promises";
import { GatewayError, messageOf } from "../core/errors.ts";
import { callerPath } from "./config-file.ts";

export type Out = AsyncDisposable & {
  /** Absolute. */
  readonly path: string;
  write(bytes: Uint8Array | string): Promise<void>;
};

/** Opened before the command gives root away, since the file lies in the folder of who typed it. What it holds stays until `write`; one that was made here and got nothing goes again. Throws USAGE. */
export async function openOut(named: string): Promise<Out> {
  const path = callerPath(named);
  const isNew = await stat(path).then(
    () => false,
    () => true,
  );
  const file = await open(path, constants.O_WRONLY | constants.O_CREAT, 0o644).catch((cause: unknown) => {
    throw new GatewayError("USAGE", `cannot write ${path}: ${messageOf(cause)}`, {
      hint: "Name a file in a folder that you may write to.",
      cause,
    });
  });
  let isClosed = false;
  let isEmpty = isNew;
  return {
    path,
    async write(bytes) {
      await file.truncate(0);
      await file.writeFile(bytes);
      isEmpty = false;
    },
    async [Symbol.asyncDispose]() {
      if (isClosed) return;
      isClosed = true;
      await file.close();
      if (isEmpty) await rm(path, { force: true }).catch(() => undefined); // an empty file is left, in a folder of root's
    },
  };
}
