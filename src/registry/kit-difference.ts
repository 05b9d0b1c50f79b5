// Where kit.yaml and the registry differ, in words: after first start the registry is the truth, and people should know.
import { isDeepStrictEqual } from "node:util";
import type { Kit } from "../settings/schema.ts";
import type { RegistryData } from "./registry.ts";

/** One sentence for each bridge, device or camera that differs; empty when they agree. Passwords and pauses are not compared. */
export function kitDiffers(
  kit: Kit,
  data: Pick<RegistryData, "bridges" | "devices" | "cameras" | "discovered">,
): string[] {
  return [
    ...differences("bridge", kit.bridges, data.bridges),
    ...differences("device", kit.devices, data.devices),
    ...differences("camera", kit.cameras, data.cameras),
    ...differences("discovered profile", named(kit.discovered ?? []), named(data.discovered)),
  ];
}

function named(profiles: readonly { readonly name: string; readonly entry: object }[]): readonly Thing[] {
  return profiles.map(({ name, entry }) => ({ id: name, entry }));
}

type Thing = { readonly id: string };

function differences(what: string, inKit: readonly Thing[], inRegistry: readonly Thing[]): string[] {
  const kept = new Map(inRegistry.map((thing) => [thing.id, thing]));
  const written = new Set(inKit.map(({ id }) => id));
  return [
    ...inKit.flatMap((thing) => {
      const other = kept.get(thing.id);
      return other === undefined
        ? [`${what} ${thing.id} is in kit.yaml, not in the registry`]
        : changes(what, thing, other);
    }),
    ...inRegistry
      .filter(({ id }) => !written.has(id))
      .map(({ id }) => `${what} ${id} is in the registry, not in kit.yaml`),
  ];
}

/** The registry's own fields; kit.yaml does not speak of them. */
const OWN = new Set(["passwordHash", "paused"]);

function changes(what: string, written: Thing, kept: Thing): string[] {
  const keys = [...new Set([...Object.keys(written), ...Object.keys(kept)])].filter((key) => !OWN.has(key));
  return keys.flatMap((key) => {
    const [is, was] = [Reflect.get(written, key), Reflect.get(kept, key)];
    return isDeepStrictEqual(is, was)
      ? []
      : [`${what} ${written.id}: ${key} is ${shown(is)} in kit.yaml and ${shown(was)} in the registry`];
  });
}

function shown(value: unknown): string {
  return value === undefined ? "not written" : JSON.stringify(value);
}
