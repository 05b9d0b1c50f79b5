// `broker.mode: external`: the gateway is a subscriber of the site's own Mosquitto, EMQX or NATS. This file keeps a connection
// there for as long as the gateway runs, and its subscriptions as the kit wants them.
//
// What an acknowledgement means here: the sensor's is the site's broker's, ours to that broker means "on disk" (I5). While
// we are away the broker keeps QoS 1 messages in our session: LIMITS.siteSessionS with MQTT 5 and as long as the broker
// likes with 3.1.1, and in both no more than the broker's own bound (Mosquitto: max_queued_messages, 1000 by default). What
// waited is given the time at which it came here, since MQTT does not say when it was sent.
//
// Shared subscriptions: with MQTT 5, gateways of one `shareGroup` get each message once among them. The broker chooses
// whose it is. A device whose "motion" goes to one gateway and whose "no motion" to another makes no sense to either: let
// the broker choose by topic (EMQX: shared_subscription_strategy hash_topic) or give the gateways groups of their own.
import type { GatewaySettings } from "../settings/schema.ts";
import { backoffMs } from "../core/backoff.ts";
import { messageOf } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import type { Log } from "../core/log.ts";
import { untilAborted, waitFor } from "../core/wait.ts";
import {
  type ConnectionDeps,
  connectToSite,
  type SiteAddress,
  type SiteConnection,
} from "./external-broker-connection.ts";
import { isVersionRefused, NoConnection, refusedHint, unreachable } from "./external-broker-reasons.ts";
import { type WantedFilter, written, writtenOtherwise } from "./external-broker-filters.ts";

type External = NonNullable<GatewaySettings["broker"]["external"]>;

/** `wanted`: the filters of the kit as it is. `readSecret` throws SECRET_UNREADABLE. */
type Deps = Omit<ConnectionDeps, "address" | "version"> & {
  readonly external: External;
  readonly gatewayId: string;
  readonly wanted: () => readonly WantedFilter[];
  /** Calls back when `wanted` may have changed, until the returned function is called. */
  readonly onWantedChange: (watcher: () => void) => () => void;
  readonly readSecret: (file: string) => Promise<string>;
  readonly log: Log;
};

/** How it stands with the site's broker, for people. `refused`: filters that it does not grant, and for which devices. */
export type SiteState = {
  readonly isUp: boolean;
  readonly why: string | null;
  readonly isSharing: boolean;
  readonly refused: readonly WantedFilter[];
};

export type ExternalBroker = AsyncDisposable & {
  state(): SiteState;
  /** Publishes at QoS 1; true when the broker has it, and somebody who listens where it says so. Bounded by LIMITS.siteAnswerMs. */
  send(command: { readonly topic: string; readonly payload: string }): Promise<boolean>;
};

/** A broker that hangs up on MQTT 5 without a word is tried with 3.1.1 after this many times: it may only be starting. */
const MUTE_TIMES = 3;

/** Returns at once; the broker need not be there. Throws SECRET_UNREADABLE. */
export async function openExternalBroker(deps: Deps, stop: AbortSignal): Promise<ExternalBroker> {
  const address = await addressOf(deps);
  const broker = new SiteBroker(deps, address, stop);
  broker.start();
  return broker;
}

class SiteBroker implements ExternalBroker {
  readonly #deps: Deps;
  readonly #address: SiteAddress;
  readonly #closing = new AbortController();
  readonly #stop: AbortSignal;
  #running: Promise<void> = Promise.resolve();
  #connection: SiteConnection | null = null;
  #version: 4 | 5 = 5;
  #muteTimes = 0;
  #why: string | null = "not connected yet";
  /** By its written form: what the connection is subscribed to. */
  #held = new Map<string, WantedFilter>();
  #refused = new Map<string, WantedFilter>();
  #refreshing: Promise<void> = Promise.resolve();

  constructor(deps: Deps, address: SiteAddress, stop: AbortSignal) {
    this.#deps = deps;
    this.#address = address;
    this.#stop = AbortSignal.any([stop, this.#closing.signal]);
  }

  start(): void {
    this.#running = this.#run();
  }

  state(): SiteState {
    return {
      isUp: this.#why === null,
      why: this.#why,
      isSharing: this.#connection?.canShare ?? false,
      refused: [...this.#refused.values()],
    };
  }

  async send(command: { readonly topic: string; readonly payload: string }): Promise<boolean> {
    if (this.#connection === null) return false;
    try {
      return await this.#connection.publish(command);
    } catch (cause) {
      this.#deps.log.warn({ why: messageOf(cause) }, "a command did not reach the site's broker");
      return false;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#stop.aborted) {
      const result = await this.#connectOnce();
      if (this.#stop.aborted) return;
      if (result === "other-version") continue;
      failures = result === "was-up" ? 1 : failures + 1;
      const { siteRetryMinMs: minMs, siteRetryMaxMs: maxMs } = LIMITS;
      await waitFor(backoffMs({ failures, minMs, maxMs }), this.#stop);
    }
  }

  /** One connection, from its beginning to its end. */
  async #connectOnce(): Promise<"was-up" | "failed" | "other-version"> {
    let wasUp = false;
    try {
      const deps = { ...this.#deps, address: this.#address, version: this.#version };
      const connection = await connectToSite(deps, this.#stop);
      this.#muteTimes = 0;
      const end = this.#deps.onWantedChange(() => void this.#refresh(connection));
      try {
        this.#connection = connection;
        this.#held.clear();
        this.#refused.clear();
        await this.#refresh(connection);
        wasUp = await this.#serve(connection);
      } finally {
        end();
        this.#connection = null;
        await connection.close();
        // What it brought may still wait for the disk; the next connection would bring the same once more.
        await Promise.race([connection.settled(), untilAborted(this.#stop)]);
      }
    } catch (cause) {
      if (this.#isOtherVersion(cause)) return "other-version";
      this.#sayDown(cause);
    }
    return wasUp ? "was-up" : "failed";
  }

  async #serve(connection: SiteConnection): Promise<boolean> {
    const isUp = this.#why !== null && !connection.isOver;
    if (isUp) {
      this.#why = null;
      this.#deps.board.count("site-broker.connected");
      const { isResumed, canShare } = connection;
      const found = { mqtt: this.#version === 5 ? "5" : "3.1.1", isResumed, isSharing: canShare };
      this.#deps.log.info({ ...found, filters: this.#held.size }, "the site's broker is there");
    }
    const why = await Promise.race([connection.ended, untilAborted(this.#stop)]);
    if (typeof why === "string") this.#sayDown(new NoConnection(why, null));
    return isUp;
  }

  /** Brings the subscriptions up to what the kit wants: first what is new, then without what is gone, so that nothing is missed. */
  #refresh(connection: SiteConnection): Promise<void> {
    this.#refreshing = this.#refreshing
      .then(() => this.#bringUpToDate(connection))
      .catch((cause: unknown) => connection.end(`the subscriptions failed: ${messageOf(cause)}`));
    return this.#refreshing;
  }

  async #bringUpToDate(connection: SiteConnection): Promise<void> {
    if (connection.isOver) return;
    const group = this.#deps.external.shareGroup;
    const isSharing = connection.canShare;
    const isFirst = this.#held.size === 0;
    const wanted = new Map(this.#deps.wanted().map((each) => [written(each, isSharing ? group : null), each]));
    const isNew = [...wanted.keys()].filter((filter) => !this.#held.has(filter));
    const refused = await connection.subscribe(isNew);
    this.#sayRefused(wanted, refused);
    const isGone = [...this.#held.keys()].filter((filter) => !wanted.has(filter));
    // A session from before, by another version of MQTT, holds the same filters in the other form.
    const otherForm = isFirst && connection.isResumed ? [...wanted.values()] : [];
    isGone.push(...otherForm.flatMap((each) => writtenOtherwise(each, group, isSharing) ?? []));
    await connection.unsubscribe(isGone);
    this.#held = wanted;
  }

  #sayRefused(wanted: ReadonlyMap<string, WantedFilter>, refused: ReadonlyMap<string, number>): void {
    for (const known of this.#refused.keys()) if (!wanted.has(known)) this.#refused.delete(known);
    const now = [...wanted].filter(([form]) => refused.has(form));
    for (const [form, each] of now) this.#refused.set(form, each);
    if (now.length === 0) return;
    this.#deps.board.count("site-broker.refused.filter", now.length);
    // By device: a topic may hold an address of its hardware; the page, behind its login, shows it.
    const named = now.slice(0, LIMITS.siteRefusedNamed).map(([form, { of }]) => ({
      of: of.slice(0, LIMITS.siteRefusedNamed),
      code: refused.get(form),
    }));
    const hint = refusedHint({ refused: now.map(([, { filter }]) => filter), asked: wanted.size });
    this.#deps.log.warn({ topics: now.length, named, hint }, "the site's broker refuses topics");
  }

  #isOtherVersion(cause: unknown): boolean {
    if (!(cause instanceof NoConnection) || this.#stop.aborted) return false;
    this.#muteTimes = cause.code === null ? this.#muteTimes + 1 : 0;
    const isRefused = this.#version === 5 && isVersionRefused(cause);
    if (!isRefused && this.#muteTimes < MUTE_TIMES) return false;
    this.#muteTimes = 0;
    this.#version = this.#version === 5 ? 4 : 5;
    return isRefused;
  }

  /** Counted each time; told when it begins, and when the reason is another one. */
  #sayDown(cause: unknown): void {
    this.#deps.board.count("site-broker.unreachable");
    const why = messageOf(cause);
    if (this.#stop.aborted || this.#why === why) return;
    this.#why = why;
    const error = unreachable(cause);
    this.#deps.log.warn({ code: error.code, hint: error.hint }, error.message);
  }
}

async function addressOf({ external, gatewayId, readSecret }: Deps): Promise<SiteAddress> {
  const { usernameFile, passwordFile, caFile, certFile, keyFile } = external;
  const files = { username: usernameFile, password: passwordFile, ca: caFile, cert: certFile, key: keyFile };
  const login: Record<string, string> = {};
  for (const [key, file] of Object.entries(files)) if (file !== undefined) login[key] = await readSecret(file);
  // Stable, so that the broker finds our session again. Two gateways of one id would throw each other out.
  return { url: external.url, clientId: `hedgerow-${gatewayId}`, login };
}
