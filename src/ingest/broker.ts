// The embedded broker: the one door to aedes. Devices publish and hear their own commands; nobody listens to the house (I8).
// Traps of aedes 1.2 that this file exists for: PUBACK is written before a message is published, so only the
// `authorizePublish` hook can hold it back; wills pass that hook without a message id; replacing it removes the $SYS guard;
// a re-sent QoS 2 message passes it again; retained messages and persistent sessions have no bound, so there are none here.
import { createServer, type Server, type Socket } from "node:net";
import { Aedes, type Client, type ConnectPacket, type PublishPacket, type Subscription } from "aedes";
import type { Login } from "../core/arrival.ts";
import type { Board } from "../core/board.ts";
import type { Clock } from "../core/clock.ts";
import { GatewayError, messageOf, systemCodeOf } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import type { Log } from "../core/log.ts";
import { dropWill, guardPacketLength, onRelease } from "./aedes-inside.ts";
import type { Take } from "./source.ts";

/** `authenticate`: null when name or password is wrong. `mayPublish`, `maySubscribe`: by topic and by filter. */
type Deps = {
  readonly listen: { readonly host: string; readonly port: number };
  readonly limits: { readonly connections: number; readonly packetBytes: number };
  readonly authenticate: (username: string, password: string) => Login | null;
  readonly mayPublish: (login: Login, topic: string) => boolean;
  readonly maySubscribe: (login: Login, filter: string) => boolean;
  readonly take: Take;
  /** Resolves when all that was taken before is on disk: a refused message is acknowledged in its turn [MQTT-4.6.0-2]. */
  readonly settled: () => Promise<void>;
  /** Whether acknowledgements are held back because the disk is full. */
  readonly isHeldBack: () => boolean;
  readonly clock: Clock;
  readonly board: Board;
  readonly log: Log;
};

export type Broker = AsyncDisposable & {
  readonly port: number;
  /** Ends the login's connections, so that new credentials or a revocation hold at once. */
  disconnect(login: Login): void;
};

/** A refused message is acknowledged and goes here, where no filter that a login may subscribe to reaches. */
const NOWHERE = "$hedgerow/refused";

/** Opens the broker's port. Throws PORT_IN_USE or, for an address this machine does not have, CONFIG_INVALID. */
export async function openBroker(deps: Deps): Promise<Broker> {
  const aedes = await Aedes.createBroker({
    connectTimeout: LIMITS.connectTimeoutMs,
    drainTimeout: LIMITS.brokerDrainMs,
  });
  const broker = new MqttBroker(deps, aedes);
  try {
    await broker.open();
  } catch (cause) {
    await broker[Symbol.asyncDispose]();
    throw cause;
  }
  return broker;
}

class MqttBroker implements Broker {
  readonly #deps: Deps;
  readonly #aedes: Aedes;
  readonly #server: Server;
  readonly #logins = new WeakMap<Client, Login>();
  readonly #clients = new Set<Client>();
  /**
   * QoS 2 messages of a connection from their first copy to their release: a second copy shares the first one's fate
   * [MQTT-4.3.3-2]. Nothing is remembered beyond the connection: every session is new here (CONNACK says so), so an id that
   * comes back is a new message. A message may then be taken twice; it is never lost.
   */
  readonly #unreleased = new WeakMap<Client, Map<number, Promise<void>>>();
  /** Acknowledgements go out in the order of the messages [MQTT-4.6.0-2], however long each one took. */
  readonly #turns = new WeakMap<Client, Promise<void>>();
  readonly #inHand = new Set<Promise<void>>();
  #isClosing = false;

  constructor(deps: Deps, aedes: Aedes) {
    this.#deps = deps;
    this.#aedes = aedes;
    this.#server = createServer({ noDelay: true }, (socket) => this.#onSocket(socket));
    this.#server.maxConnections = deps.limits.connections;
    this.#server.on("drop", () => deps.board.count("broker.refused.too-many-connections"));
    aedes.preConnect = (_client, packet, done) => done(null, this.#preConnect(packet));
    aedes.authenticate = (client, username, password, done) =>
      done(null, this.#authenticate(client, username, password));
    aedes.authorizePublish = (client, packet, done) => this.#authorizePublish(client, packet, done);
    aedes.authorizeSubscribe = (client, subscription, done) =>
      done(null, this.#authorizeSubscribe(client, subscription));
    aedes.on("clientDisconnect", (client) => this.#clients.delete(client));
    aedes.on("clientError", (client, error) => this.#onClientError(client, error));
    aedes.on("connectionError", (client, error) => this.#onClientError(client, error));
    onRelease(aedes, (client, messageId) => this.#unreleased.get(client)?.delete(messageId));
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : this.#deps.listen.port;
  }

  async open(): Promise<void> {
    const { host, port } = this.#deps.listen;
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", (cause) => {
        const isTaken = systemCodeOf(cause) === "EADDRINUSE";
        reject(
          new GatewayError(
            isTaken ? "PORT_IN_USE" : "CONFIG_INVALID",
            `cannot listen for MQTT on ${host}:${port}: ${messageOf(cause)}`,
            { cause },
          ),
        );
      });
      this.#server.listen({ host, port }, resolve);
    });
  }

  disconnect(login: Login): void {
    for (const client of this.#clients) {
      const its = this.#logins.get(client);
      if (its === undefined || !isSame(its, login)) continue;
      dropWill(client);
      client.close();
    }
  }

  /** No new connections, then what is in hand is finished, so that its acknowledgements still go out. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#server.close();
    // What a full disk holds back is not acknowledged, so nothing is lost by not waiting for it.
    if (!this.#deps.isHeldBack()) await Promise.allSettled(this.#inHand);
    // One turn of the event loop: the acknowledgements just allowed are written now.
    await new Promise(setImmediate);
    for (const client of this.#clients) dropWill(client);
    await new Promise<void>((resolve) => this.#aedes.close(resolve));
  }

  #onSocket(socket: Socket): void {
    const client = this.#aedes.handle(socket);
    guardPacketLength(client, () =>
      this.#logins.has(client) ? this.#deps.limits.packetBytes : LIMITS.preConnectBytes,
    );
  }

  #preConnect(packet: ConnectPacket): boolean {
    if (packet.will !== undefined && packet.will.payload.length > this.#deps.limits.packetBytes) return false;
    // No persistent sessions: their queues have no bound, and a device's commands are sent again by whoever wants them.
    packet.clean = true;
    return !this.#isClosing;
  }

  #authenticate(client: Client, username: string | undefined, password: Buffer | undefined): boolean {
    const login = this.#deps.authenticate(username ?? "", password?.toString("utf8") ?? "");
    if (login === null) {
      this.#deps.board.count("broker.refused.login");
      this.#deps.log.warn("MQTT login refused: wrong name or password"); // no name: it may be a mistyped password
      return false;
    }
    for (const other of this.#clients) {
      // Taking over a connection by its client id [MQTT-3.1.4-2] is for the login that owns it.
      const its = other.id === client.id ? this.#logins.get(other) : undefined;
      if (its === undefined || isSame(its, login)) continue;
      this.#deps.board.count("broker.refused.client-id");
      this.#deps.log.warn({ login: login.id, owner: its.id }, "MQTT login refused: its client id is another login's");
      return false;
    }
    this.#logins.set(client, login);
    this.#clients.add(client);
    return true;
  }

  #authorizePublish(client: Client | null, packet: PublishPacket, done: (error?: Error | null) => void): void {
    const login = client === null ? undefined : this.#logins.get(client);
    if (client === null || login === undefined) {
      done(new Error("no login"));
      return;
    }
    packet.retain = false;
    const taken = this.#takeOnce(client, login, packet);
    taken.catch(() => undefined); // heard in its turn
    const before = this.#turns.get(client) ?? Promise.resolve();
    const taking = before
      .then(() => taken)
      .then(
        () => done(null),
        (cause: unknown) => {
          this.#deps.board.count("broker.unacknowledged");
          // The connection ends by our doing: its will would say that the device went away.
          dropWill(client);
          done(cause instanceof Error ? cause : new Error("not kept"));
        },
      );
    this.#turns.set(client, taking);
    this.#inHand.add(taking);
    void taking.finally(() => this.#inHand.delete(taking));
  }

  /** A QoS 2 message that comes again before its release is not taken again. */
  #takeOnce(client: Client, login: Login, packet: PublishPacket): Promise<void> {
    const { qos, messageId } = packet;
    if (qos !== 2 || messageId === undefined) return this.#take(login, packet);
    const open = this.#unreleased.get(client) ?? new Map<number, Promise<void>>();
    this.#unreleased.set(client, open);
    const known = open.get(messageId);
    if (known !== undefined) return known;
    const taking = this.#take(login, packet);
    open.set(messageId, taking);
    taking.catch(() => open.delete(messageId));
    return taking;
  }

  #take(login: Login, packet: PublishPacket): Promise<void> {
    if (!this.#deps.mayPublish(login, packet.topic)) {
      // Acknowledged, counted and dropped: closing the connection would fire the will and start a loop of reconnects.
      this.#deps.board.count("broker.refused.topic");
      redirectNowhere(packet);
      return this.#deps.settled();
    }
    const { topic, payload } = packet;
    const receivedAtMs = this.#deps.clock.nowMs();
    return this.#deps.take({ topic, payload: toBytes(payload), isReplay: false, login, receivedAtMs });
  }

  #authorizeSubscribe(client: Client, subscription: Subscription): Subscription | null {
    const login = this.#logins.get(client);
    if (login !== undefined && this.#deps.maySubscribe(login, subscription.topic)) return subscription;
    this.#deps.board.count("broker.refused.subscribe");
    return null;
  }

  #onClientError(client: Client, error: Error): void {
    this.#deps.board.count(
      error.message.includes("packet too large") ? "broker.refused.packet-too-large" : "broker.client-error",
    );
    const login = this.#logins.get(client)?.id;
    this.#deps.log.debug({ login, why: error.message.slice(0, 120) }, "MQTT connection ended");
  }
}

function isSame(one: Login, other: Login): boolean {
  return one.kind === other.kind && one.id === other.id;
}

function redirectNowhere(packet: PublishPacket): void {
  packet.topic = NOWHERE;
  packet.payload = Buffer.alloc(0);
}

function toBytes(payload: string | Buffer): Buffer {
  return typeof payload === "string" ? Buffer.from(payload) : payload;
}
