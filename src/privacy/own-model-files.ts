// Reads an operator's model and its card from disk, and holds both to their digests: the policy names the model's, and a card
// may not change while it is used. A file that is not the one that was agreed stops the camera; nothing else takes its place.
import { createHash } from "node:crypto";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { LIMITS } from "../core/limits.ts";
import { readSmallFile } from "../core/small-file.ts";
import { PRIVACY_LIMITS } from "./privacy-limits.ts";

/** As the policy names it; `file` absolute. */
export type NamedModel = { readonly file: string; readonly sha256: string };

/** `signature`: changes whenever one of the two files does. */
export type ModelFiles = {
  readonly model: Buffer;
  readonly card: Buffer;
  readonly cardSha256: string;
  readonly signature: string;
};

/** The files are not those that were agreed; `message` is for people. */
export class ModelChanged extends Error {
  override readonly name = "ModelChanged";
}

/** How an ONNX file names another one that holds its weights: a key of that length in TensorProto.external_data. */
const ELSEWHERE = Buffer.from("\n\u0008location\u0012", "latin1");

/** Where the card of a model lies. */
export function cardFileOf(modelFile: string): string {
  return `${modelFile}.json`;
}

/** Throws ModelChanged when a file is missing, unreadable, too large, or the model is another one. */
export async function readModelFiles({ file, sha256 }: NamedModel): Promise<ModelFiles> {
  // Before reading: a change while reading is then seen by the next look at the signature.
  const signature = await signatureOf(file);
  const model = await read(file, LIMITS.modelBytes);
  const found = digest(model);
  if (found !== sha256.toLowerCase())
    throw new ModelChanged(`the model ${basename(file)} is not the one the policy names: its SHA-256 is ${found}`);
  if (model.includes(ELSEWHERE))
    throw new ModelChanged(`the model ${basename(file)} keeps weights in another file, which no digest covers`);
  const card = await read(cardFileOf(file), PRIVACY_LIMITS.modelCardBytes);
  return { model, card, cardSha256: digest(card), signature };
}

/** Device, number, size and times of both files. Throws ModelChanged when one is not there. */
export async function signatureOf(modelFile: string): Promise<string> {
  const parts: string[] = [];
  // One after the other: where both are gone, the model itself is named and not whichever was asked for faster.
  for (const path of [modelFile, cardFileOf(modelFile)]) {
    try {
      const { dev, ino, size, mtimeNs, ctimeNs } = await stat(path, { bigint: true });
      parts.push([dev, ino, size, mtimeNs, ctimeNs].join(":"));
    } catch {
      throw new ModelChanged(`the file ${basename(path)} is not there`);
    }
  }
  return parts.join(" ");
}

async function read(path: string, bytesMax: number): Promise<Buffer> {
  const file = await readSmallFile(path, { bytesMax });
  switch (file.kind) {
    case "bytes":
      return file.bytes;
    case "absent":
      throw new ModelChanged(`the file ${basename(path)} is not there`);
    case "unreadable":
      throw new ModelChanged(`the file ${basename(path)} cannot be read: ${file.why}`);
  }
}

function digest(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
