// Shown here: passwords are strong, typeable and checked quickly; user names of devices and bridges never meet.
import fc from "fast-check";
import { expect, test } from "vitest";
import { hashPassword, loginOf, makePassword, usernameOf, verifyPassword } from "../../src/registry/credentials.ts";

test("a password has 130 random bits in letters that nobody confuses", () => {
  const password = makePassword();
  expect(password).toMatch(/^[0-9a-hjkmnp-tv-z]{26}$/);
  expect(new Set(Array.from({ length: 200 }, () => makePassword())).size).toBe(200);
});

test("all 32 letters come up, whatever the upper bits of the random bytes are", () => {
  const passwords = [0, 26, 97, 255].map((first) =>
    makePassword((bytes) => Uint8Array.from({ length: bytes }, (_, n) => first + n)),
  );
  expect(new Set(passwords.join("")).size).toBe(32);
});

test("a password fits its own hash and no other", () => {
  const hash = hashPassword("correct");
  expect(verifyPassword({ password: "correct", hash })).toBe(true);
  expect(verifyPassword({ password: Buffer.from("correct"), hash })).toBe(true);
  expect(verifyPassword({ password: "correct ", hash })).toBe(false);
  expect(verifyPassword({ password: "", hash })).toBe(false);
  expect(verifyPassword({ password: "correct", hash: hashPassword("other") })).toBe(false);
});

test("the same password hashes differently each time, and the hash does not hold it", () => {
  expect(hashPassword("secret")).not.toBe(hashPassword("secret"));
  expect(hashPassword("secret")).not.toContain("secret");
});

test("what is not a hash fits no password", () => {
  fc.assert(fc.property(fc.string(), fc.string(), (password, hash) => !verifyPassword({ password, hash })));
  expect(verifyPassword({ password: "", hash: null })).toBe(false);
});

test("a user name leads back to its login, and no device id is a bridge's user name", () => {
  const id = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,62}$/);
  fc.assert(
    fc.property(id, fc.constantFrom("device" as const, "bridge" as const), (id, kind) => {
      expect(loginOf(usernameOf({ kind, id }))).toEqual({ kind, id });
    }),
  );
  expect(usernameOf({ kind: "bridge", id: "z2m" })).toBe("bridge_z2m");
});

test("ten thousand sensors that come back at once are checked within a second", () => {
  const password = makePassword();
  const hash = hashPassword(password);
  const startedMs = performance.now();
  for (let connects = 0; connects < 10_000; connects += 1) verifyPassword({ password, hash });
  expect(performance.now() - startedMs).toBeLessThan(1000);
});
