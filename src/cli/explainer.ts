// What the gateway would make of a message, without a gateway: whose it is, decode, normalise.
import type { Login } from "../core/arrival.ts";
import { GatewayError } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import { READING_UNITS, type Decoded, type Reason } from "../core/reading.ts";
import { isWireTopic } from "../core/topics.ts";
import { type DeviceMemory, emptyMemory, normalise } from "../normalise/normalise.ts";
import { nothing } from "../profiles/decode.ts";
import type { Profiles } from "../profiles/profiles.ts";
import { type Candidate, recognise } from "../profiles/recognise.ts";
import { createApprovedAnnouncements } from "./explain-announced.ts";
import { createRouter, type RoutedBridge, type RoutedDevice, type Router } from "../profiles/router.ts";

/** interfaces §1: one of these per message. `device`: its id in the kit, or its own topic where no kit is given. */
export type Explanation = {
  readonly outcome: Decoded["outcome"];
  readonly reason: Reason | null;
  readonly profile: string | null;
  readonly device: string | null;
  readonly readings: readonly {
    readonly kind: string;
    readonly value: boolean | number | string;
    readonly unit: string | null;
    readonly at: string;
    /** Whose reading it is; a message may speak of several devices. */
    readonly device?: string;
  }[];
  readonly removed: readonly string[];
};
/** `isReplay`: a broker replayed it as a retained message. */
export type Message = {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly atMs: number;
  readonly isReplay: boolean;
};
type Kit = { readonly devices: readonly RoutedDevice[]; readonly bridges: readonly RoutedBridge[] };
type Whose = {
  readonly profileId: string;
  readonly deviceTopic: string;
  /** The topic it is decoded on: the part's, or that of the whole message. */
  readonly topic: string;
  readonly device: string;
  readonly isCertain: boolean;
};

/** Explains message after message; keeps what the house remembers of each device from message to message, so that repeats and hold times show. */
export function createExplainer({
  profiles,
  kit,
  profile,
}: {
  profiles: Profiles;
  kit: Kit | null;
  profile: string | undefined;
}): (message: Message) => Explanation {
  const memories = new Map<string, DeviceMemory>();
  const router = kit === null ? null : createRouter(profiles, kit);
  const announced = createApprovedAnnouncements(profiles);

  const explain = ({ topic, payload, atMs, isReplay }: Message, whole: string): Explanation => {
    const isPart = topic !== whole;
    const whose =
      kit !== null && router !== null && profile === undefined
        ? byKit(kit, router, topic, whole)
        : byTopic({ profiles, announced, topics: isPart ? [topic, whole] : [topic], profile });
    if (whose.kind === "nobody")
      return { ...nothing(whose.reason), reason: whose.reason, profile: profile ?? null, device: null, readings: [] };
    const { profileId, device, decoded } = bestOf(profiles, whose.candidates, { payload });
    if (decoded.outcome !== "readings") return { ...decoded, profile: profileId, device, readings: [] };
    const heard = normalise({
      memory: memories.get(device ?? "") ?? emptyMemory,
      readings: decoded.readings,
      deviceId: device ?? "",
      atMs,
      holdMs: profileId === null ? undefined : profiles.get(profileId)?.holdMs,
      isReplay,
      topic,
      once: decoded.once,
      // A sample may be of any day; with a kit the gateway's own rule holds.
      lateMsMax: kit === null ? Number.POSITIVE_INFINITY : LIMITS.deviceTimeLateMs,
    });
    memories.set(device ?? "", heard.memory);
    const { removed } = decoded;
    if (heard.news.length === 0) {
      const reason = isReplay ? "retained-replay" : (heard.ignored.repeat ?? 0) > 0 ? "repeat" : "history";
      return { outcome: "ignored", reason, profile: profileId, device, readings: [], removed };
    }
    const readings = heard.news.map(({ kind, value, atMs }) => ({
      kind,
      value,
      unit: READING_UNITS[kind],
      at: new Date(atMs).toISOString(),
    }));
    return { outcome: "readings", reason: null, profile: profileId, device, readings, removed };
  };

  return (message) => {
    if (kit === null) announced.hear(message);
    const family = profile?.split("/")[0];
    const login = kit === null || router === null ? undefined : loginOf(kit, router, message.topic);
    // A bridge of the kit may have another base than is usual.
    const speaker = family !== undefined ? { family } : login !== undefined && router?.speakerOf(login, message.topic);
    const parts = profiles.split({ ...message, ...speaker });
    return together(parts.map((part) => explain({ ...message, ...part }, message.topic)));
  };
}

/** One answer for a message that speaks of several devices: the first that reads something stands for all, with the readings of all. */
function together(answers: readonly Explanation[]): Explanation {
  const telling = answers.find(({ outcome }) => outcome === "readings") ?? answers[0];
  if (telling === undefined) throw new GatewayError("INTERNAL", "a message was split into nothing");
  return {
    ...telling,
    readings:
      answers.length === 1
        ? telling.readings
        : answers.flatMap(({ device, readings }) =>
            readings.map((each) => ({ ...each, ...(device !== null && { device }) })),
          ),
    removed: [...new Set(answers.flatMap(({ removed }) => removed))],
  };
}

type Found =
  | { readonly kind: "nobody"; readonly reason: Reason }
  | { readonly kind: "candidates"; readonly candidates: readonly Whose[] };

/** By the kit: the login that may publish there decides, as in the gateway. */
function byKit(kit: Kit, router: Router, topic: string, whole: string): Found {
  const login = loginOf(kit, router, whole);
  const route =
    login === undefined
      ? ({ kind: "unknown", reason: "no-profile" } as const)
      : router.route(topic, login, { isPart: topic !== whole });
  if (route.kind === "announcement") return { kind: "nobody", reason: "awaits-approval" };
  if (route.kind === "bridge-state") return { kind: "nobody", reason: "bridge-state" };
  if (route.kind === "unknown") return { kind: "nobody", reason: route.reason };
  return {
    kind: "candidates",
    candidates: [
      { profileId: route.profileId, deviceTopic: route.device.topic, topic, device: route.device.id, isCertain: true },
    ],
  };
}

function loginOf({ devices, bridges }: Kit, router: Router, topic: string): Login | undefined {
  const wired = isWireTopic(topic)
    ? devices.find((device) => topic === device.topic || topic.startsWith(`${device.topic}/`))
    : undefined;
  if (wired !== undefined) return { kind: "device", id: wired.id };
  const logins = [
    ...bridges.map(({ id }) => ({ kind: "bridge" as const, id })),
    ...devices.map(({ id }) => ({ kind: "device" as const, id })),
  ];
  return logins.find((candidate) => router.mayPublish(candidate, topic));
}

/** By the topic alone, or by the profile named: every topic counts as approved. */
function byTopic({
  profiles,
  announced,
  topics,
  profile,
}: {
  profiles: Profiles;
  announced: ReturnType<typeof createApprovedAnnouncements>;
  topics: readonly string[];
  profile: string | undefined;
}): Found {
  const found = topics.flatMap((topic) => recognise(profiles, topic, profile).map((each) => ({ ...each, topic })));
  const isAbout = (kind: Candidate["kind"]) => found.some((candidate) => candidate.kind === kind);
  if (isAbout("bridge")) return { kind: "nobody", reason: "bridge-state" };
  if (isAbout("announcement")) return { kind: "nobody", reason: "awaits-approval" };
  // Where a family knows base and form of the topic, what anything might mean is not asked.
  const isKnown = found.some(
    (candidate) => candidate.kind === "device" && candidate.certainty > 1 && !candidate.isLast,
  );
  const candidates = found.flatMap((candidate) => {
    if (candidate.kind !== "device" || (isKnown && candidate.isLast)) return [];
    const { profileId, deviceTopic, certainty } = candidate;
    return [
      {
        profileId,
        deviceTopic,
        topic: candidate.topic,
        device: deviceTopic,
        isCertain: certainty > 0 || profile !== undefined,
      },
    ];
  });
  const learned = topics.flatMap((topic) =>
    profile !== undefined
      ? []
      : announced.whoSpeaks(topic).map((device) => ({ ...device, topic, device: device.deviceTopic, isCertain: true })),
  );
  if (learned.length > 0) return { kind: "candidates", candidates: [...candidates, ...learned] };
  return candidates.length > 0
    ? { kind: "candidates", candidates }
    : { kind: "nobody", reason: profile === undefined ? "no-profile" : "not-mapped" };
}

/** Reasons that only who knows the message can give. */
const TELLING: ReadonlySet<Reason> = new Set(["identity-only", "encrypted", "history"] as const);

/** The first candidate that reads something; otherwise what the most certain one says; a mere guess that reads nothing is no profile. */
function bestOf(profiles: Profiles, candidates: readonly Whose[], { payload }: { readonly payload: Uint8Array }) {
  const tried = candidates.map(({ profileId, deviceTopic, topic, device, isCertain }) => {
    const decoded = profiles.decode({ profileId, deviceTopic, topic, payload });
    return { profileId, device, isCertain, decoded };
  });
  const tells = ({ decoded }: { readonly decoded: Decoded }) =>
    decoded.outcome === "readings" || TELLING.has(decoded.reason);
  const best =
    tried.find(({ decoded }) => decoded.outcome === "readings") ??
    tried.find(({ isCertain }) => isCertain) ??
    tried.find(tells) ??
    tried[0];
  if (best === undefined) return { profileId: null, device: null, decoded: nothing("no-profile") };
  const isTelling = tells(best);
  if (best.isCertain || isTelling) return best;
  return { profileId: null, device: null, decoded: nothing("no-profile", best.decoded.removed) };
}
