// How what waits for approval is named and shown: to people on this site alone.
import { createHash } from "node:crypto";
import type { Login } from "../core/arrival.ts";
import type { ProposalView } from "../core/commands.ts";
import { LIMITS } from "../core/limits.ts";
import { usernameOf } from "./credentials.ts";
import { DISCOVERED, slugOf } from "./place.ts";
import type { Waiting } from "./proposal-store.ts";
import type { RegisteredDevice } from "./registry.ts";

/** The same for the same device of the same login, also after a restart. */
export function idOf({ kind, id }: Login, topic: string): string {
  return createHash("sha256")
    .update(JSON.stringify([kind, id, topic]))
    .digest("hex")
    .slice(0, 16);
}

/** What is shown to people, and may become a device's name: no control or direction characters, and not too long. */
export function shown(text: string, lettersMax = 80): string {
  return text.replaceAll(/\p{C}/gu, "").trim().slice(0, lettersMax).toWellFormed() || "?";
}

/** `device`: the one of the kit that has its topic. */
export function viewOf(waiting: Waiting, device: RegisteredDevice | undefined): ProposalView {
  const { id, login, name, topic, profileId, entry, why, kinds, heardAtMs } = waiting;
  const profile = profileId ?? (entry === null ? null : `${DISCOVERED}/${slugOf(name) || "device"}`);
  return {
    id,
    name,
    topic: topic === "" ? "" : shown(topic, LIMITS.topicBytes),
    via: login.kind === "site" ? login.id : usernameOf(login),
    profile,
    why: profile === null ? (why ?? "no profile reads what it says") : null,
    kinds,
    deviceId: device?.id ?? null,
    heardAt: new Date(heardAtMs).toISOString(),
  };
}
