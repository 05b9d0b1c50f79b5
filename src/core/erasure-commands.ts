// What a person may ask of what the house holds: how much it is, and that it be erased. A part of the port core/commands.ts.

/**
 * No device and no camera: all of them. `from` and `to`: ISO 8601 with a time zone, the end not included; without them from
 * the beginning, and until now.
 */
export type ErasureAsk = {
  readonly devices: readonly string[];
  readonly cameras: readonly string[];
  readonly from?: string;
  readonly to?: string;
};

/** Who asked, for the ledger: a steward at the page, or who works at the machine itself. */
export type ErasureAsker = "steward" | "command-line";

/**
 * What is held, or was erased. `from`, `to`: the span as it is taken, widened to the policy's bucket; null: open. `entries`
 * wait for a platform; `rejected` are kept aside since one refused them; `pictures`: of either, or kept for the page;
 * `byType`: entries and rejected by the CloudEvent's type. `windows`: of motion being counted. `memories`: devices of which the
 * house remembers what they last said. `setAside`: found damaged, so that nobody can tell whom it is about; all of it goes.
 */
export type ErasureView = {
  readonly devices: readonly { readonly id: string; readonly isInKit: boolean }[];
  readonly cameras: readonly { readonly id: string; readonly isInKit: boolean }[];
  readonly from: string | null;
  readonly to: string | null;
  readonly entries: number;
  readonly rejected: number;
  readonly pictures: number;
  readonly byType: Readonly<Record<string, number>>;
  readonly windows: number;
  readonly memories: number;
  readonly proposals: number;
  readonly setAside: number;
  /** The platforms that are asked to erase their copies. */
  readonly platforms: readonly string[];
};

export type ErasureCommands = {
  /** What an erasure would take; changes nothing. Throws USAGE for a span that is none or begins in the future, or too many things. */
  holdings(ask: ErasureAsk): Promise<ErasureView>;
  /**
   * Erases, and tells the platforms. The wish is on disk first: where the gateway ends before it is done, the next start ends it.
   * `isDone` false: it takes long, and goes on by itself. Throws USAGE likewise; TOO_SOON while another one is at work.
   */
  erase(
    ask: ErasureAsk & { readonly by: ErasureAsker },
  ): Promise<{ readonly isDone: boolean; readonly erased: ErasureView }>;
  /** Calls back with the cameras that something was erased of (all of them: empty), until the returned function is called. */
  onErased(watcher: (cameras: readonly string[]) => void): () => void;
};
