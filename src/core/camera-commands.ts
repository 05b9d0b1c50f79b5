// What a person may see of one camera beside its state, and its pause: a part of the port core/commands.ts.

/** A redacted picture that is still kept. `takenAt`: ISO 8601, no finer than the policy tells times. */
export type KeptPicture = { readonly sha256: string; readonly takenAt: string; readonly regions: number };

/**
 * `triggers`: devices whose motion makes it look, by the names people gave them. `missed`: since this start, how often there was
 * no picture, by the reason's name on the board (`cooldown`, `unsure`). `pictures`: the newest first.
 */
export type CameraDetails = {
  readonly triggers: readonly string[];
  readonly missed: Readonly<Record<string, number>>;
  readonly pictures: readonly KeptPicture[];
};

export type CameraCommands = {
  /** A paused camera takes no picture, whatever asks for one, and what it sends by itself is dropped unread. Throws NOT_FOUND. */
  pauseCamera(ask: { readonly id: string; readonly isPaused: boolean; readonly by: string }): Promise<void>;
  /** Throws NOT_FOUND. */
  cameraDetails(id: string): CameraDetails;
  /** A redacted picture of this camera that is still kept (JPEG); null: it is not, or not of this camera. */
  cameraPicture(ask: { readonly id: string; readonly sha256: string }): Promise<Buffer | null>;
};
