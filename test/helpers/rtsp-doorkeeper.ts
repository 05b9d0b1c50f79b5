// The login of an RTSP server for tests, written from RFC 7616 and 7617 and from no code of ours: it checks what it asked for.
import { createHash } from "node:crypto";

export type Scheme = "basic" | "MD5" | "SHA-256";

/** `uses`: requests one nonce is good for; then the next is told with stale=true. `keepsRefusing`: whatever is answered. */
export type DoorSettings = {
  readonly user: string;
  readonly password: string;
  readonly schemes: readonly Scheme[];
  readonly hasQop?: boolean;
  readonly uses?: number;
  readonly keepsRefusing?: "wrong" | "stale";
};

export class Doorkeeper {
  readonly #door: DoorSettings;
  #given = 0;
  /** How often each nonce was used, by the count its user told last. */
  readonly #uses = new Map<string, number>();
  /** How often a wrong answer was given, requests without one not counted. */
  wrong = 0;

  constructor(door: DoorSettings) {
    this.#door = door;
  }

  /** Null: come in. Else the values of WWW-Authenticate. */
  refuse({ method, authorization }: { method: string; authorization: string | undefined }): string[] | null {
    const { keepsRefusing } = this.#door;
    if (keepsRefusing === "stale") return this.#challenges(true);
    if (authorization === undefined) return this.#challenges(false);
    const isRight = authorization.startsWith("Basic ")
      ? this.#isBasic(authorization)
      : this.#isDigest(method, authorization);
    if (isRight === "stale") return this.#challenges(true);
    if (!isRight || keepsRefusing === "wrong") {
      this.wrong += 1;
      return this.#challenges(false);
    }
    return null;
  }

  #challenges(isStale: boolean): string[] {
    this.#given += 1;
    const nonce = `n${this.#given}`;
    this.#uses.set(nonce, 0);
    const { schemes, hasQop = true } = this.#door;
    const more = `${hasQop ? ', qop="auth"' : ""}${isStale ? ", stale=true" : ""}`;
    return schemes.map((scheme) =>
      scheme === "basic" ? 'Basic realm="cam"' : `Digest realm="cam", nonce="${nonce}", algorithm=${scheme}${more}`,
    );
  }

  #isBasic(authorization: string): boolean {
    const { user, password, schemes } = this.#door;
    const told = Buffer.from(authorization.slice(6), "base64").toString();
    return schemes.includes("basic") && told === `${user}:${password}`;
  }

  #isDigest(method: string, authorization: string): boolean | "stale" {
    const { user, password, schemes, hasQop = true, uses = Number.POSITIVE_INFINITY } = this.#door;
    const told = Object.fromEntries(
      [...authorization.matchAll(/(\w+)="?([^",]*)"?/g)].map(([, name = "", value = ""]) => [name, value]),
    );
    const nonce = told["nonce"] ?? "";
    const used = this.#uses.get(nonce);
    if (used === undefined || used >= uses) return "stale";
    const scheme = told["algorithm"] === "SHA-256" ? "SHA-256" : "MD5";
    if (!schemes.includes(scheme)) return false;
    const hash = (text: string): string => createHash(scheme.replace("-", "").toLowerCase()).update(text).digest("hex");
    const asked = hash(`${method}:${told["uri"] ?? ""}`);
    const secret = hash(`${user}:cam:${password}`);
    const middle = hasQop ? `${told["nc"] ?? ""}:${told["cnonce"] ?? ""}:auth:` : "";
    const count = hasQop ? Number.parseInt(told["nc"] ?? "0", 16) : used + 1;
    // A count that does not go up is a replay.
    if (count <= used) return false;
    this.#uses.set(nonce, count);
    return told["response"] === hash(`${secret}:${nonce}:${middle}${asked}`);
  }
}
