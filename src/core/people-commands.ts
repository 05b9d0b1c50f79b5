// Who else may come in: invitations and links for a new passphrase, and tokens of programs. A part of the port core/commands.ts.
import type { UserCommands, UserRole } from "./user-commands.ts";

/** Of somebody new, or of `user`, who gets a new passphrase with it. Times are ISO 8601 UTC. */
export type InvitationView = {
  readonly id: string;
  readonly role: UserRole;
  readonly user: string | null;
  readonly by: string;
  readonly expiresAt: string;
};

/** `secret`: what the link holds, shown once; only its SHA-256 is kept. */
export type MadeInvitation = InvitationView & { readonly secret: string };

export type InvitationCommands = {
  listInvitations(): readonly InvitationView[];
  /** Good for 48 hours, once, and while `by` is a steward. Throws USAGE when too many are open, or `by` is no steward. */
  invite(ask: { readonly role: UserRole; readonly by: string }): Promise<MadeInvitation>;
  /** The old passphrase and the sessions of `user` last until it is used; an earlier link of theirs is void. Throws NOT_FOUND, USAGE. */
  inviteBack(ask: { readonly user: string; readonly by: string }): Promise<MadeInvitation>;
  /** The invitation that a link holds, while it is good; uses nothing up. */
  invitationOf(ask: { readonly secret: string }): InvitationView | null;
  /** Uses it up: a new account, or another passphrase for the one that it is for (`user` is not asked then). Throws NOT_FOUND, ALREADY_EXISTS, USAGE. */
  acceptInvitation(ask: {
    readonly secret: string;
    readonly user: string;
    readonly passphrase: string;
  }): Promise<{ readonly user: string; readonly role: UserRole }>;
  /** Throws NOT_FOUND. */
  revokeInvitation(ask: { readonly id: string }): Promise<void>;
};

/** What a program may do with a token: `status` (GET /api/v1/status and /api/v1/stream), `metrics` (GET /metrics), `switch` (a lamp, POST). */
export const TOKEN_SCOPES = ["status", "metrics", "switch"] as const;
export type TokenScope = (typeof TOKEN_SCOPES)[number];

/** `usedAt`: ISO 8601 UTC; null: not yet. On disk it is an hour old at most. */
export type TokenView = {
  readonly id: string;
  readonly name: string;
  readonly may: readonly TokenScope[];
  readonly by: string;
  readonly createdAt: string;
  readonly usedAt: string | null;
};

export type TokenCommands = {
  listTokens(): readonly TokenView[];
  /** `token`: `hgr_` and 43 characters, shown once; only its SHA-256 is kept. Throws USAGE for an ill name, no scope, too many. */
  addToken(ask: {
    readonly name: string;
    readonly may: readonly TokenScope[];
    readonly by: string;
  }): Promise<TokenView & { readonly token: string }>;
  /** Void at once. Throws NOT_FOUND. */
  removeToken(ask: { readonly id: string }): Promise<void>;
  /** Whose token it is; null: nobody's. Notes that it was used. */
  useToken(token: string): TokenView | null;
};

export type PeopleCommands = UserCommands & InvitationCommands & TokenCommands;
