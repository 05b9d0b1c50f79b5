// Where kit.yaml and the registry differ, in words: after first start the registry is the truth, and people should know.
import { isDeepStrictEqual } from "node:util";
import type { Kit } from "../settings/schema.ts";
import type { RegistryData } from "./registry.ts";

/**
 * One sentence for each bridge, device or camera that differs; empty when they agree. Passwords and pauses are not compared.
 * `isForLog`: without the values, since a topic may hold an address of the hardware and a camera's one of the network.
 */
export function kitDiffers(
  kit: Kit,
  data: Pick<RegistryData, "bridges" | "devices" | "cameras" | "discovered">,
  { isForLog = false } = {},
): string[] {
  const tell = isForLog ? changedKey : changedValue;
  return [
    ...differences("bridge", kit.bridges, data.bridges, tell),
    ...differences("device", kit.devices, data.devices, tell),
    ...differences("camera", kit.cameras, data.cameras, tell),
    ...differences("discovered profile", named(kit.discovered ?? []), named(data.discovered), tell),
  ];
}

function named(profiles: readonly { readonly name: string; readonly entry: object }[]): readonly Thing[] {
  return profiles.map(({ name, entry }) => ({ id: name, entry }));
}

type Thing = { readonly id: string };

type Change = { readonly key: string; readonly is: unknown; readonly was: unknown };
type Tell = (change: Change) => string;

const changedKey: Tell = ({ key }) => `${key} differs between kit.yaml and the registry`;
const changedValue: Tell = ({ key, is, was }) => `${key} is ${shown(is)} in kit.yaml and ${shown(was)} in the registry`;

function differences(what: string, inKit: readonly Thing[], inRegistry: readonly Thing[], tell: Tell): string[] {
  const kept = new Map(inRegistry.map((thing) => [thing.id, thing]));
  const written = new Set(inKit.map(({ id }) => id));
  return [
    ...inKit.flatMap((thing) => {
      const other = kept.get(thing.id);
      return other === undefined
        ? [`${what} ${thing.id} is in kit.yaml, not in the registry`]
        : changes(thing, other).map((change) => `${what} ${thing.id}: ${tell(change)}`);
    }),
    ...inRegistry
      .filter(({ id }) => !written.has(id))
      .map(({ id }) => `${what} ${id} is in the registry, not in kit.yaml`),
  ];
}

/** The registry's own fields; kit.yaml does not speak of them. */
const OWN = new Set(["passwordHash", "paused", "pausedBy"]);

function changes(written: Thing, kept: Thing): readonly Change[] {
  const keys = [...new Set([...Object.keys(written), ...Object.keys(kept)])].filter((key) => !OWN.has(key));
  return keys.flatMap((key) => {
    const [is, was] = [Reflect.get(written, key), Reflect.get(kept, key)];
    return isDeepStrictEqual(is, was) ? [] : [{ key, is, was }];
  });
}

function shown(value: unknown): string {
  return value === undefined ? "not written" : JSON.stringify(value);
}
