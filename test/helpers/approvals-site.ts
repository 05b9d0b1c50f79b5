// The room of approvals with a real registry, real profiles and a real router, and what is said to it by hand.
import { type Approvals, openApprovals } from "../../src/approvals.ts";
import type { Login } from "../../src/core/arrival.ts";
import { Board } from "../../src/core/board.ts";
import { silentLog } from "../../src/core/log.ts";
import { builtInProfiles, openProfiles, type Profiles } from "../../src/profiles/profiles.ts";
import { createRouter, type Router } from "../../src/profiles/router.ts";
import { openRegistry } from "../../src/registry/open-registry.ts";
import type { Registry } from "../../src/registry/registry.ts";
import type { Kit } from "../../src/settings/schema.ts";
import { fakeTime } from "./fake-time.ts";
import { tempDir } from "./temp-dir.ts";

export type Site = AsyncDisposable & {
  readonly approvals: Approvals;
  readonly registry: Registry;
  readonly profiles: Profiles;
  readonly board: Board;
  readonly time: ReturnType<typeof fakeTime>;
  /** As the kit stands now. */
  router(): Router;
  /** A message arrives; what is not text is sent as JSON. */
  say(topic: string, payload: unknown, login: Login): void;
};

/** `dataDir`: another than one of its own. Closing it writes what waits to be written. */
export async function openApprovalsSite({ dataDir, kit }: { dataDir?: string; kit: Kit }): Promise<Site> {
  const stack = new AsyncDisposableStack();
  const path = dataDir ?? stack.use(await tempDir()).path;
  const registry = stack.use(await openRegistry({ dataDir: path, kit, log: silentLog }));
  const profiles = await openProfiles({ directories: [builtInProfiles] });
  const [board, time] = [new Board(), fakeTime()];
  const router = (): Router => createRouter(profiles, registry.data());
  const deps = { registry, profiles, router, clock: time.clock, board, log: silentLog, writeMs: 1 };
  const approvals = stack.use(openApprovals(deps));
  return {
    approvals,
    registry,
    profiles,
    board,
    time,
    router,
    say: (topic, payload, login) => {
      const text = typeof payload === "string" ? payload : JSON.stringify(payload);
      approvals.hear({ topic, payload: Buffer.from(text), login, receivedAtMs: time.clock.nowMs() });
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}
