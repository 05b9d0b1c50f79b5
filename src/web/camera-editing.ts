// Which camera a steward sets up or changes, and what is known of it so far.
import type { CameraPolicyEntry } from "../settings/schema.ts";
import { SCHEMAS } from "../settings/schema.ts";
import { dayIn } from "../core/day-times.ts";
import { cameraOf as entryOf } from "../policy/compare-cameras.ts";
import { type AppDeps, framed, nowOf, tokenOf, type WebContext } from "./answers.ts";
import { pathOf } from "./camera-asked.ts";
import type { CameraDraft } from "./camera-drafts.ts";
import { CAMERA_PAGE_LIMITS } from "./camera-limits.ts";
import type { Holder } from "./camera-tests.ts";
import type { Html } from "./html.ts";

/** `at`: the address of its steps. `id`: null for a new one. */
export type Editing = {
  readonly at: string;
  readonly id: string | null;
  readonly isNew: boolean;
  readonly holder: Holder;
  readonly draft: CameraDraft | undefined;
};

/** What a new camera is called until it has a name. */
const NEW = "new";

/** By the address; null: there is no such camera. */
export function editingOf(c: WebContext, { trials, drafts }: Pick<AppDeps, "trials" | "drafts">): Editing | null {
  const isNew = c.req.path === "/cameras/new" || c.req.path.startsWith("/cameras/new/");
  const id = isNew ? null : (c.req.param("id") ?? "");
  if (id !== null && trials.settingsOf(id) === undefined) return null;
  const holder = { token: tokenOf(c), camera: id ?? NEW };
  return { at: id === null ? "/cameras/new" : `${pathOf(id)}/edit`, id, isNew, holder, draft: drafts.find(holder) };
}

/** Begins to change a camera that there is, from what the files say now; in the place of what had been begun. */
export async function beginDraft(deps: AppDeps, { id, holder }: Editing): Promise<CameraDraft | undefined> {
  const camera = id === null ? undefined : deps.trials.settingsOf(id);
  if (id === null || camera === undefined) return undefined;
  const agreed = entryOf((await deps.site.site()).policy.cameras, id);
  const policy = agreed ?? firstEntry(deps);
  const known = { credentials: undefined, isNew: false, hasSource: true, hasRules: agreed !== undefined, after: "" };
  const draft: CameraDraft = { camera, policy, ...known };
  deps.drafts.hold(holder, draft);
  return draft;
}

/** A camera of which nothing is known yet. */
export async function emptyDraft(deps: AppDeps): Promise<CameraDraft> {
  const camera = {
    id: NEW,
    zone: "",
    source: { kind: "v4l2" as const, device: "/dev/video0" },
    triggers: [],
    cooldownS: 30,
  };
  const policy = firstEntry(deps);
  return { camera, policy, credentials: undefined, isNew: true, hasSource: false, hasRules: false, after: "" };
}

/** The schema's own rules, for a year. */
function firstEntry({ clock, settings }: Pick<AppDeps, "clock" | "settings">): CameraPolicyEntry {
  const lastMs = clock.nowMs() + CAMERA_PAGE_LIMITS.untilDays * 24 * 3_600_000;
  const until = dayIn(settings.gateway.timezone, lastMs);
  const { cameras } = SCHEMAS.policy.parse({
    version: 1,
    controller: { name: NEW, contact: NEW },
    cameras: { [NEW]: { purpose: {}, until } },
  });
  const entry = cameras[NEW];
  if (entry === undefined) throw new Error("the policy's schema has lost its camera");
  return entry;
}

/** Where the steps of a camera are, and when the page stops. */
export type EditPlace = { readonly prefix: "/cameras/new" | "/cameras/:id/edit"; readonly stop: AbortSignal };

/** A step in the page's frame. */
export function editFrame(
  c: WebContext,
  deps: AppDeps,
  { body, script = "camera" }: { readonly body: Html; readonly script?: "camera" | "masks" },
): Html {
  return framed(c, deps, { title: nowOf(c, deps).language.say("camera.new-title"), body, script });
}
