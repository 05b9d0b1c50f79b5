// What each bridge says of itself, apart from its devices, and when it last spoke.
import { z } from "zod";
import { PRESENCE_LIMITS } from "./presence-limits.ts";

const BridgeState = z.strictObject({
  version: z.literal(1),
  state: z.enum(["unknown", "online", "offline"]),
  heardAtMs: z.number().nullable(),
});

export type BridgeState = Readonly<z.infer<typeof BridgeState>>;

const unheard: BridgeState = { version: 1, state: "unknown", heardAtMs: null };

export type BridgeStates = {
  get(bridgeId: string): BridgeState;
  /** Something came through its login, so it is there. */
  heard(bridgeId: string, atMs: number): void;
  /** It said so, or its last will did, which is no word of its own. Whether that is a change. */
  said(bridgeId: string, is: { readonly isOnline: boolean; readonly atMs: number }): boolean;
  /** What changed since it was last asked, by spool key. */
  unsaved(): Record<string, string>;
};

/** `kept`: by key `bridge:<id>`, as the spool gives them. */
export function createBridgeStates(kept: ReadonlyMap<string, string>): BridgeStates {
  const states = new Map([...kept].map(([key, text]) => [key.slice("bridge:".length), parse(text)]));
  const changed = new Set<string>();
  /** What is on disk of when each was heard, by wall time. */
  const savedMs = new Map<string, number>();
  const get = (bridgeId: string) => states.get(bridgeId) ?? unheard;
  const set = (bridgeId: string, state: BridgeState): void => {
    const lagMs = Math.abs((state.heardAtMs ?? 0) - (savedMs.get(bridgeId) ?? 0));
    // A bridge is heard with each message of its devices: that alone is not written each time.
    if (state.state !== get(bridgeId).state || lagMs >= PRESENCE_LIMITS.heardLagMs) changed.add(bridgeId);
    states.set(bridgeId, state);
  };
  return {
    get,
    heard: (bridgeId, atMs) => set(bridgeId, { version: 1, state: "online", heardAtMs: atMs }),
    said(bridgeId, { isOnline, atMs }) {
      const { state: was, heardAtMs } = get(bridgeId);
      const state = isOnline ? "online" : "offline";
      set(bridgeId, { version: 1, state, heardAtMs: isOnline ? atMs : heardAtMs });
      return was !== state;
    },
    unsaved() {
      const texts = Object.fromEntries([...changed].map((id) => [`bridge:${id}`, JSON.stringify(get(id))]));
      for (const id of changed) savedMs.set(id, get(id).heardAtMs ?? 0);
      changed.clear();
      return texts;
    },
  };
}

/** A text that is none is a bridge of which nothing is known: it will speak again. */
function parse(text: string): BridgeState {
  try {
    return BridgeState.safeParse(JSON.parse(text)).data ?? unheard;
  } catch {
    return unheard;
  }
}
