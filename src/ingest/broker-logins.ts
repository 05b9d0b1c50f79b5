// Who may come in: passwords and certificates checked, refusals counted, told and slowed down.
import type { Client } from "aedes";
import type { Login } from "../core/arrival.ts";
import type { Board } from "../core/board.ts";
import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import type { Incoming } from "./broker-incoming.ts";
import { BROKER_LIMITS } from "./broker-limits.ts";
import { Refusals, wrongLoginDelayMs } from "./broker-refusals.ts";
import type { Session, Sessions } from "./broker-sessions.ts";
import type { Refusal } from "./mqtt-form.ts";

type Deps = {
  readonly authenticate: (username: string, password: string) => Login | null;
  readonly authenticateByCertificate?: (commonName: string) => Login | null;
  readonly sessions: Sessions;
  readonly clock: Clock;
  readonly board: Board;
  readonly log: Log;
};

/** What a CONNECT carries. */
export type Credentials = { readonly username: string | undefined; readonly password: Buffer | undefined };

/** `replaced`: a connection of the same login that must go for this one. `returnCode`: of the CONNACK, after `delayMs`. */
export type LoginAnswer =
  | { readonly kind: "in"; readonly session: Session; readonly replaced: Session | null }
  | { readonly kind: "denied"; readonly returnCode: 3 | 5; readonly delayMs: number };

export class Logins {
  readonly #deps: Deps;
  readonly #wrong: Refusals;
  readonly #versions: Refusals;
  readonly #crowded: Refusals;

  constructor(deps: Deps) {
    this.#deps = deps;
    this.#wrong = new Refusals({ clock: deps.clock, tellMs: BROKER_LIMITS.wrongLoginTellMs });
    this.#versions = new Refusals({ clock: deps.clock, tellMs: BROKER_LIMITS.versionTellMs });
    this.#crowded = new Refusals({ clock: deps.clock, tellMs: BROKER_LIMITS.wrongLoginTellMs });
  }

  /** Decides on a CONNECT; a session that is let in is registered. */
  decide(client: Client, { network, commonName }: Incoming, credentials: Credentials): LoginAnswer {
    const { board, log, clock, sessions } = this.#deps;
    const login = this.#loginOf(commonName, credentials);
    if (login === null) {
      board.count("broker.refused.login");
      const { count, untold } = this.#wrong.note(network);
      // No name: it may be a mistyped password.
      if (untold > 0) log.warn({ times: untold }, "MQTT login refused: wrong name or password");
      return { kind: "denied", returnCode: 5, delayMs: wrongLoginDelayMs(count) };
    }
    const session: Session = {
      client,
      login,
      network,
      filters: new Map(),
      heardAtMs: clock.monotonicMs(),
      inHand: 0,
      inHandBytes: 0,
      packetId: 0,
      unanswered: new Map(),
    };
    const added = sessions.add(session);
    if ("replaced" in added) return { kind: "in", session, replaced: added.replaced };
    board.count(`broker.refused.${added.why}`);
    const { untold } = this.#crowded.note(network);
    if (untold > 0) log.warn({ login: login.id, times: untold }, `MQTT login refused: ${WHY[added.why]}`);
    return { kind: "denied", returnCode: added.returnCode, delayMs: 0 };
  }

  /** Counts a CONNECT that was refused for its form, and tells what to do about a version that is not spoken here. */
  refused(why: Refusal["why"], network: string): void {
    this.#deps.board.count(`broker.refused.${why}`);
    if (why === "empty-client-id") return;
    const { untold } = this.#versions.note(network);
    const hint = "set the device to MQTT 3.1.1";
    if (untold > 0)
      this.#deps.log.warn({ times: untold, hint }, "a device speaks a version of MQTT that is not spoken here");
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
  "client-id": "its client id is another login's",
  "too-many-connections": "too many connections",
} as const;
