// All that is done about who may come in: accounts, invitations and tokens, over a registry.
import type { Clock } from "../core/clock.ts";
import type { Log } from "../core/log.ts";
import type { PeopleCommands } from "../core/people-commands.ts";
import { createInvitationCommands } from "./invitations.ts";
import type { Registry } from "./registry.ts";
import { createTokenCommands } from "./tokens.ts";
import { createUserCommands } from "./users.ts";

export function createPeopleCommands(deps: {
  readonly registry: Registry;
  readonly clock: Clock;
  readonly log: Log;
}): PeopleCommands {
  return { ...createUserCommands(deps), ...createInvitationCommands(deps), ...createTokenCommands(deps) };
}
