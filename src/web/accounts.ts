// How a person is let in: the first time with the one-time code, afterwards with user name and passphrase.
import type { Board } from "../core/board.ts";
import type { Clock } from "../core/clock.ts";
import { LIMITS } from "../core/limits.ts";
import { hashPassphrase, PASSPHRASE_MISTAKES, passphraseMistake, verifyPassphrase } from "../registry/passphrase.ts";
import type { Account, Registry } from "../registry/registry.ts";
import type { Attempts } from "./attempts.ts";
import type { SetupCode } from "./setup-code.ts";

/** The name of the first user (interfaces §5). */
export const FIRST_USER = "steward";

export type Refusal =
  | "wrong-code"
  | "wrong-login"
  | "set-up-already"
  | "passphrase-short"
  | "passphrase-long"
  | "passphrase-plain"
  | "too-many";
export type Admission =
  | { readonly kind: "admitted"; readonly account: Account }
  | { readonly kind: "refused"; readonly why: Refusal };

/** What a person reads, and the HTTP status a program reads. */
export const REFUSALS: Record<Refusal, { readonly status: 400 | 401 | 409 | 429; readonly sentence: string }> = {
  "wrong-code": {
    status: 401,
    sentence: "This is not the set-up code. It has 8 characters and stands on the gateway's console.",
  },
  "wrong-login": { status: 401, sentence: "User name or passphrase is wrong." },
  "set-up-already": { status: 409, sentence: "This gateway is set up already, and its code is void. Please log in." },
  "passphrase-short": { status: 400, sentence: PASSPHRASE_MISTAKES.short },
  "passphrase-long": { status: 400, sentence: PASSPHRASE_MISTAKES.long },
  "passphrase-plain": { status: 400, sentence: PASSPHRASE_MISTAKES.plain },
  "too-many": { status: 429, sentence: "Too many attempts at once. Please wait a few seconds and try again." },
};

export type Accounts = {
  isSetUp(): boolean;
  setUp(
    ask: { readonly code: string; readonly passphrase: string; readonly address: string },
    stop: AbortSignal,
  ): Promise<Admission>;
  logIn(
    ask: { readonly user: string; readonly passphrase: string; readonly address: string },
    stop: AbortSignal,
  ): Promise<Admission>;
};

type Deps = {
  readonly registry: Registry;
  readonly setupCode: SetupCode;
  readonly attempts: Attempts;
  readonly board: Board;
  readonly clock: Clock;
};

/** Both ways in are slowed down by `attempts`; an unknown user and a wrong passphrase get the same answer in the same time. */
export function accountsOf(deps: Deps): Accounts {
  const isSetUp = () => deps.registry.data().accounts.some(({ role }) => role === "steward");
  return {
    isSetUp,
    setUp: async ({ code, passphrase, address }, stop) => {
      if (isSetUp()) return refuse(deps, "set-up-already");
      const outcome = await deps.attempts.run(address, async () => deps.setupCode.matches(code), stop);
      if (outcome === "too-many") return refuse(deps, "too-many");
      if (outcome === "failed") return refuse(deps, isSetUp() ? "set-up-already" : "wrong-code");
      const weakness = weaknessOf(passphrase, deps.setupCode);
      if (weakness !== null) return refuse(deps, weakness);
      return makeSteward(deps, await hashPassphrase(passphrase));
    },
    logIn: async ({ user, passphrase, address }, stop) => {
      const account = deps.registry.data().accounts.find((each) => each.user === user);
      const check = () => verifyPassphrase(passphrase.slice(0, LIMITS.passphraseMax), account?.passphraseHash ?? null);
      const outcome = await deps.attempts.run(address, check, stop);
      if (outcome === "passed" && account !== undefined) return { kind: "admitted", account };
      return refuse(deps, outcome === "too-many" ? "too-many" : "wrong-login");
    },
  };
}

async function makeSteward({ registry, setupCode, clock, board }: Deps, passphraseHash: string): Promise<Admission> {
  const account: Account = {
    user: FIRST_USER,
    role: "steward",
    passphraseHash,
    createdAt: new Date(clock.nowMs()).toISOString(),
  };
  let isMade = false;
  // Looked at again inside the update: two people may have typed the right code at the same moment.
  await registry.update((data) => {
    if (data.accounts.some(({ role }) => role === "steward")) return;
    data.accounts = [...data.accounts.filter(({ user }) => user !== FIRST_USER), account];
    isMade = true;
  });
  if (!isMade) return refuse({ board }, "set-up-already");
  await setupCode.end();
  return { kind: "admitted", account };
}

function weaknessOf(passphrase: string, setupCode: SetupCode): Refusal | null {
  const mistake = passphraseMistake(passphrase) ?? (setupCode.matches(passphrase) ? "plain" : null);
  return mistake === null ? null : `passphrase-${mistake}`;
}

function refuse({ board }: { board: Board }, why: Refusal): Admission {
  board.count(`web.refused.${why}`);
  return { kind: "refused", why };
}
