// Invitations: a link by which somebody makes an account of their own, or a steward lets somebody back in who lost a passphrase.
// The link's secret is 256 random bits, kept as its SHA-256 alone. Nobody learns another's passphrase on this way, also not who
// made the link.
//
// A new account, and one with another passphrase, is another one to what is announced (policy/standing.ts): so no steward gains a
// second approval of a policy by inviting somebody, or by letting somebody back in.
import { createHash, randomBytes } from "node:crypto";
import type { Clock } from "../core/clock.ts";
import { GatewayError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { InvitationCommands, InvitationView, MadeInvitation } from "../core/people-commands.ts";
import { hashPassphrase, PASSPHRASE_MISTAKES, passphraseMistake } from "./passphrase.ts";
import { REGISTRY_LIMITS } from "./registry-limits.ts";
import { type Invitation, type Registry, type RegistryData, updateAndTell } from "./registry.ts";
import { accountIn, checkIsFree, checkUserName } from "./users.ts";

type Deps = { readonly registry: Registry; readonly clock: Clock; readonly log: Log };

/** The invitations' part of core/commands.ts over a registry. */
export function createInvitationCommands({ registry, clock, log }: Deps): InvitationCommands {
  const isGood = (data: Readonly<RegistryData>, { expiresAt, by, user }: Invitation): boolean =>
    Date.parse(expiresAt) > clock.nowMs() &&
    data.accounts.some((each) => each.user === by && each.role === "steward") &&
    (user === undefined || data.accounts.some((each) => each.user === user));
  const good = (data: Readonly<RegistryData>): Invitation[] => data.invitations.filter((each) => isGood(data, each));
  const find = (data: Readonly<RegistryData>, secret: string): Invitation | undefined =>
    good(data).find(({ secretHash }) => secretHash === sha256(secret));

  const make = async (
    by: string,
    whose: (data: RegistryData) => Pick<Invitation, "role" | "user">,
  ): Promise<MadeInvitation> => {
    const secret = randomBytes(32).toString("base64url");
    const id = randomBytes(9).toString("base64url");
    const expiresAt = new Date(clock.nowMs() + REGISTRY_LIMITS.invitationMs).toISOString();
    const view = await updateAndTell(registry, (data) => {
      const made: Invitation = { id, ...whose(data), secretHash: sha256(secret), by, expiresAt };
      if (!isGood(data, made)) throw new GatewayError("USAGE", "only a steward may invite somebody");
      const others = good(data).filter(({ user }) => user === undefined || user !== made.user);
      if (others.length >= REGISTRY_LIMITS.invitations)
        throw new GatewayError("USAGE", `${others.length} invitations are open already`, {
          hint: "Withdraw one that nobody needs any more.",
        });
      data.invitations = [...others, made];
      return viewOf(made);
    });
    log.info({ by, role: view.role, user: view.user }, "an invitation was made");
    return { ...view, secret };
  };

  return {
    listInvitations: () => good(registry.data()).map(viewOf),
    invite: ({ role, by }) => make(by, () => ({ role })),
    inviteBack: ({ user, by }) => make(by, (data) => ({ role: accountIn(data, user).role, user })),

    invitationOf({ secret }) {
      const found = find(registry.data(), secret);
      return found === undefined ? null : viewOf(found);
    },

    async acceptInvitation({ secret, user: chosen, passphrase }) {
      const found = find(registry.data(), secret);
      if (found === undefined) throw notGood();
      const user = found.user ?? chosen;
      if (found.user === undefined) checkUserName(user);
      if (found.user === undefined) checkIsFree(registry.data(), user);
      const mistake = passphraseMistake(passphrase);
      if (mistake !== null) throw new GatewayError("USAGE", PASSPHRASE_MISTAKES[mistake]);
      const passphraseHash = await hashPassphrase(passphrase);
      const made = await updateAndTell(registry, (data) => {
        // Looked at again inside the update: hashing takes a while, and two may have opened the link.
        const { role, user: known } = find(data, secret) ?? refuse();
        data.invitations = data.invitations.filter(({ secretHash }) => secretHash !== sha256(secret));
        if (known === undefined) {
          checkIsFree(data, user);
          data.accounts.push({ user, role, passphraseHash, createdAt: new Date(clock.nowMs()).toISOString() });
          return { user, role };
        }
        const account = accountIn(data, known);
        account.passphraseHash = passphraseHash;
        account.since = new Date(clock.nowMs()).toISOString();
        return { user: known, role: account.role };
      });
      log.info(made, "an invitation was accepted");
      return made;
    },

    async revokeInvitation({ id }) {
      await registry.update((data) => {
        if (!good(data).some((each) => each.id === id)) throw notGood();
        data.invitations = good(data).filter((each) => each.id !== id);
      });
      log.info("an invitation was withdrawn");
    },
  };
}

function viewOf({ id, role, user, by, expiresAt }: Invitation): InvitationView {
  return { id, role, user: user ?? null, by, expiresAt };
}

function notGood(): GatewayError {
  return new GatewayError("NOT_FOUND", "there is no such invitation any more", {
    hint: "Ask a steward for a new one.",
  });
}

function refuse(): never {
  throw notGood();
}

function sha256(secret: string): string {
  return createHash("sha256").update(secret).digest("hex");
}
