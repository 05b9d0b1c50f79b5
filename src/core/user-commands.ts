// Who may come in by the local page, and what is done about it: a part of the port core/commands.ts.

/** steward: may change; volunteer: may look. */
export type UserRole = "steward" | "volunteer";

/** `createdAt`: ISO 8601 UTC. */
export type UserView = { readonly user: string; readonly role: UserRole; readonly createdAt: string };

/** `passphrase`: the one that was made here, shown once; null where the person gave one. */
export type UserLogin = { readonly user: string; readonly role: UserRole; readonly passphrase: string | null };

export type UserCommands = {
  listUsers(): readonly UserView[];
  /** `passphrase`: made here where none is given. Throws ALREADY_EXISTS; USAGE for an ill name, a weak passphrase, too many. */
  addUser(ask: { readonly user: string; readonly role: UserRole; readonly passphrase?: string }): Promise<UserLogin>;
  /** Another passphrase; the old one and all sessions of this user end at once. Throws NOT_FOUND, USAGE. */
  resetUser(ask: { readonly user: string; readonly passphrase?: string }): Promise<UserLogin>;
  /** At once, in every session. Throws NOT_FOUND; USAGE for the last steward. */
  setRole(ask: { readonly user: string; readonly role: UserRole }): Promise<void>;
  /** Ends the account and its sessions at once. Throws NOT_FOUND; USAGE for the last steward. */
  removeUser(ask: { readonly user: string }): Promise<void>;
};
