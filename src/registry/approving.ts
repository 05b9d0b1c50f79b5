// Makes what announced itself a device of the kit, once a person has approved it.
import { GatewayError } from "../core/errors.ts";
import { takePlace } from "./device-editing.ts";
import {
  checkName,
  checkZone,
  DISCOVERED,
  firstFree,
  freeId,
  type Publishing,
  slugOf,
  topicConflict,
} from "./place.ts";
import { type DiscoveredProfile, type Registry, type RegistryData, updateAndTell } from "./registry.ts";
import { deviceIn, forgetUnusedProfiles } from "./removal.ts";

/** `profile`: an id that exists, or the entry of one that is to be kept as `discovered/<device id>`. */
export type Approval = {
  readonly proposalId: string;
  readonly topic: string;
  readonly zone: string;
  readonly name: string | undefined;
  readonly profile: string | { readonly entry: Record<string, unknown> };
  /** The device whose place it takes, whose name and zone stay; its login is void then. */
  readonly replaces?: string | undefined;
};

/** `learn`: makes discovered profiles known; called before the device that has one, so that no message meets a gap. */
type Deps = {
  readonly registry: Registry;
  readonly profiles: Publishing & { learn(profiles: readonly DiscoveredProfile[]): readonly string[] };
};

/**
 * Adds the device, or gives the device that has this topic its new profile and zone. The proposal is gone from the registry
 * with the same write. Throws USAGE, ALREADY_EXISTS, and then nothing has changed.
 */
export async function approveProposal({ registry, profiles }: Deps, approval: Approval): Promise<{ id: string }> {
  checkZone(approval.zone);
  const name = checkName(approval.name);
  try {
    return await updateAndTell(registry, (data) => {
      const known = data.devices.find(({ topic }) => topic === approval.topic);
      const broken = approval.replaces === undefined ? undefined : deviceIn(data, approval.replaces);
      if (known !== undefined && broken !== undefined && known !== broken)
        throw new GatewayError("ALREADY_EXISTS", `the topic ${approval.topic} is device ${known.id}'s`);
      const id = broken?.id ?? known?.id ?? freeId(data, slugOf(name ?? "") || `device-${approval.zone}`);
      const profile = profileFor(data, id, approval);
      const refused = profiles.learn(data.discovered);
      if (refused.some((bad) => profile === `${DISCOVERED}/${bad}`))
        throw new GatewayError("USAGE", "what it announced makes no profile; choose one");
      if (known === undefined) {
        const others = { ...data, devices: data.devices.filter((device) => device !== broken) };
        const conflict = topicConflict(others, profiles, { topic: approval.topic, profile });
        if (conflict !== null) throw new GatewayError("ALREADY_EXISTS", conflict);
      }
      const said = { id, topic: approval.topic, zone: approval.zone, profile, ...(name !== undefined && { name }) };
      if (broken !== undefined) takePlace(data, broken, { topic: approval.topic, profile });
      else if (known === undefined) data.devices.push({ ...said, passwordHash: null });
      else Object.assign(known, said);
      forgetUnusedProfiles(data);
      data.proposals = data.proposals.filter((proposal) => proposal.id !== approval.proposalId);
      return { id };
    });
  } finally {
    // What was refused is forgotten again; what was kept is as it was.
    profiles.learn(registry.data().discovered);
  }
}

/** The profile's id; an entry is kept under the device's id, or under one with a number where another device has that one. */
function profileFor(data: RegistryData, id: string, { profile }: Approval): string {
  if (typeof profile === "string") return profile;
  const others = new Set(data.devices.filter((device) => device.id !== id).map((device) => device.profile));
  const isFree = (name: string): boolean => !others.has(`${DISCOVERED}/${name}`);
  const name = firstFree({ wanted: id, isFree, triesMax: others.size + 1 });
  data.discovered = [...data.discovered.filter((each) => each.name !== name), { name, entry: { ...profile.entry } }];
  return `${DISCOVERED}/${name}`;
}
