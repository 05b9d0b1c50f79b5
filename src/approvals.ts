// What waits for a person's approval: devices that a known login speaks of and nobody has registered, and devices that
// announced themselves (Home Assistant discovery). Nothing of a proposal leaves the site, and of its messages nothing is
// kept but which device spoke, what it can tell, and when.
import type { Arrival } from "./core/arrival.ts";
import type { Board } from "./core/board.ts";
import type { Clock } from "./core/clock.ts";
import type { Commands, ProposalView } from "./core/commands.ts";
import { GatewayError } from "./core/errors.ts";
import { LIMITS } from "./core/limits.ts";
import type { Log } from "./core/log.ts";
import { isAnnouncement } from "./core/topics.ts";
import { createAnnouncements, kindsOf, withRightsOf } from "./profiles/announcements.ts";
import { newcomer } from "./profiles/newcomer.ts";
import type { Profiles } from "./profiles/profiles.ts";
import type { Router } from "./profiles/router.ts";
import { approveProposal } from "./registry/approving.ts";
import { checkWire, profileOf } from "./registry/new-device.ts";
import { isOwn, mayBeCommanded, ownTopicOf } from "./registry/place.ts";
import { idOf, shown, viewOf } from "./registry/proposal.ts";
import { openProposalStore, type Waiting } from "./registry/proposal-store.ts";
import type { RegisteredDevice, Registry } from "./registry/registry.ts";

export type Approvals = AsyncDisposable & {
  /** A message of a device that nobody registered, or an announcement; what nobody could approve is passed over. */
  hear(arrival: Pick<Arrival, "topic" | "payload" | "login" | "receivedAtMs">): void;
  /** The last heard first. */
  list(): readonly ProposalView[];
  count(): number;
  /** `replaces`: the device of the kit whose place it takes (device-changes.ts). */
  approve(ask: Parameters<Commands["approve"]>[0] & { readonly replaces?: string }): ReturnType<Commands["approve"]>;
  dismiss: Commands["dismiss"];
  /** Calls back when one has come or gone, until the returned function is called. */
  onChange(watcher: () => void): () => void;
};

type Deps = {
  readonly registry: Registry;
  readonly profiles: Profiles;
  readonly router: () => Pick<Router, "speakerOf" | "mayPublish">;
  readonly clock: Clock;
  readonly board: Board;
  readonly log: Log;
  readonly writeMs?: number;
};

/** Opened before the first router is made: it makes the profiles known that were discovered. Closed before the registry. */
export function openApprovals(deps: Deps): Approvals {
  const { registry, profiles, board, log } = deps;
  const unusable = profiles.learn(registry.data().discovered);
  if (unusable.length > 0) log.warn({ profiles: unusable }, "discovered profiles that this Hedgerow cannot use");
  const store = openProposalStore({ ...deps, kindsOf });
  const announcements = createAnnouncements();
  const watchers = new Set<() => void>();
  // Until the next start; a device that goes on announcing itself is not shown again and again.
  const dismissed = new Set<string>();
  const tell = (): void => {
    for (const watcher of watchers) watcher();
  };

  const deviceAt = (topic: string): RegisteredDevice | undefined =>
    topic === "" ? undefined : registry.data().devices.find((device) => device.topic === topic);
  /** A device of the kit waits only where the announcement tells more than its profile reads. */
  const isWaiting = ({ login, topic, kinds, entry }: Waiting): boolean => {
    const { bridges, devices } = registry.data();
    const isLoginThere =
      login.kind === "site" || (login.kind === "bridge" ? bridges : devices).some(({ id }) => id === login.id);
    const device = deviceAt(topic);
    if (!isLoginThere || device === undefined) return isLoginThere;
    const read: readonly string[] = profiles.get(device.profile)?.kinds ?? [];
    return entry !== null && kinds.some((kind) => !read.includes(kind));
  };
  const prune = (): void => {
    for (const each of store.all()) if (!isWaiting(each)) store.drop(each.id);
  };
  prune();
  const endOfWatch = registry.onChange(prune);

  const put = (proposal: Waiting): void => {
    if (dismissed.has(proposal.id) || !isWaiting(proposal)) return;
    const before = store.get(proposal.id);
    const loser = store.put(before === undefined ? proposal : together(before, proposal));
    if (loser !== null) board.count("proposal.evicted");
    if (before === undefined) board.count("proposal.made");
    if (before === undefined || loser !== null) tell();
  };

  const hearMessage = ({ topic, payload, login, receivedAtMs }: Parameters<Approvals["hear"]>[0]): void => {
    const speaker = deps.router().speakerOf(login, topic);
    if (speaker === undefined && login.kind !== "site") return;
    const found = newcomer(profiles, { topic, payload, ...speaker });
    if (found === null || !isOwn(registry.data(), login, found.deviceTopic)) return;
    const { profileId, deviceTopic, kinds } = found;
    const name = deviceTopic.slice((speaker?.base ?? "").length).replace(/^\//, "");
    const id = idOf(login, deviceTopic);
    put({
      id,
      login,
      name: shown(name),
      topic: deviceTopic,
      profileId,
      entry: null,
      why: null,
      kinds,
      heardAtMs: receivedAtMs,
    });
  };

  const hearAnnouncement = (said: Parameters<Approvals["hear"]>[0]): void => {
    const { login, receivedAtMs: heardAtMs } = said;
    const announced = announcements.hear({ ...said, ownTopic: ownTopicOf(registry.data(), login) });
    if (announced === null) return;
    const { deviceKey, topic, topics, commands, formerTopic, name, why } = announced;
    // With more said of it, or taken back, what it proposed before is out of date.
    if (formerTopic !== null && formerTopic !== topic) forget(idOf(login, formerTopic || deviceKey));
    if (announced.isGone) return forget(idOf(login, topic || deviceKey));
    // Who announces a device must be able to speak for it: else one device could have another's topic read in its own way.
    // And who would be commanded must be itself: else it could hear what another is told, or have it told something.
    const isForeign =
      topics.some((each) => !deps.router().mayPublish(login, each)) ||
      commands.some((each) => !mayBeCommanded(registry.data(), login, each));
    if (isForeign || (topic !== "" && !isOwn(registry.data(), login, topic)))
      return board.count("proposal.refused.foreign-topic");
    const entry = withRightsOf(announced.entry, profiles.get(deviceAt(topic)?.profile ?? ""));
    const isTooLarge = JSON.stringify(entry).length > LIMITS.discoveredBytes;
    put({
      id: idOf(login, topic || deviceKey),
      login,
      name: shown(name),
      topic,
      profileId: null,
      entry: isTooLarge ? null : entry,
      why: isTooLarge ? "it announces more than one profile holds" : why,
      kinds: kindsOf(entry),
      heardAtMs,
    });
  };
  /** Only what came by announcement is taken back by one. */
  const forget = (id: string): void => {
    if (store.get(id)?.profileId !== null) return;
    store.drop(id);
    tell();
  };

  return {
    hear: (said) => (isAnnouncement(said.topic) ? hearAnnouncement(said) : hearMessage(said)),
    list: () =>
      store
        .all()
        .filter(isWaiting)
        .toReversed()
        .map((each) => viewOf(each, deviceAt(each.topic))),
    count: () => store.all().filter(isWaiting).length,
    async approve({ proposal, zone, name, profile: chosen, replaces }) {
      const found = foundIn(store, proposal);
      const { topic, profileId, entry, login } = found;
      if (replaces !== undefined && login.kind === "device" && login.id === replaces)
        throw new GatewayError("USAGE", `${found.name} speaks through the login of ${replaces}, which would end`);
      const profile = chosen ?? profileId ?? (entry === null ? null : { entry });
      if (profile === null) throw needsProfile(found);
      if (chosen !== undefined) checkWire(profileOf(profiles, chosen), { profile: chosen, zone });
      if (topic === "")
        throw new GatewayError("USAGE", `${found.name} does not say on which topic it speaks`, {
          hint: "Add it with its topic instead: hedgerow device pair --profile P --zone Z --topic T",
        });
      const known = deviceAt(topic);
      const approval = {
        proposalId: found.id,
        topic,
        zone,
        name: name ?? known?.name ?? found.name,
        profile,
        replaces,
      };
      const approved = await approveProposal(deps, approval);
      store.drop(found.id);
      tell();
      return approved;
    },
    async dismiss({ proposal }) {
      const { id } = foundIn(store, proposal);
      dismissed.add(id);
      for (const oldest of dismissed) if (dismissed.size > LIMITS.proposalsDismissed) dismissed.delete(oldest);
      store.drop(id);
      tell();
    },
    onChange(watcher) {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    async [Symbol.asyncDispose]() {
      endOfWatch();
      watchers.clear();
      await store[Symbol.asyncDispose]();
    },
  };
}

/** What its messages and its announcement tell belongs together; a part of the announcement does not replace the whole. */
function together(before: Waiting, now: Waiting): Waiting {
  const isAnnounced = now.entry !== null || now.why !== null;
  const isLess = isAnnounced && before.entry !== null && kindsOf(before.entry).length > kindsOf(now.entry ?? {}).length;
  const { entry, why, name } = isAnnounced && !isLess ? now : before;
  return {
    ...now,
    entry,
    why,
    name,
    profileId: now.profileId ?? before.profileId,
    kinds: [...new Set([...before.kinds, ...now.kinds])],
  };
}

function foundIn(store: ReturnType<typeof openProposalStore>, id: string): Waiting {
  const found = store.get(id);
  if (found !== undefined) return found;
  throw new GatewayError("NOT_FOUND", `nothing waits for approval as ${JSON.stringify(id)}`, {
    hint: "See what waits: hedgerow device approve",
  });
}

function needsProfile({ name, why }: Waiting): GatewayError {
  return new GatewayError("USAGE", `${name} needs a profile${why === null ? "" : `: ${why}`}`, {
    hint: "Choose one with --profile, such as generic/json.",
  });
}
