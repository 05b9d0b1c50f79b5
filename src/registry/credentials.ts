// User names and passwords of devices and bridges: how they are made, kept and checked.
//
// Decision: one round of HMAC-SHA256 with a salt, no slow hash. These passwords are made here, never chosen: 130 random
// bits, so that guessing them from the hash is hopeless at any speed, and a slow hash would only let a power cut, after
// which a thousand sensors connect at once, become a minute of darkness. What people choose is in registry/passphrase.ts.
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import type { Login } from "../core/arrival.ts";

/** Crockford's base32 in lower case: no i, l, o, u, so that nobody mistypes them from a screen into a device. */
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";
/** 26 letters of 5 bits are 130 bits, and fit the 32 that Tasmota keeps. */
const PASSWORD_LETTERS = 26;
const SALT_BYTES = 16;
const HASH = /^hmac-sha256:([A-Za-z0-9_-]{22}):([A-Za-z0-9_-]{43})$/;

/** No id holds an underscore (settings/schema.ts), so no device can be named like a bridge's or camera's login. */
const PREFIXED = ["bridge", "camera"] as const;

/** The MQTT user name: a device's id, `bridge_<id>` or `camera_<id>`. */
export function usernameOf({ kind, id }: Login): string {
  return kind === "bridge" || kind === "camera" ? `${kind}_${id}` : id;
}

/** Whose user name this would be; whether such a device, bridge or camera exists is the registry's to say. */
export function loginOf(username: string): Login {
  const kind = PREFIXED.find((each) => username.startsWith(`${each}_`));
  return kind === undefined ? { kind: "device", id: username } : { kind, id: username.slice(kind.length + 1) };
}

/** A new password of 130 random bits: 26 letters and digits that can be typed into a device. `random` gives n bytes. */
export function makePassword(random: (bytes: number) => Uint8Array = randomBytes): string {
  return [...random(PASSWORD_LETTERS)].map((byte) => ALPHABET.charAt(byte & 31)).join("");
}

/** What the registry keeps of a password: `hmac-sha256:<salt>:<digest>`, both base64url. */
export function hashPassword(password: string): string {
  const salt = randomBytes(SALT_BYTES);
  return `hmac-sha256:${salt.toString("base64url")}:${digestOf({ password, salt }).toString("base64url")}`;
}

/** Whether this is the password, in constant time (a few microseconds). A hash of null or of another form fits nothing. */
export function verifyPassword({ password, hash }: { password: string | Uint8Array; hash: string | null }): boolean {
  const [, salt, digest] = HASH.exec(hash ?? "") ?? [];
  if (salt === undefined || digest === undefined) return false;
  return timingSafeEqual(
    digestOf({ password, salt: Buffer.from(salt, "base64url") }),
    Buffer.from(digest, "base64url"),
  );
}

function digestOf({ password, salt }: { password: string | Uint8Array; salt: Uint8Array }): Buffer {
  return createHmac("sha256", salt).update(password).digest();
}
