// The embedded broker: the one door to aedes. Devices publish and hear their own commands; nobody listens to the house (I8).
// Traps of aedes 1.2 that this file exists for: PUBACK is written before a message is published, so only the
// `authorizePublish` hook can hold it back; wills pass that hook without a message id; replacing it removes the $SYS guard;
// a re-sent QoS 2 message passes it again; retained messages and persistent sessions have no bound, so there are none here:
// every session is clean, and nothing is ever kept for whoever subscribes later.
import { Aedes, type Client, type ConnectPacket, type PublishPacket, type Subscription } from "aedes";
import type { Login } from "../core/arrival.ts";
import type { Board } from "../core/board.ts";
import type { Clock } from "../core/clock.ts";
import { LIMITS } from "../core/limits.ts";
import type { Log } from "../core/log.ts";
import { dropWill, forgetTheGone, onRelease } from "./aedes-inside.ts";
import { type Command, forward, sendCommand } from "./broker-commands.ts";
import { type BrokerLimits, type Connection, counterOf, openConnection } from "./broker-connection.ts";
import { BROKER_LIMITS } from "./broker-limits.ts";
import type { Incoming, ListenerSettings } from "./broker-incoming.ts";
import { type Listeners, openListeners } from "./broker-listeners.ts";
import { type LoginRules, Logins } from "./broker-logins.ts";
import { Messages } from "./broker-messages.ts";
import { Pace } from "./broker-pace.ts";
import { PictureRoom } from "./broker-pictures.ts";
import { receive } from "./broker-porch.ts";
import { mayListen, type Session, Sessions } from "./broker-sessions.ts";
import type { Credentials } from "./mqtt-form.ts";
import type { Pictures, Take } from "./source.ts";

type Deps = ListenerSettings &
  LoginRules & {
    readonly limits: BrokerLimits;
    readonly mayPublish: (login: Login, topic: string) => boolean;
    readonly maySubscribe: (login: Login, filter: string) => boolean;
    /** Whose messages are pictures, which may be as large as `picturePacketBytes`; without, nobody's. */
    readonly pictures?: Pictures | undefined;
    readonly take: Take;
    /** Resolves when all that was taken before is on disk. */
    readonly settled: () => Promise<void>;
    /** Whether acknowledgements are held back because the disk is full. */
    readonly isHeldBack: () => boolean;
    readonly clock: Clock;
    readonly board: Board;
    readonly log: Log;
  };

export type Broker = AsyncDisposable & {
  readonly port: number;
  readonly tlsPort: number | null;
  readonly websocketPort: number | null;
  /** Ends the login's connections at once, so that new credentials or a revocation hold. */
  disconnect(login: Login): void;
  /** Whether a client that subscribed to the topic took the command: see sendCommand. Never rejects. */
  send(command: Command): Promise<boolean>;
};

/** Opens the broker's ports. Throws PORT_IN_USE, CERTIFICATE_UNUSABLE or, for an address this machine lacks, CONFIG_INVALID. */
export async function openBroker(deps: Deps): Promise<Broker> {
  const aedes = await Aedes.createBroker({
    connectTimeout: LIMITS.connectTimeoutMs,
    drainTimeout: LIMITS.brokerDrainMs,
    // Unbounded: else a hundred messages that wait for one frozen subscriber hold up everybody's; each has its own bound.
    concurrency: 0,
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
  readonly #sessions: Sessions;
  readonly #logins: Logins;
  readonly #messages: Messages;
  readonly #shared = { pace: new Pace(), pictureRoom: new PictureRoom(BROKER_LIMITS.pictureBytes) };
  readonly #connections = new WeakMap<Client, Connection>();
  #listeners: Listeners | null = null;
  #isClosing = false;

  constructor(deps: Deps, aedes: Aedes) {
    this.#deps = deps;
    this.#aedes = aedes;
    this.#sessions = new Sessions(deps.limits);
    this.#logins = new Logins({ ...deps, sessions: this.#sessions });
    this.#messages = new Messages(deps);
    // A bridge hears its own messages again, and a few of the largest may wait for it.
    const outgoingBytes = Math.max(BROKER_LIMITS.outgoingBytes, 4 * deps.limits.packetBytes);
    aedes.preConnect = (client, packet, done) => done(null, this.#preConnect(client, packet));
    aedes.authenticate = (client, username, password, done) => {
      const denied = this.#authenticate(client, { username, password });
      if (denied !== "gone") done(denied, denied === null);
    };
    aedes.authorizePublish = (client, packet, done) => this.#authorizePublish(client, packet, done);
    aedes.authorizeSubscribe = (client, subscription, done) =>
      done(null, this.#authorizeSubscribe(client, subscription));
    aedes.authorizeForward = (client, packet) =>
      forward(client, packet, { ...deps, sessions: this.#sessions, bytesMax: outgoingBytes });
    aedes.on("unsubscribe", (filters, client) => {
      for (const filter of filters) this.#sessionOf(client)?.filters.delete(filter);
    });
    aedes.on("clientError", (client, error) => this.#onClientError(client, error));
    aedes.on("connectionError", (client, error) => this.#onClientError(client, error));
    forgetTheGone(aedes);
    onRelease(aedes, (client, messageId) => this.#messages.release(client, messageId));
  }

  get port(): number {
    return this.#listeners?.port ?? this.#deps.listen.port;
  }

  get tlsPort(): number | null {
    return this.#listeners?.tlsPort ?? null;
  }

  get websocketPort(): number | null {
    return this.#listeners?.websocketPort ?? null;
  }

  async open(): Promise<void> {
    this.#listeners = await openListeners({
      ...this.#deps,
      // A picture by WebSocket comes in several frames [MQTT-6.0.0-4]: ws holds each whole, outside the bound on pictures.
      bytesMax: this.#deps.limits.packetBytes + LIMITS.preConnectBytes,
      onConnection: (incoming) => this.#onConnection(incoming),
    });
  }

  disconnect(login: Login): void {
    for (const { client } of this.#sessions.of(login)) this.#end(client);
  }

  send(command: Command): Promise<boolean> {
    return sendCommand(this.#sessions, command);
  }

  /** No new connections, then what is in hand is finished, so that its acknowledgements still go out. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#isClosing) return;
    this.#isClosing = true;
    this.#listeners?.close();
    // What a full disk holds back is not acknowledged, so nothing is lost by not waiting for it.
    if (!this.#deps.isHeldBack()) await this.#messages.finish();
    // One turn of the event loop: the acknowledgements just allowed are written now.
    await new Promise(setImmediate);
    for (const { client } of this.#sessions.all()) dropWill(client);
    await new Promise<void>((resolve) => this.#aedes.close(resolve));
  }

  #onConnection(incoming: Incoming): void {
    let login: Login | undefined;
    receive(incoming, {
      decide: (credentials) => {
        const identity = this.#logins.identify(incoming, credentials);
        if (identity.kind === "in") login = identity.login;
        return identity;
      },
      comeIn: () => {
        if (login === undefined) return;
        const client = this.#aedes.handle(incoming.stream);
        const connection = openConnection(client, { incoming, login }, { ...this.#deps, ...this.#shared });
        this.#connections.set(client, connection);
      },
      turnedAway: (why) => this.#logins.refused(why, incoming.network),
    });
  }

  #preConnect(client: Client, packet: ConnectPacket): boolean {
    // No persistent sessions: their queues have no bound, and a device's commands are sent again by whoever wants them.
    packet.clean = true;
    if (this.#isClosing) client.conn.destroy();
    return !this.#isClosing;
  }

  /** The password was right when its CONNECT came: whether it still is, and whether there is a place for the client. */
  #authenticate(client: Client, credentials: Credentials): Denial | null | "gone" {
    const connection = this.#connections.get(client);
    if (connection === undefined || client.conn.destroyed) return "gone";
    const { login, incoming } = connection;
    const admitted = this.#logins.admit(client, login, { incoming, credentials });
    if ("why" in admitted) return Object.assign(new Error(admitted.why), { returnCode: admitted.returnCode });
    const { session, replaced } = admitted;
    connection.session = session;
    incoming.loggedIn();
    incoming.stream.once("close", () => this.#sessions.delete(session));
    if (replaced !== null) this.#end(replaced.client);
    return null;
  }

  #authorizePublish(client: Client | null, packet: PublishPacket, done: (error?: Error | null) => void): void {
    const connection = client === null ? undefined : this.#connections.get(client);
    const session = connection?.session;
    if (client === null || connection === undefined || session === undefined) {
      done(new Error("no login"));
      return;
    }
    const picture = connection.lift?.take(packet.payload) ?? null;
    const bytes = packet.payload.length;
    session.inHand += 1;
    session.inHandBytes += bytes;
    const settle = (error: Error | null) => {
      session.inHand -= 1;
      session.inHandBytes -= bytes;
      done(error);
      if (session.inHand <= BROKER_LIMITS.inHandMessages / 2) connection.guard.resume();
    };
    this.#messages.publish(client, session.login, packet, picture).then(
      () => settle(null),
      (cause: unknown) => {
        this.#deps.board.count("broker.unacknowledged");
        // The connection ends by our doing: its will would say that the device went away.
        dropWill(client);
        settle(cause instanceof Error ? cause : new Error("not kept"));
      },
    );
  }

  #authorizeSubscribe(client: Client, subscription: Subscription): Subscription | null {
    const session = this.#sessionOf(client);
    const { topic, qos } = subscription;
    if (session === undefined || !mayListen(session, topic) || !this.#deps.maySubscribe(session.login, topic)) {
      this.#deps.board.count("broker.refused.subscribe");
      return null;
    }
    session.filters.set(topic, qos);
    return subscription;
  }

  #sessionOf(client: Client): Session | undefined {
    return this.#connections.get(client)?.session;
  }

  /** Ends a connection at once by the house's own doing, whether or not its peer still reads. */
  #end(client: Client): void {
    dropWill(client);
    client.close();
    client.conn.destroy();
  }

  #onClientError(client: Client, { message }: Error): void {
    this.#deps.board.count(counterOf(message));
    const login = this.#sessionOf(client)?.login.id;
    this.#deps.log.debug({ login, why: message.slice(0, 120) }, "MQTT connection ended");
  }
}

/** An error as aedes answers it: `returnCode` goes into the CONNACK. */
type Denial = Error & { readonly returnCode: 3 | 5 };
