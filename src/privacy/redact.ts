// The only way from a raw frame to a picture that may leave (I2).
import type { RawFrame } from "../camera/raw-frame.ts";
import type { WithheldReason } from "../core/house-fact.ts";
import type { CameraPolicyEntry } from "../settings/schema.ts";

type ImageContent = {
  readonly jpeg: Buffer;
  readonly sha256: string;
  readonly width: number;
  readonly height: number;
  readonly outcome: "redacted" | "empty" | "mosaic";
  /** Painted regions [x, y, width, height, score]; pixels of the output, origin top left. */
  readonly boxes: readonly (readonly [number, number, number, number, number])[];
  readonly modelSha256: string;
  readonly settings: string;
  readonly canaryAgeMs: number;
};

export let mint: (content: ImageContent, frame: RawFrame) => RedactedImage;

/** A redacted picture: may leave. Only `redact()` of this file can make one; a look-alike or a cast does not compile. */
export class RedactedImage {
  readonly #content: ImageContent;
  readonly cameraId: string;
  readonly takenAtMs: number;

  private constructor(content: ImageContent, frame: RawFrame) {
    this.#content = content;
    this.cameraId = frame.cameraId;
    this.takenAtMs = frame.takenAtMs;
  }

  get content(): ImageContent {
    return this.#content;
  }

  static {
    mint = (content, frame) => new RedactedImage(content, frame);
  }
}

export type RedactAsk = Pick<CameraPolicyEntry, "masks" | "redact">;

/** `ms`: milliseconds by stage (decode, detect, paint, encode, total). */
export type Verdict =
  | { readonly kind: "image"; readonly image: RedactedImage; readonly ms: Readonly<Record<string, number>> }
  | { readonly kind: "withheld"; readonly why: WithheldReason; readonly detail: string; readonly ms: Readonly<Record<string, number>> };

export type Redactor = AsyncDisposable & {
  /** One frame at a time; a second call waits. Never throws for what a picture or the detector does: fails closed to withheld. */
  redact(frame: RawFrame, ask: RedactAsk, stop: AbortSignal): Promise<Verdict>;
  /** Whether the detector runs and found its canary; `why` for a person. */
  health(): { readonly canSee: boolean; readonly why: string | null };
};
