// Who is logged in at the broker, and how many connections a login, an address and the house may have.
import type { Client } from "aedes";
import type { Login } from "../core/arrival.ts";
import { LIMITS } from "../core/limits.ts";
import { matches } from "../core/topics.ts";
import { ClientIds } from "./broker-client-ids.ts";
import { BROKER_LIMITS } from "./broker-limits.ts";

/** One connection that has logged in. */
export type Session = {
  readonly client: Client;
  readonly login: Login;
  readonly network: string;
  /** Granted filters with their quality of service. */
  readonly filters: Map<string, number>;
  /** Monotonic milliseconds of its login. */
  readonly sinceMs: number;
  /** Monotonic milliseconds of its latest packet. */
  heardAtMs: number;
  /** Messages that wait for the disk, and their bytes. */
  inHand: number;
  inHandBytes: number;
  /** The latest packet id that the broker chose for this client. */
  packetId: number;
  /** Commands that wait for their acknowledgement, by packet id. */
  readonly unanswered: Map<number, (isTaken: boolean) => void>;
};

/** Why a login with the right password gets no connection, with its CONNACK code. */
export type Denied = { readonly why: "client-id" | "login" | "too-many-connections"; readonly returnCode: 3 | 5 };

type Limits = { readonly connections: number; readonly connectionsPerAddress: number };

export class Sessions {
  readonly #all = new Set<Session>();
  readonly #clientIds = new ClientIds();
  readonly #limits: Limits;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  /**
   * Registers a login, or says why not. A login takes over its own connection of the same client id [MQTT-3.1.4-2], and
   * another login's only when it held this id for longer (ClientIds); aedes then ends that one. At its bound a login may
   * replace a connection that is most likely dead: that one is returned, for the caller to end.
   */
  add(session: Session): Denied | { readonly replaced: Session | null } {
    const { client, login, network, heardAtMs } = session;
    const namesake = this.get(client.id);
    const isMine = namesake !== undefined && isSame(namesake.login, login);
    if (namesake !== undefined && !isMine && !this.#hasHeldLonger(session, namesake)) return ANOTHERS_ID;
    const replaced = isMine ? null : this.#makeRoom(login, heardAtMs);
    if (replaced === "full") return TOO_MANY;
    if (namesake === undefined && replaced === null && this.#isFull(network)) return TOO_MANY;
    this.#all.add(session);
    return { replaced };
  }

  delete(session: Session): void {
    if (this.#all.delete(session))
      this.#clientIds.note(session.login, session.client.id, session.heardAtMs - session.sinceMs);
    for (const answer of session.unanswered.values()) answer(false);
  }

  /** Whose connection has this client id. */
  get(clientId: string): Session | undefined {
    return [...this.#all].find(({ client }) => client.id === clientId);
  }

  all(): readonly Session[] {
    return [...this.#all];
  }

  of(login: Login): readonly Session[] {
    return [...this.#all].filter((session) => isSame(session.login, login));
  }

  /** Who hears this topic, with the quality of service that was granted. */
  subscribersOf(topic: string): readonly { readonly session: Session; readonly qos: number }[] {
    return [...this.#all].flatMap((session) => {
      const granted = [...session.filters].filter(([filter]) => matches(filter, topic)).map(([, qos]) => qos);
      return granted.length === 0 ? [] : [{ session, qos: Math.max(...granted) }];
    });
  }

  #hasHeldLonger({ client, login }: Session, holder: Session): boolean {
    const heldMs = this.#clientIds.heldMs(holder.login, client.id) + holder.heardAtMs - holder.sinceMs;
    return this.#clientIds.heldMs(login, client.id) > heldMs;
  }

  #makeRoom(login: Login, nowMs: number): Session | "full" | null {
    const its = this.of(login);
    const most = login.kind === "bridge" ? BROKER_LIMITS.connectionsPerBridge : BROKER_LIMITS.connectionsPerDevice;
    if (its.length < most) return null;
    const quietest = its.reduce((one, other) => (other.heardAtMs < one.heardAtMs ? other : one));
    return nowMs - quietest.heardAtMs >= BROKER_LIMITS.silentMs ? quietest : "full";
  }

  #isFull(network: string): boolean {
    const { connections, connectionsPerAddress } = this.#limits;
    if (this.#all.size >= connections) return true;
    return [...this.#all].filter((session) => session.network === network).length >= connectionsPerAddress;
  }
}

/**
 * Whether this filter could be anybody's: `$SYS` and `$share` are nobody's, and who listens to a whole first level listens
 * to the house (I8). Whether it is this login's is the registry's to say.
 */
export function mayListen({ filters }: Session, filter: string): boolean {
  if (/^[$#+]/.test(filter) || Buffer.byteLength(filter) > LIMITS.topicBytes) return false;
  return filters.has(filter) || filters.size < BROKER_LIMITS.subscriptionsPerClient;
}

export const ANOTHERS_ID: Denied = { why: "client-id", returnCode: 5 };
const TOO_MANY: Denied = { why: "too-many-connections", returnCode: 3 };

export function isSame(one: Login, other: Login): boolean {
  return one.kind === other.kind && one.id === other.id;
}
