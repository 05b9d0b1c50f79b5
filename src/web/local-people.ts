// What is said on the command socket of accounts and tokens: what each takes, and what it answers.
import { z } from "zod";
import { LIMITS } from "../core/limits.ts";
import { type PeopleCommands, TOKEN_SCOPES } from "../core/people-commands.ts";

const text = z.string().min(1).max(256);
const role = z.enum(["steward", "volunteer"]);
/** Judged by the command itself, which says what is wrong with it. */
const passphrase = z.string().max(LIMITS.commandBytes);
const nothing = z.strictObject({});
const Done = z.object({});
const UserLogin = z.object({ user: z.string(), role, passphrase: z.string().nullable() });
const token = {
  id: z.string(),
  name: z.string(),
  may: z.array(z.enum(TOKEN_SCOPES)),
  by: z.string(),
  createdAt: z.string(),
  usedAt: z.string().nullable(),
};

export const PEOPLE_ASKS = {
  listUsers: nothing,
  addUser: z.strictObject({ user: text, role, passphrase: passphrase.exactOptional() }),
  resetUser: z.strictObject({ user: text, passphrase: passphrase.exactOptional() }),
  removeUser: z.strictObject({ user: text }),
  listTokens: nothing,
  addToken: z.strictObject({ name: z.string().max(256), may: z.array(z.enum(TOKEN_SCOPES)), by: text }),
  removeToken: z.strictObject({ id: text }),
};

export const PEOPLE_ANSWERS = {
  listUsers: z.array(z.object({ user: z.string(), role, createdAt: z.string() })),
  addUser: UserLogin,
  resetUser: UserLogin,
  removeUser: Done,
  listTokens: z.array(z.object(token)),
  addToken: z.object({ ...token, token: z.string() }),
  removeToken: Done,
};

/** Undefined for another command. Throws ZodError for what it does not take. */
export async function performPeople(
  commands: PeopleCommands,
  { command, args }: { readonly command: string; readonly args: unknown },
): Promise<unknown> {
  switch (command) {
    case "listUsers":
      return PEOPLE_ASKS.listUsers.parse(args) && commands.listUsers();
    case "addUser":
      return await commands.addUser(PEOPLE_ASKS.addUser.parse(args));
    case "resetUser":
      return await commands.resetUser(PEOPLE_ASKS.resetUser.parse(args));
    case "removeUser":
      return (await commands.removeUser(PEOPLE_ASKS.removeUser.parse(args))) ?? {};
    case "listTokens":
      return PEOPLE_ASKS.listTokens.parse(args) && commands.listTokens();
    case "addToken":
      return await commands.addToken(PEOPLE_ASKS.addToken.parse(args));
    case "removeToken":
      return (await commands.removeToken(PEOPLE_ASKS.removeToken.parse(args))) ?? {};
    default:
      return undefined;
  }
}
