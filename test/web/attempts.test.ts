// Guessing is slowed down, nobody is locked out: the waits, the turns and the bounds of attempts.
import { expect, test } from "vitest";
import { systemClock } from "../../src/core/clock.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { networkOf } from "../../src/core/network-of.ts";
import { hashPassphrase, verifyPassphrase } from "../../src/registry/passphrase.ts";
import { Attempts, delayMs } from "../../src/web/attempts.ts";

const never = new AbortController().signal;
const quick = { attemptDelayMs: 1, attemptDelayMsMax: 2 };
const wrong = async () => false;
const right = async () => true;

test("two wrong attempts cost nothing, then the wait doubles up to its bound", () => {
  const waits = Array.from({ length: 8 }, (_, failures) => delayMs(failures));
  expect(waits).toEqual([0, 0, 500, 1000, 2000, 4000, 4000, 4000]);
  expect(delayMs(1e9)).toBe(LIMITS.attemptDelayMsMax);
});

test("attempts of one address run one after another", async () => {
  const attempts = new Attempts({ clock: systemClock, delays: quick });
  let running = 0;
  let most = 0;
  const attempt = async () => {
    running += 1;
    most = Math.max(most, running);
    await Promise.resolve();
    running -= 1;
    return false;
  };
  await Promise.all(Array.from({ length: 4 }, () => attempts.run("192.0.2.1", attempt, never)));
  await Promise.all(Array.from({ length: 4 }, (_, n) => attempts.run(`192.0.2.${n}`, attempt, never)));
  expect(most).toBe(1);
});

const FULL = LIMITS.attemptsWaiting;

/** Wrong attempts from each of the addresses at once, as many as asked for. */
function floodFrom(attempts: Attempts, { addresses, each }: { addresses: number; each: number }) {
  return Array.from({ length: addresses * each }, (_, n) => attempts.run(`198.51.100.${n % addresses}`, wrong, never));
}

test("who floods one address waits for no more than the bound, and others come in meanwhile", async () => {
  const attempts = new Attempts({ clock: systemClock, delays: quick });
  const flood = floodFrom(attempts, { addresses: 1, each: LIMITS.attemptsWaitingPerAddress + 16 });
  expect(await attempts.run("192.0.2.1", right, never)).toBe("passed");
  const outcomes = await Promise.all(flood);
  expect(outcomes.filter((outcome) => outcome === "too-many")).toHaveLength(16);
  expect(await attempts.run("198.51.100.0", right, never)).toBe("passed");
});

test("when all places are taken, an address without failures takes one from those who flood", async () => {
  const attempts = new Attempts({ clock: systemClock, delays: quick });
  const flood = floodFrom(attempts, { addresses: 9, each: Math.ceil(FULL / 9) + 5 });
  const honest = Array.from({ length: 12 }, (_, n) => attempts.run(`192.0.2.${n}`, right, never));
  expect(new Set(await Promise.all(honest))).toEqual(new Set(["passed"]));
  const outcomes = await Promise.all(flood);
  expect(outcomes.filter((outcome) => outcome === "failed").length).toBeLessThanOrEqual(FULL);
});

test("addresses never seen before cannot take all places for long: one failure, and they give way", async () => {
  const attempts = new Attempts({ clock: systemClock, delays: quick });
  const many = { addresses: FULL, each: 1 };
  await Promise.all(floodFrom(attempts, many));
  const flood = floodFrom(attempts, many);
  expect(await attempts.run("192.0.2.1", right, never)).toBe("passed");
  await Promise.all(flood);
});

test("of those whose wait is over, the one with the fewest failures goes first", async () => {
  const attempts = new Attempts({ clock: systemClock, delays: quick });
  await attempts.run("198.51.100.1", wrong, never);
  const held = Promise.withResolvers<boolean>();
  const order: string[] = [];
  const noted = (who: string) => async () => {
    order.push(who);
    return true;
  };
  const running = attempts.run("198.51.100.2", () => held.promise, never);
  const failed = attempts.run("198.51.100.1", noted("failed before"), never);
  const fresh = attempts.run("192.0.2.1", noted("fresh"), never);
  await Promise.resolve();
  held.resolve(false);
  await Promise.all([running, failed, fresh]);
  expect(order).toEqual(["fresh", "failed before"]);
});

test("an honest login behind a flood from its own address has its turn after those who came before it", async () => {
  const attempts = new Attempts({ clock: systemClock, delays: quick });
  let served = 0;
  const counted = async () => {
    served += 1;
    return false;
  };
  const flooding = new AbortController();
  // Each of twenty asks again as soon as it is answered.
  const flood = Array.from({ length: 20 }, async () => {
    while (!flooding.signal.aborted) await attempts.run("192.0.2.66", counted, never);
  });
  const before: number[] = [];
  const seen = async () => before.push(served) > 0;
  const honest = Array.from({ length: 5 }, () => attempts.run("192.0.2.66", seen, never));
  expect(await Promise.all(honest)).toEqual(["passed", "passed", "passed", "passed", "passed"]);
  expect(before).toEqual([20, 20, 20, 20, 20]);
  flooding.abort();
  await Promise.all(flood);
});

test("who goes away leaves the place to another at once", async () => {
  const attempts = new Attempts({ clock: systemClock, delays: quick });
  const held = Promise.withResolvers<boolean>();
  const started = Promise.withResolvers<void>();
  const holding = () => {
    started.resolve();
    return held.promise;
  };
  const running = attempts.run("192.0.2.66", holding, never);
  await started.promise;
  const leaving = new AbortController();
  const gone = Array.from({ length: LIMITS.attemptsWaitingPerAddress }, () =>
    attempts.run("192.0.2.66", wrong, leaving.signal),
  );
  leaving.abort();
  expect(new Set((await Promise.allSettled(gone)).map(({ status }) => status))).toEqual(new Set(["rejected"]));
  const next = attempts.run("192.0.2.66", right, never);
  held.resolve(false);
  expect([await running, await next]).toEqual(["failed", "passed"]);
});

test("an attempt that fails in itself does not stop the next", async () => {
  const attempts = new Attempts({ clock: systemClock, delays: quick });
  const broken = attempts.run("192.0.2.1", async () => Promise.reject(new Error("damaged hash")), never);
  const next = attempts.run("192.0.2.1", right, never);
  await expect(broken).rejects.toThrow("damaged hash");
  expect(await next).toBe("passed");
});

test("a stop ends the wait", async () => {
  const attempts = new Attempts({
    clock: systemClock,
    delays: { attemptDelayMs: 3_600_000, attemptDelayMsMax: 3_600_000 },
  });
  for (let n = 0; n < LIMITS.attemptsFree; n += 1) await attempts.run("192.0.2.1", wrong, never);
  const stop = new AbortController();
  const waiting = attempts.run("192.0.2.1", right, stop.signal);
  stop.abort();
  await expect(waiting).rejects.toThrow("aborted");
});

test.each([
  ["192.0.2.7", "192.0.2.7"],
  ["::ffff:192.0.2.7", "192.0.2.7"],
  ["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
  ["2001:db8::1", "2001:db8:0:0::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
])("%s counts as %s", (address, network) => {
  expect(networkOf(address)).toBe(network);
});

test("a passphrase fits its own hash alone, however its accents are typed", async () => {
  const hash = await hashPassphrase("caf\u00e9 crocodile");
  expect(await verifyPassphrase("cafe\u0301 crocodile", hash)).toBe(true);
  expect(await verifyPassphrase("cafe crocodile", hash)).toBe(false);
  expect(await verifyPassphrase("", null)).toBe(false);
  await expect(verifyPassphrase("x", "md5$x")).rejects.toThrow("damaged");
});
