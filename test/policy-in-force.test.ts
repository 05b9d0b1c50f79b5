// Shown: a looser policy holds once its hours of notice were shown, over restarts, or once two stewards approved; a tighter one,
// and the first one, at once. On a real spool.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { HouseFact } from "../src/core/house-fact.ts";
import { silentLog } from "../src/core/log.ts";
import { openPolicyInForce, type PolicyInForce } from "../src/policy-in-force.ts";
import { createUserCommands } from "../src/registry/users.ts";
import { type Policy, SCHEMAS } from "../src/settings/schema.ts";
import type { Spool } from "../src/spool/spool.ts";
import { fakeTime } from "./helpers/fake-time.ts";
import { memoryRegistry } from "./helpers/memory-registry.ts";
import { tempDir } from "./helpers/temp-dir.ts";
import { openTestSpool } from "./helpers/test-spool.ts";

const HOUR_MS = 3_600_000;
const STRICT = policyOf({ motion: { mode: "counts", windowS: 900, atLeast: 5 } });
const LOOSE = policyOf({ motion: { mode: "each" }, timeBucketS: 60 });
const MIXED = policyOf({ motion: { mode: "each" }, timeBucketS: 300 });

let stack: AsyncDisposableStack;
let spool: Spool;
let time: ReturnType<typeof fakeTime>;
let registry: ReturnType<typeof memoryRegistry>;
let ledgerPolicy: string | null;

beforeEach(async () => {
  stack = new AsyncDisposableStack();
  time = fakeTime();
  registry = memoryRegistry();
  ledgerPolicy = null;
  spool = stack.use(await openTestSpool(stack.use(await tempDir()).path, { clock: time.clock }));
  for (const user of ["ada", "ben"]) await steward(user);
});
afterEach(() => stack.disposeAsync());

test("the first policy of a new gateway holds at once", async () => {
  await using house = start(LOOSE, "loose");
  expect(house.standing()).toMatchObject({ sha256: "loose", announced: null });
});

describe("a draft", () => {
  const DRAFT = { ...LOOSE, draft: true };

  test("tells nothing, whatever it says beside", async () => {
    await using house = start(DRAFT, "draft");
    expect(house.policy).toMatchObject({
      draft: true,
      cameras: {},
      events: { motion: { mode: "none" }, light: false },
    });
  });

  test("may change as it likes, and what is agreed on after it holds at once", async () => {
    await lived({ ...STRICT, draft: true }, "draft");
    await lived(DRAFT, "another");
    await using house = start(LOOSE, "loose");
    expect(house.standing()).toMatchObject({ policy: LOOSE, sha256: "loose", announced: null });
  });

  test("is no way around the notice: once a policy was agreed on, the word means nothing", async () => {
    await lived(STRICT, "strict");
    {
      await using house = start(DRAFT, "draft");
      expect(house.standing()).toMatchObject({ policy: STRICT, announced: { sha256: "draft", hoursLeft: 24 } });
    }
    await using house = start(LOOSE, "loose");
    expect(house.standing()).toMatchObject({ policy: STRICT, announced: { sha256: "loose" } });
  });
});

test("a tighter one holds at once", async () => {
  await lived(LOOSE, "loose");
  await using house = start(STRICT, "strict");
  expect(house.standing()).toMatchObject({ policy: STRICT, sha256: "strict", announced: null });
});

describe("a looser one", () => {
  beforeEach(() => lived(STRICT, "strict"));

  test("is announced, and what held before holds on under its digest", async () => {
    await using house = start(LOOSE, "loose");
    expect(house.standing()).toMatchObject({
      policy: STRICT,
      sha256: "strict",
      announced: { sha256: "loose", hoursLeft: 24 },
    });
  });

  test("which is tighter too: that part holds at once, under a digest of its own", async () => {
    await using house = start(MIXED, "mixed");
    expect(house.policy.events).toMatchObject({ timeBucketS: 300, motion: { mode: "counts" } });
    expect(house.sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  test("holds after 24 hours in which the house was open; hours in which it was not, and leaps of the clock, are none", async () => {
    await run(LOOSE, "loose", () => time.pass(10 * HOUR_MS));
    time.pass(1000 * HOUR_MS);
    time.set(1000 * HOUR_MS);
    await run(LOOSE, "loose", (house) => {
      expect(house.standing().announced?.hoursLeft).toBeCloseTo(14);
      time.pass(13.9 * HOUR_MS);
    });
    const house = start(LOOSE, "loose", 1);
    expect(house.standing().sha256).toBe("strict");
    time.pass(0.2 * HOUR_MS);
    await house.due;
    await close(house);
    await using next = start(LOOSE, "loose");
    expect(next.standing()).toMatchObject({ policy: LOOSE, sha256: "loose", announced: null });
  });

  test("holds once two stewards approved it, and not one of them twice", async () => {
    const house = start(LOOSE, "loose", 1);
    expect(await house.approve({ sha256: "loose", by: "ada" })).toEqual({ missing: 1 });
    await expect(house.approve({ sha256: "loose", by: "ada" })).rejects.toMatchObject({ code: "ALREADY_EXISTS" });
    await expect(house.approve({ sha256: "other", by: "ben" })).rejects.toMatchObject({ code: "NOT_FOUND" });
    await close(house);
    const later = start(LOOSE, "loose", 1);
    expect(later.standing().announced?.approvedBy).toEqual(["ada"]);
    expect(await later.approve({ sha256: "loose", by: "ben" })).toEqual({ missing: 0 });
    await later.due;
    await close(later);
    await using next = start(LOOSE, "loose");
    expect(next.standing()).toMatchObject({ sha256: "loose", announced: null });
    const said = spool.ledgerNotes(10).map(({ body }) => JSON.parse(body));
    expect(said).toMatchObject([{ approvals: 1 }, { approvals: 2 }]);
    expect(JSON.stringify(said)).not.toMatch(/ada|ben/);
  });

  test("whose start is cut off before all that waits was brought under it holds at the next start, and was never withdrawn", async () => {
    await run(LOOSE, "loose", () => time.pass(25 * HOUR_MS));
    for (const _ of [1, 2]) await start(LOOSE, "loose")[Symbol.asyncDispose]();
    await run(LOOSE, "loose", (house) =>
      expect(house.standing()).toMatchObject({ policy: LOOSE, sha256: "loose", announced: null }),
    );
    const told: HouseFact[] = [];
    await run(STRICT, "strict", (house) => house.announce(async (fact) => void told.push(fact)));
    expect(told).toEqual([]);
    await using anew = start(LOOSE, "loose");
    expect(anew.standing().announced?.hoursLeft, "its hours are used up").toBe(24);
  });

  test("cut off likewise, and then changed: what held before goes by its own name", async () => {
    await run(LOOSE, "loose", () => time.pass(25 * HOUR_MS));
    await start(LOOSE, "loose")[Symbol.asyncDispose]();
    await using house = start(policyOf({ motion: { mode: "each" }, pseudonyms: "never" }), "more");
    expect(house.standing()).toMatchObject({ policy: STRICT, sha256: "strict", announced: { sha256: "more" } });
  });

  test("is not approved by an account that was made since, under whatever name", async () => {
    await using house = start(LOOSE, "loose", 1);
    await house.approve({ sha256: "loose", by: "ada" });
    await steward("eve");
    await expect(house.approve({ sha256: "loose", by: "eve" })).rejects.toMatchObject({ code: "USAGE" });
    await registry.update((data) => {
      data.accounts = data.accounts.map((each) => ({ ...each, createdAt: "2026-07-01T00:00:00.000Z" }));
    });
    await expect(house.approve({ sha256: "loose", by: "ben" })).rejects.toMatchObject({ code: "USAGE" });
  });

  test("is not approved with a passphrase that somebody gave to an account since", async () => {
    await using house = start(LOOSE, "loose", 1);
    await house.approve({ sha256: "loose", by: "ada" });
    await createUserCommands({ registry, clock: time.clock, log: silentLog }).resetUser({ user: "ben" });
    await expect(house.approve({ sha256: "loose", by: "ben" })).rejects.toMatchObject({ code: "USAGE" });
  });

  test("needs two who are stewards when the second approves", async () => {
    await using house = start(LOOSE, "loose", 1);
    await house.approve({ sha256: "loose", by: "ada" });
    await registry.update((data) => {
      data.accounts = data.accounts.filter(({ user }) => user !== "ada");
    });
    expect(await house.approve({ sha256: "loose", by: "ben" })).toEqual({ missing: 1 });
  });

  test("changed meanwhile to something looser still begins anew; to something less loose it goes on, without approvals", async () => {
    await run(MIXED, "mixed", async (house) => {
      time.pass(10 * HOUR_MS);
      await house.approve({ sha256: "mixed", by: "ada" });
    });
    await run(policyOf({ motion: { mode: "each" }, timeBucketS: 600 }), "less", (house) =>
      expect(house.standing().announced).toMatchObject({ sha256: "less", hoursLeft: 14, approvedBy: [] }),
    );
    await run(policyOf({ motion: { mode: "each" }, timeBucketS: 600, pseudonyms: "never" }), "more", (house) =>
      expect(house.standing().announced?.hoursLeft).toBe(24),
    );
  });

  test("is told to the platform once, as is that it was withdrawn", async () => {
    const told: HouseFact[] = [];
    const tell = async (fact: HouseFact) => void told.push(fact);
    for (const _ of [1, 2]) await run(LOOSE, "loose", (house) => house.announce(tell));
    expect(told).toMatchObject([{ change: "announced", policySha256: "loose", noticeHours: 24 }]);
    for (const _ of [1, 2]) await run(STRICT, "strict", (house) => house.announce(tell));
    expect(told.slice(1)).toMatchObject([{ change: "withdrawn", policySha256: "loose" }]);
  });
});

test("where a lost spool has forgotten what held, the ledger says whether it was this file; any other is announced", async () => {
  ledgerPolicy = "loose";
  const known = start(LOOSE, "loose");
  expect(known.standing()).toMatchObject({ sha256: "loose", announced: null });
  await known[Symbol.asyncDispose]();
  ledgerPolicy = "strict";
  const eager = { ...LOOSE, changes: { noticeHours: 0 } };
  await using house = start(eager, "eager");
  const { policy, announced } = house.standing();
  expect(policy.events).toMatchObject({ motion: { mode: "none" }, light: false, zones: false, cellLetters: 0 });
  expect(announced, "nor does a file say itself for how long").toMatchObject({ sha256: "eager", hoursLeft: 24 });
});

function start(policy: Policy, policySha256: string, tickMs = 60_000): PolicyInForce {
  const ledger = { lastPolicy: () => ledgerPolicy };
  const settings = { policy, policySha256 };
  return openPolicyInForce({ settings, spool, ledger, registry, clock: time.clock, log: silentLog, tickMs });
}

/** As policy-change.ts leaves it once all that waits was brought under the policy in force. */
async function close(house: PolicyInForce): Promise<void> {
  await house[Symbol.asyncDispose]();
  await spool.append({ state: { "policy:last": JSON.stringify(house.policy), "policy:told": house.sha256 } });
}

async function run(policy: Policy, sha256: string, live: (house: PolicyInForce) => unknown): Promise<void> {
  const house = start(policy, sha256);
  await live(house);
  await close(house);
}

function lived(policy: Policy, sha256: string): Promise<void> {
  return run(policy, sha256, () => undefined);
}

async function steward(user: string): Promise<void> {
  const account = { user, role: "steward", passphraseHash: "x", createdAt: "2026-06-01T00:00:00.000Z" } as const;
  await registry.update((data) => {
    data.accounts = [...data.accounts, account];
  });
}

function policyOf(events: object): Policy {
  return SCHEMAS.policy.parse({ version: 1, controller: { name: "Test", contact: "a@b.example" }, events });
}
