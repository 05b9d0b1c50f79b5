// A camera's pause, by a person: kept, so that a restart does not open its eyes.
import { GatewayError } from "../core/errors.ts";
import type { Registry } from "./registry.ts";

/** Throws NOT_FOUND. */
export async function pauseCamera(
  registry: Registry,
  { id, isPaused, by }: { readonly id: string; readonly isPaused: boolean; readonly by: string },
): Promise<void> {
  const known = registry.data().cameras.find((camera) => camera.id === id);
  if (known === undefined)
    throw new GatewayError("NOT_FOUND", `there is no camera ${id}`, {
      hint: "List what exists with `hedgerow camera list`.",
    });
  if ((known.paused ?? false) === isPaused) return;
  await registry.update((data) => {
    for (const camera of data.cameras) {
      if (camera.id !== id) continue;
      delete camera.paused;
      delete camera.pausedBy;
      if (!isPaused) continue;
      camera.paused = true;
      if (by !== "") camera.pausedBy = by;
    }
  });
}

/** What of a camera is the registry's own beside its login. */
export function pauseOf(camera: { readonly paused?: boolean; readonly pausedBy?: string } | undefined): {
  readonly paused?: boolean;
  readonly pausedBy?: string;
} {
  return {
    ...(camera?.paused !== undefined && { paused: camera.paused }),
    ...(camera?.pausedBy !== undefined && { pausedBy: camera.pausedBy }),
  };
}
