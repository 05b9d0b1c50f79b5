// A camera's challenge is answered as RFC 7616 says: its own examples, and the forms that cameras send.
import { expect, test } from "vitest";
import { authorize, chooseChallenge, loginOf } from "../../src/camera/authorization.ts";

const MUFASA = { user: "Mufasa", password: "Circle of Life" };
const ASKED = {
  login: MUFASA,
  method: "GET",
  uri: "/dir/index.html",
  nonceCount: 1,
  clientNonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
};
const NONCE = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
const OPAQUE = "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS";
const of = (algorithm: string) =>
  `Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=${algorithm}, nonce="${NONCE}", opaque="${OPAQUE}"`;

function answer(values: readonly string[], ask = ASKED): string {
  const challenge = chooseChallenge(values);
  if (challenge === null) throw new Error("no challenge can be answered");
  return authorize(challenge, ask);
}

test("RFC 7616's own example is answered with its own response, SHA-256 before MD5", () => {
  expect(answer([of("MD5")])).toContain('response="8ca523f5e9506fed4657c9700eebdbec"');
  const both = answer([of("MD5"), of("SHA-256")]);
  expect(both).toContain('response="753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"');
  expect(both).toContain("algorithm=SHA-256, ");
  expect(both).toContain("qop=auth, nc=00000001");
});

test("challenges joined into one header are taken apart, and digest goes before basic", () => {
  expect(answer([`Basic realm="a, b", ${of("MD5")}`])).toMatch(/^Digest /);
  expect(answer([`${of("SHA-512-256")}, Basic realm="cam"`])).toBe(
    `Basic ${Buffer.from("Mufasa:Circle of Life").toString("base64")}`,
  );
});

test("an old camera's challenge without qop and algorithm is answered as in RFC 2069", () => {
  const said = answer(['Digest realm="cam", nonce="abc"']);
  expect(said).not.toMatch(/qop|cnonce|algorithm|nc=/);
  expect(said).toMatch(/response="[0-9a-f]{32}"$/);
});

test("a nonce that went stale is told apart from a wrong password", () => {
  expect(chooseChallenge(['Digest realm="cam", nonce="abc", stale=TRUE'])).toMatchObject({ isStale: true });
  expect(chooseChallenge(['Digest realm="cam", nonce="abc"'])).toMatchObject({ isStale: false });
});

test("a camera that once asked for digest is not told the password in the clear", () => {
  const login = { ...MUFASA };
  expect(chooseChallenge(['Basic realm="cam"'], login)).toEqual({ scheme: "basic" });
  expect(chooseChallenge([of("MD5")], login)).toMatchObject({ scheme: "digest" });
  expect(chooseChallenge(['Basic realm="cam"'], login)).toBeNull();
  expect(chooseChallenge(['Basic realm="cam"', of("SHA-256")], login)).toMatchObject({ algorithm: "SHA-256" });
});

test("what cannot be answered is no challenge: other schemes, auth-int alone, no nonce, rubbish", () => {
  for (const value of [
    "Negotiate",
    "Digest",
    'Digest realm="cam"',
    'Digest realm="c", nonce="n", qop="auth-int"',
    ",,=\0",
  ])
    expect(chooseChallenge([value]), value).toBeNull();
});

test("a realm in UTF-8, which a header brings byte by byte, is the text it was; other bytes stay as they are", () => {
  const header = (realm: Buffer): string =>
    Buffer.concat([Buffer.from('Digest nonce="n", realm="'), realm, Buffer.from('"')]).toString("latin1");
  expect(chooseChallenge([header(Buffer.from("Gärten"))])).toMatchObject({ realm: "Gärten" });
  expect(chooseChallenge([header(Buffer.from([0x47, 0xe4, 0x72]))])).toMatchObject({ realm: "Gär" });
});

test("quotes in names cannot break out of their places", () => {
  const said = answer(['Digest realm="a\\"b", nonce="n"'], { ...ASKED, login: { user: 'x", uri="/', password: "p" } });
  expect(said).toContain('username="x\\", uri=\\"/"');
  expect(said).toContain('realm="a\\"b"');
});

test("credentials are taken apart at the first colon, and a file without one is refused without its text", () => {
  expect(loginOf("admin:a:b", "gate-cam")).toEqual({ user: "admin", password: "a:b" });
  for (const wrong of ["secret", ":secret", "admin:secret\nmore"]) {
    expect(() => loginOf(wrong, "gate-cam")).toThrow(expect.objectContaining({ code: "SECRET_UNREADABLE" }));
    expect(() => loginOf(wrong, "gate-cam")).not.toThrow(/secret/);
  }
});
