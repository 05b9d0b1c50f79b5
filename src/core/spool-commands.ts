// What a person may do with the buffer: a part of the port core/commands.ts.

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
  /** Gives rejected events to their platform once more, with the same ids: those of `ids`, or of one sink, or all. Throws SPOOL_FULL. */
  requeue(ask: { readonly ids?: readonly string[]; readonly sinkId?: string }): Promise<RequeuedView>;
};
