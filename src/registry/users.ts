// Accounts of the local page: added, given another passphrase, removed. Sessions end by themselves when their account is not
// what it was (web/sessions.ts), so nothing here has to reach them.
import { randomInt } from "node:crypto";
import type { Clock } from "../core/clock.ts";
import { GatewayError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { UserCommands, UserLogin } from "../core/user-commands.ts";
import { DeviceEntry } from "../settings/kit-schema.ts";
import { hashPassphrase, PASSPHRASE_MISTAKES, passphraseMistake } from "./passphrase.ts";
import { REGISTRY_LIMITS } from "./registry-limits.ts";
import { type Account, type Registry, type RegistryData, updateAndTell } from "./registry.ts";

/** No vowels but a and e, no letter that looks like another: it is read off a screen and typed into a phone. */
const LETTERS = "abcdefghjkmnpqrstvwxyz";

type Deps = { readonly registry: Registry; readonly clock: Clock; readonly log: Log };

/** The users' part of core/commands.ts over a registry. */
export function createUserCommands({ registry, clock, log }: Deps): UserCommands {
  const now = (): string => new Date(clock.nowMs()).toISOString();
  return {
    listUsers: () => registry.data().accounts.map(({ user, role, createdAt }) => ({ user, role, createdAt })),

    async addUser({ user, role, passphrase }) {
      checkUserName(user);
      checkIsFree(registry.data(), user);
      const { words, login } = loginOf({ user, role }, passphrase);
      const account: Account = {
        user,
        role,
        passphraseHash: await hashPassphrase(words),
        createdAt: now(),
      };
      await registry.update((data) => {
        // Looked at again inside the update: hashing takes a while, and two may have asked.
        checkIsFree(data, user);
        data.accounts.push(account);
      });
      log.info({ user, role }, "an account was added");
      return login;
    },

    async resetUser({ user, passphrase }) {
      const { words, login } = loginOf(accountIn(registry.data(), user), passphrase);
      const passphraseHash = await hashPassphrase(words);
      const role = await updateAndTell(registry, (data) => {
        const account = accountIn(data, user);
        account.passphraseHash = passphraseHash;
        account.since = now();
        // Whoever made a link for this one meant the passphrase of before: it is no way back in.
        data.invitations = data.invitations.filter((each) => each.user !== user);
        return account.role;
      });
      log.info({ user, role }, "an account has another passphrase");
      return { ...login, role };
    },

    async setRole({ user, role }) {
      await registry.update((data) => {
        const account = accountIn(data, user);
        if (role === account.role) return;
        checkIsNotLastSteward(data, account);
        account.role = role;
        account.since = now();
        if (role !== "steward") endLinksOf(data, user);
      });
      log.info({ user, role }, "an account has another role");
    },

    async removeUser({ user }) {
      const role = await updateAndTell(registry, (data) => {
        const account = accountIn(data, user);
        checkIsNotLastSteward(data, account);
        data.accounts = data.accounts.filter((each) => each !== account);
        endLinksOf(data, user);
        return account.role;
      });
      log.info({ user, role }, "an account was removed");
    },
  };
}

/** A passphrase of four groups of four letters, drawn evenly. `draw`: an integer from 0 to below `max`. */
export function makePassphrase(draw: (max: number) => number = (max) => randomInt(max)): string {
  const { passphraseGroups, passphraseGroupLetters } = REGISTRY_LIMITS;
  const letter = (): string => LETTERS.charAt(draw(LETTERS.length));
  const group = (): string => Array.from({ length: passphraseGroupLetters }, letter).join("");
  return Array.from({ length: passphraseGroups }, group).join("-");
}

/** `words`: what is hashed and forgotten. `login`: what is answered. Throws USAGE for a weak passphrase. */
function loginOf(
  { user, role }: Pick<Account, "user" | "role">,
  given: string | undefined,
): { readonly words: string; readonly login: UserLogin } {
  if (given === undefined) {
    const passphrase = makePassphrase();
    return { words: passphrase, login: { user, role, passphrase } };
  }
  const mistake = passphraseMistake(given);
  if (mistake !== null) throw new GatewayError("USAGE", PASSPHRASE_MISTAKES[mistake]);
  return { words: given, login: { user, role, passphrase: null } };
}

/** What a steward has prepared does not outlast their office: else it were a way back in. */
function endLinksOf(data: RegistryData, user: string): void {
  data.invitations = data.invitations.filter((each) => each.by !== user && each.user !== user);
}

export function checkUserName(user: string): void {
  if (DeviceEntry.shape.id.safeParse(user).success) return;
  throw new GatewayError(
    "USAGE",
    `${JSON.stringify(user)} is no user name; use lower-case letters, digits and -, such as maria`,
  );
}

export function checkIsFree({ accounts }: Pick<RegistryData, "accounts">, user: string): void {
  if (accounts.some((each) => each.user === user))
    throw new GatewayError("ALREADY_EXISTS", `there is a user ${user} already`, {
      hint: `Choose another name. Another passphrase for this one: hedgerow user reset ${user}`,
    });
  if (accounts.length >= REGISTRY_LIMITS.accounts)
    throw new GatewayError("USAGE", `there are ${accounts.length} users already`, {
      hint: "Remove one first: hedgerow user remove NAME",
    });
}

function checkIsNotLastSteward({ accounts }: RegistryData, { user, role }: Account): void {
  if (role !== "steward" || accounts.some((each) => each.role === "steward" && each.user !== user)) return;
  throw new GatewayError("USAGE", `${user} is the last steward, and without one nobody can change anything`, {
    hint: "Add another steward first: hedgerow user add NAME --role steward",
  });
}

export function accountIn({ accounts }: Pick<RegistryData, "accounts">, user: string): Account {
  const account = accounts.find((each) => each.user === user);
  if (account !== undefined) return account;
  throw new GatewayError("NOT_FOUND", `there is no user ${JSON.stringify(user)}`, {
    hint: "List who there is: hedgerow user list",
  });
}
