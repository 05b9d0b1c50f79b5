// How a person is let in: the first time with the one-time code, afterwards with user name and passphrase.
import type { Board } from "../core/board.ts";
import type { Clock } from "../core/clock.ts";
import { LIMITS } from "../core/limits.ts";
import type { ChangeJournal } from "../core/change-journal.ts";
import type { UserCommands } from "../core/user-commands.ts";
import type { Language, MessageKey, MessageValues } from "../languages/say.ts";
import { hashPassphrase, passphraseMistake, verifyPassphrase } from "../registry/passphrase.ts";
import type { Account, Registry } from "../registry/registry.ts";
import type { Attempts } from "./attempts.ts";
import { isKnownBrowser } from "./session-cookie.ts";
import type { SetupCode } from "./setup-code.ts";

/** The name of the first user (interfaces §5). */
export const FIRST_USER = "steward";

export type Refusal =
  | "wrong-code"
  | "wrong-login"
  | "wrong-passphrase"
  | "set-up-already"
  | "passphrase-short"
  | "passphrase-long"
  | "passphrase-plain"
  | "too-many";
export type Admission =
  | { readonly kind: "admitted"; readonly account: Account }
  | { readonly kind: "refused"; readonly why: Refusal };

/** What a person reads, and the HTTP status a program reads. */
export const REFUSALS: Record<
  Refusal,
  { readonly status: 400 | 401 | 409 | 429; readonly key: MessageKey; readonly values?: MessageValues }
> = {
  "wrong-code": { status: 401, key: "login.wrong-code" },
  "wrong-login": { status: 401, key: "login.wrong-login" },
  "wrong-passphrase": { status: 400, key: "login.wrong-passphrase" },
  "set-up-already": { status: 409, key: "login.set-up-already" },
  "passphrase-short": { status: 400, key: "login.passphrase-short", values: { least: LIMITS.passphraseMin } },
  "passphrase-long": { status: 400, key: "login.passphrase-long", values: { most: LIMITS.passphraseMax } },
  "passphrase-plain": { status: 400, key: "login.passphrase-plain" },
  "too-many": { status: 429, key: "login.too-many" },
};

/** The sentence of a refusal. */
export function refusalIn({ say }: Pick<Language, "say">, why: Refusal): string {
  const { key, values } = REFUSALS[why];
  return say(key, values);
}

/** From where somebody tries to come in. `browserWord`: see session-cookie.ts. */
type Coming = { readonly address: string; readonly browserWord?: string | undefined };

export type Accounts = {
  isSetUp(): boolean;
  setUp(ask: Coming & { readonly code: string; readonly passphrase: string }, stop: AbortSignal): Promise<Admission>;
  logIn(ask: Coming & { readonly user: string; readonly passphrase: string }, stop: AbortSignal): Promise<Admission>;
  /** Another passphrase of one's own; all one's sessions are over with it, and the new account is to be let in anew. */
  change(
    ask: Coming & { readonly user: string; readonly old: string; readonly passphrase: string },
    stop: AbortSignal,
  ): Promise<Admission>;
};

type Deps = {
  readonly registry: Registry;
  readonly setupCode: SetupCode;
  readonly attempts: Attempts;
  readonly board: Board;
  readonly clock: Clock;
  readonly users: Pick<UserCommands, "resetUser">;
  readonly journal: ChangeJournal;
  /** The one check of a passphrase; tests count it. */
  readonly verify?: typeof verifyPassphrase;
};

/** Both ways in are slowed down by `attempts`; an unknown user and a wrong passphrase get the same answer in the same time. */
export function accountsOf(deps: Deps): Accounts {
  const isSetUp = () => deps.registry.data().accounts.some(({ role }) => role === "steward");
  /** One wait and one scrypt, whoever is named: of an unknown name too. */
  const check = async (
    { user, passphrase, address, browserWord }: Coming & { readonly user: string; readonly passphrase: string },
    stop: AbortSignal,
  ): Promise<Admission> => {
    const account = deps.registry.data().accounts.find((each) => each.user === user);
    const isKnown = isKnownBrowser(browserWord, account ?? NOBODY) && account !== undefined;
    const approach = { address, account: user, ...(isKnown && browserWord !== undefined && { browser: browserWord }) };
    const { verify = verifyPassphrase } = deps;
    const matches = () => verify(passphrase.slice(0, LIMITS.passphraseMax), account?.passphraseHash ?? null);
    const outcome = await deps.attempts.run(approach, matches, stop);
    if (outcome === "passed" && account !== undefined) return { kind: "admitted", account };
    if (outcome === "failed") deps.journal.note({ what: "login-failed", by: account?.user ?? null, address });
    return refuse(deps, outcome === "too-many" ? "too-many" : "wrong-login");
  };
  return {
    isSetUp,
    setUp: async ({ code, passphrase, address }, stop) => {
      if (isSetUp()) return refuse(deps, "set-up-already");
      const outcome = await deps.attempts.run(address, async () => deps.setupCode.matches(code), stop);
      if (outcome === "too-many") return refuse(deps, "too-many");
      if (outcome === "failed") return refuse(deps, isSetUp() ? "set-up-already" : "wrong-code");
      const weakness = weaknessOf(passphrase, deps.setupCode);
      if (weakness !== null) return refuse(deps, weakness);
      const admission = await makeSteward(deps, await hashPassphrase(passphrase));
      if (admission.kind === "admitted") deps.journal.note({ what: "set-up", by: admission.account.user, address });
      return admission;
    },
    logIn: async (ask, stop) => {
      const admission = await check(ask, stop);
      if (admission.kind === "admitted") deps.journal.note({ what: "login", by: ask.user, address: ask.address });
      return admission;
    },
    change: async ({ old, passphrase, ...ask }, stop) => {
      const weakness = weaknessOf(passphrase, deps.setupCode);
      if (weakness !== null) return refuse(deps, weakness);
      const admission = await check({ ...ask, passphrase: old }, stop);
      if (admission.kind === "refused")
        return admission.why === "too-many" ? admission : refuse(deps, "wrong-passphrase");
      await deps.users.resetUser({ user: ask.user, passphrase });
      const account = deps.registry.data().accounts.find(({ user }) => user === ask.user);
      return account === undefined ? refuse(deps, "wrong-passphrase") : { kind: "admitted", account };
    },
  };
}

/** Stands where there is no account, so that its check takes the same steps. */
const NOBODY: Account = { user: "", role: "volunteer", passphraseHash: "nobody", createdAt: "" };

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
