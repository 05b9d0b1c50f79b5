// The redactor port: what the road, the command line and the measurements ask for a picture without faces.
import type { RawFrame } from "../camera/raw-frame.ts";
import type { WithheldReason } from "../core/house-fact.ts";
import type { CameraPolicyEntry } from "../settings/schema.ts";
import type { RedactedImage } from "./redact.ts";

type RedactSettings = CameraPolicyEntry["redact"];
/** A policy's entry for a camera fits. Without `persons` and models the built-in detector looks for faces. */
export type RedactAsk = {
  readonly masks: CameraPolicyEntry["masks"];
  readonly redact: Pick<RedactSettings, "level" | "whenUnsure"> & Partial<RedactSettings>;
};

/** `ms`: milliseconds by stage (decode, detect, paint, encode, total). `detail` is for people; of an image, why it is a mosaic. */
export type Verdict =
  | {
      readonly kind: "image";
      readonly image: RedactedImage;
      readonly detail: string | null;
      readonly ms: Readonly<Record<string, number>>;
    }
  | {
      readonly kind: "withheld";
      readonly why: WithheldReason;
      readonly detail: string;
      readonly ms: Readonly<Record<string, number>>;
    };

export type SelfCheck = { readonly canSee: true } | { readonly canSee: false; readonly why: string };
type Sight = { readonly canSee: boolean; readonly why: string | null };

export type Redactor = AsyncDisposable & {
  /**
   * One frame at a time; a second call waits. Never throws for what a picture or the detector does: fails closed to
   * withheld. Throws `stop`'s reason once that aborts. The caller disposes the frame.
   */
  redact(frame: RawFrame, ask: RedactAsk, stop: AbortSignal): Promise<Verdict>;
  /**
   * Puts the canary into a copy of this frame and looks for it, as a redaction with these words would; makes no picture. Also
   * readies the models that are asked for. Takes its turn among the redactions. Never throws for what a picture or the
   * detector does; throws `stop`'s reason once that aborts. The caller disposes the frame.
   */
  check(frame: RawFrame, ask: RedactAsk, stop: AbortSignal): Promise<SelfCheck>;
  /**
   * Readies the models that these words ask for, so that the first picture need not wait for them, and says whether they run
   * and that for faces finds the canary on plain grey. Otherwise as `check`.
   */
  prepare(ask: RedactAsk, stop: AbortSignal): Promise<SelfCheck>;
  /** Whether the built-in detector runs and found its canary; `why` for a person. Of a camera's own model: `sightOf`. */
  health(): Sight;
  /**
   * What the newest check or redaction of this camera showed, by the child that runs now; null when there was none. `why` for
   * a person; `atMs` since 1970.
   */
  sightOf(cameraId: string): (Sight & { readonly atMs: number }) | null;
  /** The child's process id while it runs, for measuring. */
  readonly childPid: number | undefined;
};
