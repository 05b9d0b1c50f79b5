// One connection to the site's broker: the door to mqtt.js on this side of the house. What comes in by it is taken and
// acknowledged in external-broker-intake.ts.
import { connect, type IClientOptions, type MqttClient } from "mqtt";
import { messageOf } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import { waitFor } from "../core/wait.ts";
import { boundPackets } from "./external-broker-bound.ts";
import { NoConnection } from "./external-broker-reasons.ts";
import { SiteLift } from "./external-broker-pictures.ts";
import { Intake, type IntakeDeps } from "./external-broker-intake.ts";

/** How the site's broker is reached, with what its files hold. */
export type SiteAddress = {
  readonly url: string;
  readonly clientId: string;
  readonly login: Pick<IClientOptions, "username" | "password" | "ca" | "cert" | "key">;
};

export type ConnectionDeps = Omit<IntakeDeps, "loginId" | "lift" | "acknowledge" | "fail"> & {
  readonly address: SiteAddress;
  readonly version: 4 | 5;
  readonly packetBytes: number;
  readonly picturePacketBytes: number;
};

const REFUSED = 0x80;
const NO_SUBSCRIBERS = 0x10;

/** Connects with a session that outlives the connection. Throws NoConnection, also after LIMITS.siteConnectMs. */
export async function connectToSite(deps: ConnectionDeps, stop: AbortSignal): Promise<SiteConnection> {
  const { address, version } = deps;
  const client = connect(address.url, {
    ...address.login,
    clientId: address.clientId,
    protocolVersion: version,
    clean: false,
    ...(version === 5 && {
      properties: { sessionExpiryInterval: LIMITS.siteSessionS, receiveMaximum: LIMITS.siteInFlight },
    }),
    keepalive: LIMITS.siteKeepaliveS,
    connectTimeout: LIMITS.siteConnectMs,
    rejectUnauthorized: true,
    // Each attempt is ours to time, and each begins afresh: the session is the broker's to keep.
    manualConnect: true,
    reconnectPeriod: 0,
    resubscribe: false,
    queueQoSZero: false,
  });
  // mqtt.js takes one from the environment: the site's broker is in the house, and a proxy is not.
  delete client.options.socksProxy;
  const connection = new SiteConnection(deps, client);
  const giveUp = (): void => void client.end(true);
  stop.addEventListener("abort", giveUp);
  try {
    await connection.open();
  } finally {
    stop.removeEventListener("abort", giveUp);
  }
  return connection;
}

export class SiteConnection {
  readonly #deps: ConnectionDeps;
  readonly #client: MqttClient;
  readonly #ended = Promise.withResolvers<string>();
  readonly #intake: Intake;
  #trouble: { readonly why: string; readonly code: number | string | null } | null = null;
  #isOver = false;
  /** Whether the broker still had our session, and what it held for us. */
  isResumed = false;
  canShare = false;

  constructor(deps: ConnectionDeps, client: MqttClient) {
    this.#deps = deps;
    this.#client = client;
    const loginId = new URL(deps.address.url).hostname;
    const lift = liftFor(deps, loginId);
    boundPackets(client, { bytesMax: deps.packetBytes, lift });
    this.#intake = new Intake({
      ...deps,
      loginId,
      lift,
      // PUBACK with success, the same four bytes in MQTT 3.1.1 and 5 [MQTT-3.4].
      acknowledge: (id) => client.connected && client.stream.write(Buffer.from([0x40, 2, id >> 8, id & 255])),
      fail: (why) => this.end(why),
    });
    client.handleMessage = (packet, goOn) => this.#intake.onMessage(packet, goOn);
    client.on("error", (error) => {
      this.#trouble ??= { why: messageOf(error), code: codeOf(error) };
    });
    client.on("disconnect", ({ reasonCode }) => {
      this.#trouble ??= { why: `the broker ended the connection (reason ${reasonCode ?? 0})`, code: reasonCode ?? 0 };
    });
    client.on("close", () => {
      this.#isOver = true;
      lift?.[Symbol.dispose]();
      this.#ended.resolve(this.#trouble?.why ?? "the connection was cut");
    });
  }

  /** Resolves with the reason when the connection is over. */
  get ended(): Promise<string> {
    return this.#ended.promise;
  }

  get isOver(): boolean {
    return this.#isOver;
  }

  /** Cuts the connection; `ended` says why. */
  end(why: string): void {
    this.#trouble ??= { why, code: null };
    this.#client.stream.destroy();
  }

  async open(): Promise<void> {
    const connected = Promise.withResolvers<void>();
    this.#client.once("connect", (connack) => {
      this.isResumed = connack.sessionPresent;
      this.canShare = this.#deps.version === 5 && connack.properties?.sharedSubscriptionAvailable !== false;
      connected.resolve();
    });
    this.#client.connect();
    const isOpen = await Promise.race([connected.promise.then(() => true), this.ended.then(() => false)]);
    if (isOpen) return;
    throw new NoConnection(this.#trouble?.why ?? "the broker cut the connection", this.#trouble?.code ?? null);
  }

  /** Asks for the filters at QoS 1; the refused ones with the broker's code. Throws when the broker does not answer. */
  async subscribe(filters: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const refused = new Map<string, number>();
    for (let at = 0; at < filters.length; at += LIMITS.siteFiltersAtOnce) {
      const asked = filters.slice(at, at + LIMITS.siteFiltersAtOnce);
      const granted = await this.#answered<readonly unknown[]>((resolve, reject) => {
        this.#client.subscribe([...asked], { qos: 1 }, (error, _subscriptions, packet) => {
          const codes = grantedIn(packet);
          if (codes === null) reject(error ?? new Error("the broker did not say what it granted"));
          else resolve(codes);
        });
      });
      for (const [index, filter] of asked.entries()) {
        const code = granted[index];
        if (typeof code === "number" && code >= REFUSED) refused.set(filter, code);
      }
    }
    return refused;
  }

  /** Throws when the broker does not answer. */
  async unsubscribe(filters: readonly string[]): Promise<void> {
    for (let at = 0; at < filters.length; at += LIMITS.siteFiltersAtOnce) {
      await this.#answered<void>((resolve, reject) => {
        this.#client.unsubscribe(filters.slice(at, at + LIMITS.siteFiltersAtOnce), (error) =>
          error === undefined || error === null ? resolve() : reject(error),
        );
      });
    }
  }

  /** Whether the broker has taken it, and, where it says so (MQTT 5), has somebody who listens. Throws when it does not answer. */
  publish({ topic, payload }: { topic: string; payload: string | Buffer }): Promise<boolean> {
    return this.#answered<boolean>((resolve) => {
      this.#client.publish(topic, payload, { qos: 1 }, (error, packet) => {
        const code: unknown = packet === undefined ? 0 : Reflect.get(packet, "reasonCode");
        resolve((error === undefined || error === null) && code !== NO_SUBSCRIBERS);
      });
    });
  }

  /** Resolves when nothing that came in by this connection waits for the disk any more. */
  settled(): Promise<void> {
    return this.#intake.settled();
  }

  /** Takes nothing more, finishes and acknowledges what is in hand unless the disk holds it back, and says goodbye. */
  async close(): Promise<void> {
    this.#intake.stop();
    const early = new AbortController();
    const late = waitFor(LIMITS.siteStopMs, early.signal);
    if (!this.#deps.isHeldBack()) await Promise.race([this.settled(), this.ended, late]);
    // The session stays: nothing is said of its expiry here.
    this.#client.end(false);
    await Promise.race([this.ended, late]);
    early.abort();
    this.#client.stream.destroy();
  }

  /** mqtt.js settles nothing when the connection breaks: an answer is waited for as long as it can come. */
  async #answered<T>(ask: (resolve: (answer: T) => void, reject: (cause: unknown) => void) => void): Promise<T> {
    const late = new AbortController();
    const fail = (why: string): never => {
      throw new Error(why);
    };
    try {
      return await Promise.race([
        new Promise<T>(ask),
        this.ended.then(fail),
        waitFor(LIMITS.siteAnswerMs, late.signal).then(() => fail("the broker does not answer")),
      ]);
    } finally {
      late.abort();
    }
  }
}

function liftFor({ pictures, picturePacketBytes }: ConnectionDeps, loginId: string): SiteLift | null {
  if (pictures === undefined) return null;
  return new SiteLift({
    bytesMax: picturePacketBytes,
    isPicture: (topic) => pictures.cameraOf({ kind: "site", id: loginId }, topic) !== null,
    drop: (why) => pictures.drop(why),
  });
}

function codeOf(error: Error): number | string | null {
  const code: unknown = Reflect.get(error, "code");
  return typeof code === "number" || typeof code === "string" ? code : null;
}

/** The codes of a SUBACK; null when there was none. */
function grantedIn(packet: object | undefined): readonly unknown[] | null {
  const granted: unknown = packet === undefined ? null : Reflect.get(packet, "granted");
  return Array.isArray(granted) ? granted : null;
}
