// What every route of a camera asks first: which camera, by whom, and where its pages are.
import type { CameraView } from "../core/commands.ts";
import { type AppDeps, type Refusal, tokenOf, type WebContext } from "./answers.ts";
import type { Holder } from "./camera-tests.ts";

export const NO_CAMERA: Refusal = { status: 404, title: "camera.not-here-title", key: "camera.not-here" };
export const NO_PICTURE: Refusal = { status: 404, title: "camera.test-gone-title", key: "camera.test-gone" };

/** The camera that the address names, or undefined. */
export function cameraOf({ commands }: Pick<AppDeps, "commands">, c: WebContext): CameraView | undefined {
  return commands.status().cameras.find(({ id }) => id === c.req.param("id"));
}

/** Whose test picture it is: of this session and this camera alone. */
export function holderOf(c: WebContext, { id }: Pick<CameraView, "id">): Holder {
  return { token: tokenOf(c), camera: id };
}

/** Behind the login there is always one. */
export function userOf(c: WebContext): string {
  return c.get("session")?.user ?? "";
}

export function pathOf(id: string | undefined): string {
  return `/cameras/${encodeURIComponent(id ?? "")}`;
}
