// Keeps the house open: when the gateway says so (an announced policy holds, a steward changed the settings) it is closed and
// opened anew in the same process, within a second. Sensors wait for an acknowledgement meanwhile; sessions stay.
// Decision: the whole house and not the rooms that a change concerns. No room has to know how to change under way, and the way
// is the same as after a power cut, which is tested most.
import { GatewayError, messageOf } from "./core/errors.ts";
import { LIMITS } from "./core/limits.ts";
import type { Log } from "./core/log.ts";
import { waitFor } from "./core/wait.ts";
import type { Gateway } from "./gateway.ts";
import type { Settings } from "./settings/load.ts";

/** `open`: null when the stop came first. `load`: the settings as they are then. `opened`: told of each gateway that is open. */
type Deps<G extends Pick<Gateway, "due" | "failed">> = {
  readonly settings: Settings;
  readonly load: () => Promise<Settings>;
  readonly open: (settings: Settings) => Promise<G | null>;
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
  let isFirst = true;
  while (!stop.aborted) {
    const using = settings;
    const gateway = await (isFirst ? open(using) : openAgain(() => open(using), stop));
    if (gateway === null) return;
    isFirst = false;
    opened(gateway);
    try {
      await Promise.race([gateway.failed, gateway.due, aborted(stop)]);
    } finally {
      await close(gateway);
    }
    if (stop.aborted) return;
    log.info("the house is opened anew: its settings or its policy have changed");
    settings = await reloaded(load, using, log);
  }
}

/** What was right when it was written may be wrong by now (somebody edits by hand): the house goes on as it was, and says so. */
async function reloaded(load: () => Promise<Settings>, before: Settings, log: Log): Promise<Settings> {
  try {
    return await load();
  } catch (cause) {
    log.error(
      { cause: messageOf(cause) },
      "the changed settings cannot be used: the house goes on with those of before",
    );
    return before;
  }
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
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
