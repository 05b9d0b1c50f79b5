// Nobody gains a second approval of what is announced: not by inviting somebody, nor by letting somebody back in, changing a
// passphrase, or giving and taking roles. The real notice over the real registry commands.
import { expect, test } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { silentLog } from "../../src/core/log.ts";
import { openPolicyInForce } from "../../src/policy-in-force.ts";
import { createPeopleCommands } from "../../src/registry/people.ts";
import { memoryRegistry } from "../helpers/memory-registry.ts";
import { testWebPolicy } from "../helpers/test-web.ts";

const WORDS = "a green hedge in May";

type People = ReturnType<typeof createPeopleCommands>;

/** A house in which maria and omar are stewards, vera is none, and a looser policy is announced. `before`: what was done just before. */
async function announced(before: (people: People) => Promise<unknown> = async () => undefined) {
  const registry = memoryRegistry();
  const people = createPeopleCommands({ registry, clock: systemClock, log: silentLog });
  await registry.update((data) => {
    for (const [user, role] of [
      ["maria", "steward"],
      ["omar", "steward"],
      ["vera", "volunteer"],
    ] as const)
      data.accounts.push({ user, role, passphraseHash: `hash of ${user}`, createdAt: "2026-01-01T00:00:00.000Z" });
  });
  const policy = testWebPolicy();
  const looser = { ...policy, events: { ...policy.events, fields: { batteryPct: true, linkPct: true } } };
  const state = new Map<string, string>();
  const open = (settings: { policy: typeof policy; policySha256: string }) =>
    openPolicyInForce({
      settings,
      spool: {
        state: () => state,
        append: async ({ state: kept = {} }) => {
          for (const [key, value] of Object.entries(kept)) if (value !== null) state.set(key, value);
        },
        newestSequence: () => 1,
        condition: () => "ok",
      },
      ledger: { lastPolicy: () => null },
      registry,
      clock: systemClock,
      log: silentLog,
      tickMs: 3_600_000,
    });
  await open({ policy, policySha256: "a".repeat(64) })[Symbol.asyncDispose]();
  await before(people);
  const inForce = open({ policy: looser, policySha256: "b".repeat(64) });
  expect(inForce.standing().announced?.sha256).toBe("b".repeat(64));
  return {
    people,
    approve: (by: string) => inForce.approve({ sha256: "b".repeat(64), by }),
    [Symbol.asyncDispose]: () => inForce[Symbol.asyncDispose](),
  };
}

test("two stewards of before approve it: what follows proves something", async () => {
  await using house = await announced();
  expect([await house.approve("maria"), await house.approve("omar")]).toEqual([{ missing: 1 }, { missing: 0 }]);
});

type Act = (house: { readonly people: People }) => Promise<string>;
const SECOND_SELVES: readonly [string, Act][] = [
  [
    "invites a second self",
    async ({ people }) => {
      const { secret } = await people.invite({ role: "steward", by: "maria" });
      return (await people.acceptInvitation({ secret, user: "maria-too", passphrase: WORDS })).user;
    },
  ],
  [
    "takes another steward's account by a link for a new passphrase",
    async ({ people }) => {
      const { secret } = await people.inviteBack({ user: "omar", by: "maria" });
      return (await people.acceptInvitation({ secret, user: "", passphrase: WORDS })).user;
    },
  ],
  [
    "removes another steward and comes in under that name",
    async ({ people }) => {
      await people.removeUser({ user: "omar" });
      const { secret } = await people.invite({ role: "steward", by: "maria" });
      return (await people.acceptInvitation({ secret, user: "omar", passphrase: WORDS })).user;
    },
  ],
  [
    "makes a volunteer a steward",
    async ({ people }) => {
      await people.setRole({ user: "vera", role: "steward" });
      return "vera";
    },
  ],
  [
    "changes a passphrase of their own, having approved",
    async ({ people }) => {
      await people.resetUser({ user: "maria", passphrase: WORDS });
      return "maria";
    },
  ],
  [
    "gives another steward a passphrase at the box",
    async ({ people }) => {
      await people.resetUser({ user: "omar" });
      return "omar";
    },
  ],
];

test.each(SECOND_SELVES)("a steward who %s has no second approval", async (_, act) => {
  await using house = await announced();
  expect(await house.approve("maria")).toEqual({ missing: 1 });
  const second = await act(house);
  await expect(house.approve(second)).rejects.toMatchObject({ code: second === "maria" ? "ALREADY_EXISTS" : "USAGE" });
});

test.each(SECOND_SELVES)("nor has one who %s just before it is announced", async (_, act) => {
  let second = "";
  await using house = await announced(async (people) => {
    second = await act({ people });
  });
  if (second !== "maria") expect(await house.approve("maria")).toEqual({ missing: 1 });
  await expect(house.approve(second)).rejects.toMatchObject({ code: "USAGE" });
});

test("who was made a volunteer and a steward again is one steward still, and counts once", async () => {
  await using house = await announced();
  await house.approve("maria");
  await house.people.setRole({ user: "maria", role: "volunteer" });
  await house.people.setRole({ user: "maria", role: "steward" });
  await expect(house.approve("maria")).rejects.toMatchObject({ code: "ALREADY_EXISTS" });
});
