// ROAD 1, whole: arrival → readings → events → spool → acknowledgement. Each call of `take` runs without waiting up to the
// append, so messages keep their order; it resolves when what they changed is on disk (I5).
import type { Arrival } from "./core/arrival.ts";
import type { Board } from "./core/board.ts";
import type { Clock } from "./core/clock.ts";
import { GatewayError } from "./core/errors.ts";
import type { HouseFact } from "./core/house-fact.ts";
import { LIMITS } from "./core/limits.ts";
import type { Decoded, Reading, ReadingKind } from "./core/reading.ts";
import { BatchDraft } from "./event-batch.ts";
import { createEventMaker, type EventMaker } from "./event-maker.ts";
import { tombstoneNotes } from "./ledger/notes.ts";
import { createDeviceMemories } from "./normalise/device-memories.ts";
import { createJournal, type Journal } from "./normalise/journal.ts";
import { createKitPresence, type KitPresence } from "./normalise/kit-presence.ts";
import type { LampFaults } from "./normalise/lamp-faults.ts";
import { normalise } from "./normalise/normalise.ts";
import { STATUS_KINDS } from "./normalise/presence.ts";
import { discloseFact, type SiteDisclosure } from "./privacy/disclose.ts";
import type { Profiles } from "./profiles/profiles.ts";
import type { Route, RoutedBridge, RoutedDevice, Router } from "./profiles/router.ts";
import type { Part } from "./profiles/split.ts";
import type { Batch, Spool } from "./spool/spool.ts";

type Deps = {
  readonly profiles: Profiles;
  readonly router: () => Router;
  /** Hears what nobody has approved yet, and what announces itself. */
  readonly announced: (arrival: Arrival) => void;
  readonly device: (id: string) => (RoutedDevice & { readonly paused?: boolean | undefined }) | undefined;
  /** Watches the lamps of the kit; without, none is watched. */
  readonly lamps?: LampFaults;
  readonly disclosure: SiteDisclosure;
  readonly spool: Spool;
  readonly clock: Clock;
  readonly board: Board;
  /** The gateway's, for what it says of itself. */
  readonly version: string;
  /** Called after a motion edge is on disk. */
  readonly onMotion: (deviceId: string, atMs: number) => void;
};

export type EventRoad = {
  /** The source's `Take`. Rejects, and then has changed nothing, when the spool has no room or has failed. */
  take(arrival: Arrival): Promise<void>;
  /** Tells what the house itself has to say; resolves when it is on disk. */
  tell(fact: HouseFact, discard?: Batch["discard"]): Promise<void>;
  /** Writes what was put off; called before the spool closes. */
  flush(): Promise<void>;
  /** Closes due count windows, says which devices went silent, writes what was put off. Called about once a second. */
  tick(): Promise<void>;
  readonly memories: ReturnType<typeof createDeviceMemories>;
  readonly journal: Journal;
  /** Forgets what was counted of a device and is not told yet; written with what comes next. */
  readonly forgetWindow: EventMaker["forgetWindow"];
  readonly bridges: KitPresence["bridges"];
  readonly nameOutside: EventMaker["nameOutside"];
};

export function createEventRoad(deps: Deps): EventRoad {
  const { spool, clock, board, disclosure } = deps;
  const memories = createDeviceMemories(spool.state("device:"));
  /** Of a device whose profile is not known nobody can tell what it senses. */
  const sensesMotion = (id: string): boolean =>
    (deps.profiles.get(deps.device(id)?.profile ?? "")?.kinds ?? ["motion"]).some(isMotion);
  const presence = createKitPresence({
    memories,
    state: (prefix) => spool.state(prefix),
    device(id) {
      const device = deps.device(id);
      // Also while its profile is missing (a volunteer's file with a mistake): it is of the kit, and not forgotten.
      const { staleAfterMs = Number.POSITIVE_INFINITY } = deps.profiles.get(device?.profile ?? "") ?? {};
      const { policy, quiet, zoneOf } = disclosure;
      const isUntold = policy.events.motion.mode !== "each" || quiet.isQuiet(zoneOf(id), clock.nowMs());
      const isDiscreet = isUntold && sensesMotion(id);
      return device && { isPaused: device.paused === true, staleAfterMs, isDiscreet };
    },
    clock,
    fields: disclosure.policy.events.fields,
  });
  const journal = createJournal();
  const maker = createEventMaker({ disclosure: { ...disclosure, sensesMotion }, spool, board });

  const take = async (arrival: Arrival): Promise<void> => {
    if (!spool.hasRoom()) throw new GatewayError("SPOOL_FULL", "too many writes wait for the disk");
    const { topic, payload, login } = arrival;
    // A message that speaks of several devices is as many arrivals; it is acknowledged when all are on disk.
    const parts = deps.profiles.split({ topic, payload, ...deps.router().speakerOf(login, topic) });
    const { leftOut = 0 } = parts.at(-1) ?? {};
    if (leftOut > 0) board.count("arrival.dropped.too-many-devices", leftOut);
    await Promise.all(parts.map((part) => takePart(arrival, part)));
  };

  const takePart = async (whole: Arrival, { isPart, ...part }: Part): Promise<void> => {
    const arrival = { ...whole, ...part };
    const route = routeOf(whole, arrival, isPart);
    if (route.kind === "bridge-state") return hearBridge(route.bridge, arrival);
    if (route.kind !== "device") {
      const reason = route.kind === "announcement" ? "awaits-approval" : route.reason;
      // Announcements are retained, so on a broker of the site each one is a replay.
      if (route.kind === "announcement" || (reason === "awaits-approval" && !arrival.isReplay)) deps.announced(arrival);
      board.count(`arrival.${reason === "no-profile" ? "dropped" : "ignored"}.${reason}`);
      return spool.settled();
    }
    const { device, profileId } = route;
    if (arrival.login.kind === "bridge") presence.bridges.heard(arrival.login.id, arrival.receivedAtMs);
    const decoded = decode(route, arrival);
    const atMs = arrival.receivedAtMs;
    if (decoded.outcome !== "readings") {
      board.count(`arrival.${decoded.outcome}.${decoded.reason}`);
      journal.note(device.id, { ...decoded, atMs, readings: [] });
    }
    if (decoded.outcome === "dropped") return spool.settled();
    // What was understood and says nothing new is still a sign of life.
    const readings = decoded.outcome === "readings" ? decoded.readings : [];
    // A paused device is heard, and whether it is there is followed; else nothing of what it says is taken up.
    const isPaused = deps.device(device.id)?.paused === true;
    const heard = normalise({
      memory: memories.get(device.id),
      readings: isPaused ? readings.filter(({ kind }) => kind === "online") : readings,
      deviceId: device.id,
      atMs,
      holdMs: deps.profiles.get(profileId)?.holdMs,
      isReplay: arrival.isReplay,
      topic: arrival.topic,
      once: decoded.outcome === "readings" ? decoded.once : undefined,
      lateMsMax: LIMITS.deviceTimeLateMs,
    });
    const { news, ignored } = isPaused ? { news: [], ignored: { paused: readings.length } } : heard;
    if (decoded.outcome === "readings") {
      const [reason] = heard.news.length > 0 ? [] : REASONS.filter((each) => (heard.ignored[each] ?? 0) > 0);
      const outcome = reason === undefined && !isPaused ? "readings" : "ignored";
      journal.note(device.id, { atMs, outcome, reason: reason ?? null, readings, removed: decoded.removed });
    }
    const replay = arrival.isReplay ? readings : [];
    const said = presence.hear({ deviceId: device.id, memory: heard.memory, news, replay, atMs });

    const batch = new BatchDraft();
    batch.count("reading.taken", readings.length);
    for (const [reason, n] of Object.entries(ignored)) batch.count(`reading.ignored.${reason}`, n);
    batch.count(`reading.ignored.${said.absorbedBy}`, said.absorbed);
    const about = news.filter(({ kind }) => STATUS_KINDS.has(kind)).length - said.absorbed;
    batch.count("reading.made", about);
    if (said.status !== null) maker.fact(batch, said.status);
    for (const reading of news) if (!STATUS_KINDS.has(reading.kind)) maker.reading(batch, reading, atMs);
    // Repeats too: that a lamp still says so is what tells that it is dark for long.
    if (!arrival.isReplay && !isPaused)
      maker.lamps(batch, deps.lamps?.onReadings({ deviceId: device.id, readings, atMs }));

    if (!batch.isNews && news.length === 0) {
      memories.putOff(device.id, batch.counters);
      // What it repeats may not be on disk yet: a repeat is acknowledged after its news, and in its turn.
      return spool.settled();
    }
    await append(batch, device.id);
    // By now, not when it came: on a full disk it may have waited for hours.
    const isFresh = ({ atMs: saidMs }: Reading) => clock.nowMs() - saidMs < LIMITS.motionFreshMs;
    if (news.some((each) => isMotion(each.kind) && each.value && isFresh(each))) deps.onMotion(device.id, atMs);
  };

  /** A part nobody has registered may still be for the device that sent the whole, if it reads such parts itself. */
  const routeOf = (whole: Arrival, arrival: Arrival, isPart: boolean): Route => {
    const route = deps.router().route(arrival.topic, arrival.login, { isPart });
    if (!isPart || route.kind !== "unknown") return route;
    const sender = deps.router().route(whole.topic, whole.login);
    if (sender.kind !== "device") return route;
    return decode(sender, { ...arrival, topic: whole.topic }).outcome === "readings" ? sender : route;
  };

  const decode = ({ device, profileId }: Extract<Route, { kind: "device" }>, { topic, payload }: Arrival): Decoded =>
    deps.profiles.decode({ profileId, deviceTopic: device.topic, topic, payload });

  /** A bridge that says it goes away, or is back: nothing is known of its devices meanwhile. */
  const hearBridge = async (
    { id, family, base }: RoutedBridge,
    { topic, payload, login, receivedAtMs: atMs }: Arrival,
  ): Promise<void> => {
    board.count("arrival.ignored.bridge-state");
    const isOnline = deps.profiles.bridgeOnline({ family, base, topic, payload });
    if (isOnline === null && login.kind === "bridge") presence.bridges.heard(id, atMs);
    if (isOnline === null) return spool.settled();
    const deviceIds = memories.ids().filter((each) => deps.device(each)?.topic.startsWith(`${base}/`) === true);
    const { facts, isChange } = presence.bridgeSays({ bridgeId: id, isOnline, deviceIds, atMs });
    const batch = new BatchDraft();
    for (const fact of facts) maker.fact(batch, fact);
    return isChange || batch.isNews ? append(batch) : spool.settled();
  };

  const append = (batch: BatchDraft, deviceId?: string, nowMs = clock.monotonicMs()): Promise<void> => {
    const putOff = memories.takePutOff();
    if (deviceId !== undefined) putOff.devices.add(deviceId);
    for (const [name, n] of Object.entries(putOff.counters)) batch.count(name, n);
    for (const id of putOff.devices) batch.remember(`device:${id}`, memories.text(id));
    const unsaved = { ...presence.unsaved(), ...deps.lamps?.unsaved(nowMs) };
    for (const [key, text] of Object.entries(unsaved)) batch.remember(key, text);
    maker.remember(batch);
    return spool.append(batch.finished());
  };

  return {
    memories,
    journal,
    forgetWindow: (deviceId) => maker.forgetWindow(deviceId),
    nameOutside: (deviceId) => maker.nameOutside(deviceId),
    bridges: presence.bridges,
    take,
    async tell(fact, discard) {
      const batch = new BatchDraft();
      batch.make({ event: discloseFact(fact, disclosure) });
      await spool.append({ ...batch.finished(), notes: tombstoneNotes(fact, discard), ...(discard && { discard }) });
    },
    // On a full disk it would wait for ever; what was put off is what a power cut may take.
    flush: async () =>
      spool.condition() === "ok" ? append(new BatchDraft(), undefined, Number.POSITIVE_INFINITY) : undefined,
    async tick() {
      if (!spool.hasRoom()) return;
      const nowMs = clock.nowMs();
      const batch = new BatchDraft();
      maker.tick(batch, () => presence.saidLast(nowMs));
      maker.lamps(batch, deps.lamps?.onTick(nowMs));
      const { facts, site } = presence.tick(nowMs);
      for (const fact of facts) maker.fact(batch, fact);
      if (site !== null) maker.fact(batch, { kind: "gateway-status", ...site, version: deps.version, atMs: nowMs });
      if (batch.isNews || presence.isSaveDue() || memories.isPutOffSince(clock.monotonicMs())) await append(batch);
    },
  };
}

/** For a message without news, the reason that a person is told, the first that applies. */
const REASONS = ["retained-replay", "history", "repeat"] as const;

function isMotion(kind: ReadingKind): boolean {
  return kind === "motion" || kind === "presence";
}
