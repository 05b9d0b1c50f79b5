// The people's part of a house made by hand: nobody there, and what is asked is refused.
import { GatewayError } from "../../src/core/errors.ts";
import type { InvitationCommands, TokenCommands } from "../../src/core/people-commands.ts";

const refused = () => Promise.reject(new GatewayError("USAGE", "not asked for here"));

export const fakePeople: InvitationCommands & TokenCommands = {
  listInvitations: () => [],
  invite: refused,
  inviteBack: refused,
  invitationOf: () => null,
  acceptInvitation: refused,
  revokeInvitation: refused,
  listTokens: () => [],
  addToken: refused,
  removeToken: refused,
  useToken: () => null,
};
