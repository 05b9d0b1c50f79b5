// Road 1 for tests that look at what it tells, and not at what announces itself or at cameras.
import { Board } from "../../src/core/board.ts";
import { createEventRoad, type EventRoad } from "../../src/event-road.ts";
import { createRouter } from "../../src/profiles/router.ts";

type Deps = Parameters<typeof createEventRoad>[0];
type Needs = Pick<Deps, "profiles" | "disclosure" | "spool" | "clock"> & Parameters<typeof createRouter>[1];

/** The devices stay as they are. */
export function testRoad({ devices, bridges, ...deps }: Needs): EventRoad {
  const router = createRouter(deps.profiles, { devices, bridges });
  return createEventRoad({
    ...deps,
    router: () => router,
    device: (id) => devices.find((device) => device.id === id),
    board: new Board(),
    announced: () => undefined,
    version: "1.0.0",
    onMotion: () => undefined,
  });
}
