// An entry's picture as a sink gets it from the spool, or why it gets none: for ever, or only just now.
import { messageOf } from "../core/errors.ts";
import { isPassing } from "../spool/disk-answers.ts";

/**
 * `gone`: nobody will ever have it, and its entry is undeliverable. `not-now`: the program is short of files or memory, which
 * says nothing of the picture: its entry waits.
 */
export type Picture =
  | { readonly kind: "here"; readonly jpeg: Buffer }
  | { readonly kind: "gone"; readonly why: string }
  | { readonly kind: "not-now"; readonly why: string };

/** `image` is the spool's. Never throws. */
export async function pictureOf(sha256: string, image: (sha256: string) => Promise<Buffer>): Promise<Picture> {
  try {
    return { kind: "here", jpeg: await image(sha256) };
  } catch (thrown) {
    if (isPassing(thrown)) return { kind: "not-now", why: `a picture cannot be read just now: ${messageOf(thrown)}` };
    return { kind: "gone", why: `its picture is gone or damaged: ${messageOf(thrown)}` };
  }
}
