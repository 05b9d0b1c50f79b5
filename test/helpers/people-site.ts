// A local page over a kit made by hand, with real accounts, invitations and tokens in a registry in memory: a steward, and vera,
// who is a volunteer; both have PASSPHRASE.
import { systemClock } from "../../src/core/clock.ts";
import { silentLog } from "../../src/core/log.ts";
import type { PeopleCommands, TokenScope } from "../../src/core/people-commands.ts";
import { hashPassphrase } from "../../src/registry/passphrase.ts";
import { createPeopleCommands } from "../../src/registry/people.ts";
import { KeptSessions, Sessions } from "../../src/web/sessions.ts";
import type { WebDeps } from "../../src/web/web.ts";
import { type FakeHouse, fakeHouse } from "./fake-house.ts";
import { memoryRegistry } from "./memory-registry.ts";
import { openTestWeb, PASSPHRASE, type TestWeb } from "./test-web.ts";

export type PeopleSite = TestWeb & {
  readonly people: PeopleCommands;
  /** The headers of a new session, without asking for a passphrase, which takes a third of a second. */
  as(user: string): { readonly cookie: string };
  /** The headers of a program. */
  program(...may: TokenScope[]): Promise<{ readonly authorization: string }>;
};

/** Made once: it takes a third of a second. */
let hash: Promise<string> | undefined;

export async function openPeopleSite(
  overrides: Partial<WebDeps> & { readonly house?: FakeHouse } = {},
): Promise<PeopleSite> {
  const { clock = systemClock, house = fakeHouse(), registry = memoryRegistry(), ...rest } = overrides;
  const kept = new KeptSessions();
  hash ??= hashPassphrase(PASSPHRASE);
  const passphraseHash = await hash;
  const createdAt = "2026-01-01T00:00:00.000Z";
  await registry.update((data) => {
    if (data.accounts.length > 0) return;
    data.accounts.push({ user: "steward", role: "steward", passphraseHash, createdAt });
    data.accounts.push({ user: "vera", role: "volunteer", passphraseHash, createdAt });
  });
  const people = createPeopleCommands({ registry, clock, log: silentLog });
  const commands = { ...house.commands, ...people };
  const page = await openTestWeb({ sessions: kept, ...rest, clock, house: { ...house, commands }, registry });
  const sessions = new Sessions({ clock, registry, kept: rest.sessions ?? kept });
  return {
    ...page,
    house,
    registry,
    people,
    as: (user) => {
      const account = registry.data().accounts.find((each) => each.user === user);
      if (account === undefined) throw new Error(`there is no ${user}`);
      const from = { address: "127.0.0.1", browser: "", isSecure: false };
      return { cookie: `hedgerow-session=${sessions.start(account, from)}` };
    },
    program: async (...may) => {
      const { token } = await people.addToken({ name: "a program", may, by: "steward" });
      return { authorization: `Bearer ${token}` };
    },
  };
}
