// Keeps the house open: when the gateway says so (an announced policy holds, a steward changed the settings) it is closed and
// opened anew in the same process, within a second. Sensors wait for an acknowledgement meanwhile; sessions stay.
// Decision: the whole house and not the rooms that a change concerns. No room has to know how to change under way, and the way
// is the same as after a power cut, which is tested most.
import { GatewayError, messageOf } from "./core/errors.ts";
import { LIMITS } from "./core/limits.ts";
import type { Log } from "./core/log.ts";
import { waitFor } from "./core/wait.ts";
import type { Gateway } from "./gateway.ts";
import type { Undo } from "./site.ts";
import type { Settings } from "./settings/load.ts";

/**
 * `open`: null when the stop came first; `trouble`: why the last change could not be used, for a person. `load`: the settings as
 * they are then. `opened`: told of each gateway that is open.
 */
type Deps<G extends Pick<Gateway, "due" | "failed">> = {
  readonly settings: Settings;
  readonly load: () => Promise<Settings>;
  readonly open: (settings: Settings, trouble: string | null) => Promise<G | null>;
  readonly close: (gateway: G) => Promise<void>;
  readonly opened: (gateway: G) => void;
  readonly log: Log;
};

/** Until `stop`. Throws what opening throws, and what ends a gateway that cannot go on. */
export async function keepOpen<G extends Pick<Gateway, "due" | "failed">>(
  { settings: first, load, open, close, opened, log }: Deps<G>,
  stop: AbortSignal,
): Promise<void> {
  let settings = first;
  let gateway = await open(first, null);
  while (gateway !== null) {
    opened(gateway);
    let undo: Undo | null | undefined;
    // What waits for the stop is let go with each house: else all that were stay in memory.
    const over = new AbortController();
    try {
      undo = await Promise.race([gateway.failed, gateway.due, aborted(AbortSignal.any([stop, over.signal]))]);
    } finally {
      over.abort();
      await close(gateway);
    }
    if (stop.aborted) return;
    log.info("the house is opened anew: its settings or its policy have changed");
    const before = settings;
    try {
      settings = await load();
      const fresh = settings;
      gateway = await openAgain(() => open(fresh, null), stop);
    } catch (cause) {
      if (stop.aborted) return;
      // Right when it was written, and yet it cannot be used: a port that is taken, a file that somebody changed meanwhile.
      log.error(
        { cause: messageOf(cause) },
        "the changed settings cannot be used: the house goes on with those of before",
      );
      await takeBack(undo, log);
      settings = before;
      gateway = await openAgain(() => open(before, messageOf(cause)), stop);
    }
  }
}

/** A disk that refuses it ends nothing: the house goes on with what it has in memory. */
async function takeBack(undo: Undo | null | undefined, log: Log): Promise<void> {
  await undo?.().catch((cause: unknown) => log.error({ cause: messageOf(cause) }, "the files could not be put back"));
}

/**
 * As `open`; but what the closed house let go of, its lock or a port, somebody may have taken for a moment, such as another
 * command. That is waited for, LIMITS.stopMs at most.
 */
export async function openAgain<T>(open: () => Promise<T>, stop: AbortSignal): Promise<T> {
  const patience = AbortSignal.any([stop, AbortSignal.timeout(LIMITS.stopMs)]);
  for (;;) {
    try {
      return await open();
    } catch (thrown) {
      const isTaken =
        thrown instanceof GatewayError && (thrown.code === "DATA_DIR_LOCKED" || thrown.code === "PORT_IN_USE");
      if (!isTaken || patience.aborted) throw thrown;
      await waitFor(LIMITS.backoffMinMs, patience);
    }
  }
}

/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<undefined> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    else signal.addEventListener("abort", () => resolve(undefined), { once: true });
  });
}
