// Tokens: what a program such as Home Assistant comes in with instead of a passphrase. 256 random bits, kept as their SHA-256; when
// one was last used is kept in memory, and on disk once an hour at most.
import { createHash, randomBytes } from "node:crypto";
import type { Clock } from "../core/clock.ts";
import { GatewayError, messageOf } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { TOKEN_SCOPES, type TokenCommands, type TokenView } from "../core/people-commands.ts";
import { REGISTRY_LIMITS } from "./registry-limits.ts";
import type { Registry, Token } from "./registry.ts";

/** By which people and scanners of leaked secrets know one. */
const PREFIX = "hgr_";

type Deps = { readonly registry: Registry; readonly clock: Clock; readonly log: Log };

/** The tokens' part of core/commands.ts over a registry. */
export function createTokenCommands({ registry, clock, log }: Deps): TokenCommands {
  const used = new Map<string, { readonly atMs: number; keptMs: number }>();
  const viewOf = ({ id, name, may, by, createdAt, usedAt }: Token): TokenView => {
    const atMs = used.get(id)?.atMs;
    return {
      id,
      name,
      may,
      by,
      createdAt,
      usedAt: atMs === undefined ? (usedAt ?? null) : new Date(atMs).toISOString(),
    };
  };

  /** Not waited for: who asks for the status waits for no disk. */
  const noteUse = (id: string): void => {
    const nowMs = clock.nowMs();
    const { keptMs = Number.NEGATIVE_INFINITY } = used.get(id) ?? {};
    const isDue = clock.monotonicMs() - keptMs >= REGISTRY_LIMITS.tokenUsedMs;
    used.set(id, { atMs: nowMs, keptMs: isDue ? clock.monotonicMs() : keptMs });
    if (!isDue) return;
    const keep = registry.update((data) => {
      const token = data.tokens.find((each) => each.id === id);
      if (token !== undefined) token.usedAt = new Date(nowMs).toISOString();
    });
    keep.catch((cause: unknown) => log.warn({ cause: messageOf(cause) }, "when a token was used could not be written"));
  };

  return {
    listTokens: () => registry.data().tokens.map(viewOf),

    async addToken({ name: typed, may, by }) {
      const name = typed.trim();
      const scopes = TOKEN_SCOPES.filter((scope) => may.includes(scope));
      if (name === "" || name.length > REGISTRY_LIMITS.tokenNameChars || /\p{Cc}/u.test(name))
        throw new GatewayError("USAGE", `a token needs a name of 1 to ${REGISTRY_LIMITS.tokenNameChars} characters`, {
          hint: "Call it after the program that uses it, such as Home Assistant.",
        });
      if (scopes.length === 0)
        throw new GatewayError("USAGE", `a token needs at least one of ${TOKEN_SCOPES.join(", ")}`);
      const token = `${PREFIX}${randomBytes(32).toString("base64url")}`;
      const createdAt = new Date(clock.nowMs()).toISOString();
      const made: Token = {
        id: randomBytes(9).toString("base64url"),
        name,
        may: scopes,
        secretHash: sha256(token),
        by,
        createdAt,
      };
      await registry.update((data) => {
        if (data.tokens.length >= REGISTRY_LIMITS.tokens)
          throw new GatewayError("USAGE", `there are ${data.tokens.length} tokens already`, {
            hint: "Remove one that no program uses any more.",
          });
        data.tokens.push(made);
      });
      log.info({ id: made.id, may: scopes, by }, "a token was made");
      return { ...viewOf(made), token };
    },

    async removeToken({ id }) {
      await registry.update((data) => {
        if (!data.tokens.some((each) => each.id === id)) throw new GatewayError("NOT_FOUND", `there is no token ${id}`);
        data.tokens = data.tokens.filter((each) => each.id !== id);
      });
      used.delete(id);
      log.info({ id }, "a token was removed");
    },

    useToken(token) {
      if (!token.startsWith(PREFIX)) return null;
      const secretHash = sha256(token);
      const found = registry.data().tokens.find((each) => each.secretHash === secretHash);
      if (found === undefined) return null;
      noteUse(found.id);
      return viewOf(found);
    },
  };
}

function sha256(token: string): string {
  return createHash("sha256").update(token).digest("hex");
}
