// What is turned away: strangers on every route, foreign sites and names, bodies that are too large, mistakes of our own.
import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { fakeHouse } from "../helpers/fake-house.ts";
import { openTestWeb, PASSPHRASE } from "../helpers/test-web.ts";

test.each(["/api/v1/status", "/api/v1/stream", "/cameras/gate-cam/last.jpg", "/api/v1/unheard-of"])(
  "a stranger gets 401 from %s",
  async (path) => {
    await using page = await openTestWeb();
    const answered = await page.ask("GET", path);
    expect([answered.status, JSON.parse(answered.text)]).toEqual([401, { error: "Please log in first." }]);
  },
);

test.each(["/", "/devices", "/devices/lamp-3", "/cameras", "/buffer", "/unheard-of"])(
  "a stranger is led away from %s",
  async (path) => {
    await using page = await openTestWeb();
    expect((await page.ask("GET", path)).status).toBe(303);
  },
);

test.each(["/transparency", "/api/v1/transparency", "/healthz", "/readyz", "/setup", "/metrics"])(
  "nobody needs a login for %s on this machine",
  async (path) => {
    await using page = await openTestWeb();
    expect((await page.ask("GET", path)).status).toBe(200);
  },
);

test.each(["evil.example", "evil.example:8080", "192.168.1.5.evil.example"])(
  "the Host %j is refused, so that no name can be rebound to this gateway",
  async (host) => {
    await using page = await openTestWeb();
    const answered = await page.ask("GET", "/transparency", { headers: { host } });
    expect(answered.status).toBe(421);
    expect(answered.text).not.toContain("Elm Street Association");
  },
);

test.each([
  "192.168.1.5:8080",
  "[fd00::5]:8080",
  "[2001:db8::1]",
  "hedgerow.local",
  "hedgerow:8080",
  "localhost",
  "203.0.113.9",
])("the Host %s is the house's own", async (host) => {
  await using page = await openTestWeb();
  expect((await page.ask("GET", "/healthz", { headers: { host } })).status).toBe(200);
});

test.each([
  { origin: "http://evil.example" },
  { origin: "null" },
  { "sec-fetch-site": "cross-site" },
  { "sec-fetch-site": "same-site" },
])("a change sent by another site (%j) is refused", async (headers) => {
  await using page = await openTestWeb();
  const answered = await page.send("/api/v1/logout", {}, headers);
  expect(answered.status).toBe(403);
  expect(page.board.get("web.request-refused.origin")).toBe(1);
});

test("a one-time link is used from its own page, and by no form of another site that would let its visitor in as somebody else", async () => {
  await using page = await openTestWeb();
  for (const path of ["/invite/made-up", "/pair/made-up"]) {
    const use = async (site: string) =>
      (await page.ask("POST", path, { headers: { origin: "null", "sec-fetch-site": site } })).status;
    expect([await use("same-origin"), await use("cross-site"), await use("same-site")]).toEqual([404, 403, 403]);
  }
});

test("a change from the page's own origin, or from a program without one, is taken", async () => {
  await using page = await openTestWeb();
  expect((await page.send("/api/v1/logout", {}, { origin: page.url, "sec-fetch-site": "same-origin" })).status).toBe(
    200,
  );
  expect((await page.send("/api/v1/logout", {})).status).toBe(200);
});

test.each(["/api/v1/login", "/api/v1/setup", "/login"])("a body of more than 64 KiB to %s is refused", async (path) => {
  await using page = await openTestWeb();
  const answered = await page.send(path, { user: "steward", passphrase: "x".repeat(70_000) });
  expect(answered.status).toBe(413);
});

test.each(["PUT", "DELETE", "OPTIONS", "PATCH", "TRACE"])(
  "%s is refused, with the methods there are",
  async (method) => {
    await using page = await openTestWeb();
    for (const path of ["/healthz", "/", "/api/v1/login"]) {
      const answered = await page.ask(method, path);
      expect([answered.status, answered.headers.allow]).toEqual([405, "GET, HEAD, POST"]);
    }
    expect([page.board.get("web.request-refused.method"), page.board.get("web.failed")]).toEqual([3, 0]);
  },
);

const CHUNKED = { "transfer-encoding": "chunked", "content-type": "application/json" };

test("a login sent in chunks, without a length, is a login", async () => {
  await using page = await openTestWeb();
  await page.enter();
  const logIn = (passphrase: string) =>
    page.ask("POST", "/api/v1/login", { headers: CHUNKED, body: JSON.stringify({ user: "steward", passphrase }) });
  expect((await logIn("wrong passphrase")).status).toBe(401);
  expect((await logIn(PASSPHRASE)).status).toBe(200);
  const form = { "transfer-encoding": "chunked", "content-type": "application/x-www-form-urlencoded" };
  const body = new URLSearchParams({ user: "steward", passphrase: PASSPHRASE }).toString();
  expect((await page.ask("POST", "/login", { headers: form, body })).status).toBe(303);
});

test.each(["/api/v1/login", "/login", "/api/v1/unheard-of"])(
  "a body of more than 64 KiB sent to %s in chunks, without a length, is refused",
  async (path) => {
    await using page = await openTestWeb();
    const answered = await page.ask("POST", path, { headers: CHUNKED, body: "x".repeat(70_000) });
    expect([answered.status, page.board.get("web.failed")]).toEqual([413, 0]);
  },
);

test("a body of no length at all is an empty one", async () => {
  await using page = await openTestWeb();
  expect(await statusOfRaw(page.url, "POST /logout HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")).toBe(
    303,
  );
  expect(
    await statusOfRaw(page.url, "POST /api/v1/login HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"),
  ).toBe(400);
});

test("a body that breaks off is nobody's mistake here", async () => {
  await using page = await openTestWeb();
  const head = `POST /api/v1/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{`;
  const socket = connect(Number(new URL(page.url).port), "127.0.0.1");
  await once(socket, "connect");
  await new Promise<void>((resolve) => socket.write(head, () => resolve()));
  socket.destroy();
  await once(socket, "close");
  expect((await page.ask("GET", "/healthz")).status).toBe(200);
  expect(page.board.get("web.failed")).toBe(0);
});

test.each([
  ["no JSON at all", "{", "application/json"],
  ["a field too many", '{"code":"A","passphrase":"B","role":"steward"}', "application/json"],
  ["a number for a word", '{"code":1,"passphrase":"B"}', "application/json"],
  ["JSON in disguise", '{"code":"A","passphrase":"B"}', "text/plain"],
])("set-up refuses %s with a sentence", async (_, body, type) => {
  await using page = await openTestWeb();
  const answered = await page.ask("POST", "/api/v1/setup", { headers: { "content-type": type }, body });
  expect([answered.status, typeof JSON.parse(answered.text).error]).toEqual([400, "string"]);
});

test("the policy of the page forbids everything that is not its own", async () => {
  await using page = await openTestWeb();
  const { headers, text } = await page.ask("GET", "/transparency");
  expect(headers["content-security-policy"]).toBe(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  );
  expect(headers["x-content-type-options"]).toBe("nosniff");
  expect(headers["cache-control"]).toBe("no-store");
  expect(text).not.toMatch(/<script(?![^>]*src=)|\sstyle=|\son[a-z]+=|https?:\/\//);
});

test("a mistake of ours is a sentence, never a stack", async () => {
  const house = fakeHouse();
  let isBroken = false;
  const status = () => {
    if (isBroken) throw new Error("secret detail at /srv/x.ts:1");
    return fakeHouse().commands.status();
  };
  await using page = await openTestWeb({ house: { ...house, commands: { ...house.commands, status } } });
  const headers = await page.enter();
  isBroken = true;
  for (const path of ["/", "/api/v1/status", "/metrics"]) {
    const answered = await page.ask("GET", path, { headers });
    expect([answered.status, /secret|x\.ts|at /.test(answered.text.replace("What", ""))]).toEqual([
      500,
      expect.any(Boolean),
    ]);
    expect(answered.text).not.toContain("secret");
  }
  expect(page.board.get("web.failed")).toBe(3);
});

test("what does not exist is said in a sentence to whoever is logged in", async () => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  for (const path of ["/nothing", "/devices/nothing", "/cameras/nothing/last.jpg", "/api/v1/nothing"]) {
    expect((await page.ask("GET", path, { headers })).status).toBe(404);
  }
});

test("names with markup and bidirectional characters stay text", async () => {
  const { devices } = fakeHouse().commands.status();
  const name = '<img src=x onerror=alert(1)>\u202egnp.exe"\u0007';
  await using page = await openTestWeb({
    house: fakeHouse({ devices: devices.map((device) => ({ ...device, name, zone: name, state: "offline" })) }),
  });
  const headers = await page.enter();
  for (const path of ["/", "/devices", "/devices/lamp-3"]) {
    const { text } = await page.ask("GET", path, { headers });
    for (const mark of ["<img src=x", "\u202e", "\u0007"]) expect(text).not.toContain(mark);
    expect(text).toContain("&lt;img src=x onerror=alert(1)&gt;gnp.exe&quot;");
  }
});

/** The status of the answer to bytes as they are, which no HTTP client would send. */
async function statusOfRaw(url: string, bytes: string): Promise<number> {
  const socket = connect(Number(new URL(url).port), "127.0.0.1");
  socket.end(bytes);
  const parts: Buffer[] = [];
  socket.on("data", (part: Buffer) => parts.push(part));
  await once(socket, "close");
  return Number(/^HTTP\/1\.1 (\d+)/.exec(Buffer.concat(parts).toString())?.[1]);
}
