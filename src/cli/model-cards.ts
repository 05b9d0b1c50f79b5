// What is wrong with the cards beside the models that a policy names: `check` says so before a camera gives no picture.
import { basename } from "node:path";
import { messageOf } from "../core/errors.ts";
import { readSmallFile } from "../core/small-file.ts";
import { parseFaceCard, parsePersonCard } from "../privacy/own-model-card.ts";
import { cardFileOf } from "../privacy/own-model-files.ts";
import { PRIVACY_LIMITS } from "../privacy/privacy-limits.ts";
import type { Policy } from "../settings/schema.ts";

/** A sentence for each card that is there and is none. That one is missing, the settings' own checks say. */
export async function cardsIll({ cameras }: Policy): Promise<string[]> {
  const sentences: string[] = [];
  for (const [id, { redact }] of Object.entries(cameras)) {
    for (const [model, parse] of [
      [redact.model, parseFaceCard],
      [redact.personModel, parsePersonCard],
    ] as const) {
      const why = model === undefined ? null : await whatIsWrong(cardFileOf(model.file), parse);
      if (model !== undefined && why !== null)
        sentences.push(
          `camera ${id} will give no picture: ${basename(cardFileOf(model.file))} is not understood: ${why}`,
        );
    }
  }
  return sentences;
}

async function whatIsWrong(file: string, parse: (bytes: Buffer) => unknown): Promise<string | null> {
  const read = await readSmallFile(file, { bytesMax: PRIVACY_LIMITS.modelCardBytes });
  if (read.kind !== "bytes") return read.kind === "absent" ? null : read.why;
  try {
    parse(read.bytes);
    return null;
  } catch (cause) {
    return messageOf(cause);
  }
}
