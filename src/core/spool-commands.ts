// What a person may see of the buffer and do with it: a part of the port core/commands.ts.

/** `pictures`: those of `entries` that have one. `bytes`: pictures included. `disk`: full: acknowledgements are held back; failed: the gateway is about to end. */
export type BufferView = {
  readonly entries: number;
  readonly pictures: number;
  /** Those of `entries` of each class, such as motion; none of which there is none. */
  readonly byClass?: Readonly<Record<string, number>>;
  readonly bytes: number;
  readonly bytesMax: number;
  readonly disk: "ok" | "full" | "failed";
  readonly oldestAt: string | null;
  readonly hoursLeft: number | null;
  readonly deadLetters: number;
};

/** `until`: of one that rests outside its hours: when they begin; null where nobody knows. `since`: when the state began. */
export type SinkView = {
  readonly id: string;
  readonly state: string;
  readonly why: string | null;
  readonly lastAcceptedAt: string | null;
  readonly since?: string | null;
  readonly until?: string | null;
};

/** What a platform rejected for good. Times are ISO 8601 UTC; `expiresAt`: when it is deleted. */
export type DeadLetterView = {
  readonly sinkId: string;
  readonly id: string;
  readonly type: string;
  readonly why: string;
  readonly at: string;
  readonly expiresAt: string;
};

/** `requeued`: how many will be sent once more. `left`: what stays among the rejected, and why. */
export type RequeuedView = {
  readonly requeued: number;
  readonly left: readonly {
    readonly id: string;
    readonly sinkId: string;
    readonly why: "picture-gone" | "past-its-hour" | "sink-gone";
  }[];
};

export type SpoolCommands = {
  /** What platforms rejected for good, kept aside with the reason; the oldest first. */
  deadLetters(): readonly DeadLetterView[];
  /** Gives rejected events to their platform once more, with the same ids: those of `ids`, or of one sink, or all. Throws SPOOL_FULL. */
  requeue(ask: { readonly ids?: readonly string[]; readonly sinkId?: string }): Promise<RequeuedView>;
};
