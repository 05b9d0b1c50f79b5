// The device that a path names, and what there is to say of it beside its view.
import type { DeviceView } from "../core/commands.ts";
import type { AppDeps, Refusal, WebContext } from "./answers.ts";

export const NO_DEVICE: Refusal = { status: 404, title: "device.not-here", key: "device.none-here" };

/** The device that the path names. */
export function deviceOf({ commands }: AppDeps, c: WebContext): DeviceView | undefined {
  return commands.status().devices.find(({ id }) => id === c.req.param("id"));
}

/** Its profile as the family's file calls it, in English; of one that is not known any more, its id. */
export function kindOf({ commands }: Pick<AppDeps, "commands">, { profile }: Pick<DeviceView, "profile">): string {
  const profiles = commands.listFamilies().flatMap((family) => family.profiles);
  return profiles.find(({ id }) => id === profile)?.title ?? profile;
}
