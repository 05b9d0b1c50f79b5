// Who may come in: passwords and certificates checked, refusals counted, told and slowed down.
import type { Client } from "aedes";
import type { Login } from "../core/arrival.ts";
import type { Board } from "../core/board.ts";
import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import type { BrokerLimits } from "./broker-connection.ts";
import type { Incoming } from "./broker-incoming.ts";
import { BROKER_LIMITS } from "./broker-limits.ts";
import { Pace } from "./broker-pace.ts";
import { Refusals, wrongLoginDelayMs } from "./broker-refusals.ts";
import { ANOTHERS_ID, type Denied, isSame, type Session, type Sessions } from "./broker-sessions.ts";
import type { Credentials, Refusal } from "./mqtt-form.ts";

/** Who may log in, by the kit as it is. */
export type LoginRules = {
  readonly authenticate: (username: string, password: string) => Login | null;
  /** The login of a certificate's common name, or null; without it certificates log nobody in. */
  readonly authenticateByCertificate?: (commonName: string) => Login | null;
  /** Whether the client id is the name or topic of another login, which may want it after a power cut. */
  readonly isAnothers?: (login: Login, clientId: string) => boolean;
};

type Deps = LoginRules & {
  readonly limits: Pick<BrokerLimits, "messagesPerSecondPerDevice">;
  readonly sessions: Sessions;
  readonly clock: Clock;
  readonly board: Board;
  readonly log: Log;
};

/** What a password or certificate is worth; a wrong one hears so after `delayMs`, one that comes too often is asked again then. */
export type Identity =
  | { readonly kind: "in"; readonly login: Login }
  | { readonly kind: "wrong" | "busy"; readonly delayMs: number };

export class Logins {
  readonly #deps: Deps;
  readonly #wrong: Refusals;
  readonly #versions: Refusals;
  readonly #crowded: Refusals;
  readonly #pace = new Pace();

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#wrong = new Refusals({ clock: deps.clock, tellMs: BROKER_LIMITS.wrongLoginTellMs });
    this.#versions = new Refusals({ clock: deps.clock, tellMs: BROKER_LIMITS.versionTellMs });
    this.#crowded = new Refusals({ clock: deps.clock, tellMs: BROKER_LIMITS.wrongLoginTellMs });
  }

  /** Whose password or certificate this is. */
  identify({ network, commonName }: Incoming, credentials: Credentials): Identity {
    const login = this.#loginOf(commonName, credentials);
    if (login !== null) return this.#inItsTurn(login);
    this.#deps.board.count("broker.refused.login");
    const { count, untold } = this.#wrong.note(network);
    // No name: it may be a mistyped password.
    if (untold > 0) this.#deps.log.warn({ times: untold }, "MQTT login refused: wrong name or password");
    return { kind: "wrong", delayMs: wrongLoginDelayMs(count) };
  }

  /**
   * Registers a client under its login, or says why it gets no connection. `replaced`: one that must go for it. Between its CONNECT and this
   * moment the login may have been revoked, and then nobody would end the connection any more.
   */
  admit(
    client: Client,
    login: Login,
    { incoming: { network, commonName }, credentials }: { incoming: Incoming; credentials: Credentials },
  ): Denied | { readonly session: Session; readonly replaced: Session | null } {
    const { board, log, clock, sessions } = this.#deps;
    const nowMs = clock.monotonicMs();
    const still = this.#loginOf(commonName, credentials);
    if (still === null || !isSame(still, login)) return { why: "login", returnCode: 5 };
    const session: Session = {
      client,
      login,
      network,
      filters: new Map(),
      sinceMs: nowMs,
      heardAtMs: nowMs,
      inHand: 0,
      inHandBytes: 0,
      packetId: 0,
      unanswered: new Map(),
    };
    const isAnothers = this.#deps.isAnothers?.(login, client.id) === true;
    const added = isAnothers ? ANOTHERS_ID : sessions.add(session);
    if ("replaced" in added) return { session, replaced: added.replaced };
    board.count(`broker.refused.${added.why}`);
    const { untold } = this.#crowded.note(network);
    if (untold > 0) log.warn({ login: login.id, times: untold }, `MQTT login refused: ${WHY[added.why]}`);
    return added;
  }

  /** Counts what was refused for its form, and tells what to do about a version that is not spoken here. */
  refused(why: Refusal["why"] | "malformed" | "packet-too-large", network: string): void {
    this.#deps.board.count(`broker.refused.${why}`);
    if (why !== "version-5" && why !== "version") return;
    const { untold } = this.#versions.note(network);
    const hint = "set the device to MQTT 3.1.1";
    if (untold > 0)
      this.#deps.log.warn({ times: untold, hint }, "a device speaks a version of MQTT that is not spoken here");
  }

  /**
   * A client is 70 kB until it is collected: a login that comes and goes more often than a device may speak has to wait its
   * turn, as its messages have; it is not refused.
   */
  #inItsTurn(login: Login): Identity {
    const { board, clock, limits } = this.#deps;
    const perS = limits.messagesPerSecondPerDevice * (login.kind === "bridge" ? BROKER_LIMITS.bridgeDevices : 1);
    const waitMs = this.#pace.waitMs(`${login.kind} ${login.id}`, { perS, nowMs: clock.monotonicMs() });
    if (waitMs <= 0) return { kind: "in", login };
    board.count("broker.slowed-down");
    return { kind: "busy", delayMs: waitMs };
  }

  /** A certificate needs no password, and no other name than its own; with another name the password counts. */
  #loginOf(commonName: string | null, { username = "", password }: Credentials): Login | null {
    const { authenticate, authenticateByCertificate } = this.#deps;
    if (commonName !== null && (username === "" || username === commonName))
      return authenticateByCertificate?.(commonName) ?? null;
    return authenticate(username, password?.toString("utf8") ?? "");
  }
}

const WHY = {
  login: "it has just ended",
  "client-id": "its client id is another login's",
  "too-many-connections": "too many connections",
} as const;
