// What no browser of a volunteer sends: tricky paths, other methods, huge headers, JSON of the wrong kind, the names that JavaScript
// objects have by themselves; and words of devices that want to be more than words, on every page.
import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { fakeHouse, fakeProposal } from "../helpers/fake-house.ts";
import { readAllPages } from "../helpers/page-crawl.ts";
import { openPeopleSite, type PeopleSite } from "../helpers/people-site.ts";
import { post } from "../helpers/test-web.ts";

/** The first line and the headers of the answer to bytes as they are. */
async function raw(page: PeopleSite, bytes: string): Promise<string> {
  const socket = connect(Number(new URL(page.url).port), "127.0.0.1");
  socket.on("error", () => socket.destroy());
  socket.end(bytes);
  const parts: Buffer[] = [];
  socket.on("data", (part: Buffer) => parts.push(part));
  await once(socket, "close");
  return Buffer.concat(parts).toString();
}

const statusIn = (answer: string): number => Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1]);

const TRICKS = [
  "//people/journal",
  "/people//journal",
  "/people/journal/",
  "/people/journal%2f",
  "/people%2fjournal",
  "/people/%6aournal",
  "/people/%6Aournal",
  "/PEOPLE/JOURNAL",
  "/people/./journal",
  "/x/../people/journal",
  "/sign/../people/journal",
  "/transparency/%2e%2e/people/journal",
  "/assets/../people/journal",
  "/assets/%2e%2e%2fpeople%2fjournal",
  "/people/journal;x=/sign",
  "/people/journal?/sign",
  "/people/journal#/sign",
  "/people\\journal",
  "/people/journal%00",
  "/people/journal%0d%0aset-cookie:x=y",
  "/people/journal\u00a0",
  "/%70eople/journal",
  "/%ff/journal",
  "/%",
  "http://127.0.0.1/people/journal",
  "http://evil.example/people/journal",
  "*",
] as const;

test("no trick with a path shows the journal to a stranger or to a volunteer", async () => {
  await using page = await openPeopleSite();
  const ask = (wire: string, headers: string) =>
    raw(page, `GET ${wire} HTTP/1.1\r\nHost: 127.0.0.1\r\n${headers}Connection: close\r\n\r\n`);
  const cookie = (user: string): string => `Cookie: ${page.as(user).cookie}\r\n`;
  // Else the heading has changed, and what follows proves nothing.
  expect(await ask("/people/journal", cookie("steward"))).toContain("<h1>Journal</h1>");
  for (const path of TRICKS)
    for (const headers of ["", cookie("vera")]) {
      const answer = await ask(Buffer.from(path).toString("latin1"), headers);
      expect([path, answer.includes("<h1>Journal</h1>"), /^set-cookie: ?x=y/im.test(answer)]).toEqual([
        path,
        false,
        false,
      ]);
      expect([200, 500], path).not.toContain(statusIn(answer));
    }
  expect(page.board.get("web.failed")).toBe(0);
});

test("methods that nobody asked for are none, on open pages and on others", async () => {
  await using page = await openPeopleSite();
  for (const method of ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND", "GETX", "get", "CONNECT"])
    for (const path of ["/sign", "/people/journal", "/api/v1/status", "/people/you/leave"]) {
      const headers = `Host: 127.0.0.1\r\nCookie: ${page.as("steward").cookie}\r\nConnection: close`;
      const answer = await raw(page, `${method} ${path} HTTP/1.1\r\n${headers}\r\n\r\n`);
      // 400: the parser knows no such method; nothing: it is CONNECT, and the socket is closed.
      expect(method === "CONNECT" ? [0] : [400, 405], `${method} ${path}`).toContain(statusIn(answer) || 0);
    }
});

test("HEAD answers as GET does, without a body, also where one is not let in", async () => {
  await using page = await openPeopleSite();
  for (const path of ["/sign", "/people/journal", "/api/v1/status"])
    for (const headers of [{}, page.as("vera"), page.as("steward")]) {
      const [head, get] = [await page.ask("HEAD", path, { headers }), await page.ask("GET", path, { headers })];
      expect([path, head.status, head.text]).toEqual([path, get.status, ""]);
    }
});

test("headers of 20 kB, a request without a Host and two of them are refused", async () => {
  await using page = await openPeopleSite();
  const huge = await raw(page, `GET /sign HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ${"x".repeat(20_000)}\r\n\r\n`);
  expect(statusIn(huge)).toBe(431);
  expect(statusIn(await raw(page, "GET /sign HTTP/1.1\r\nConnection: close\r\n\r\n"))).toBe(400);
  const two = "GET /sign HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n";
  expect([400, 421]).toContain(statusIn(await raw(page, two)));
  const smuggled =
    "POST /logout HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
  expect(statusIn(await raw(page, smuggled))).toBe(400);
});

const ILL = [
  "[]",
  "null",
  "1",
  '"x"',
  '{"__proto__":{"isAdmin":true}}',
  '{"constructor":{"prototype":{"isAdmin":true}}}',
  `${"[".repeat(20_000)}${"]".repeat(20_000)}`,
  '{"id":{"$gt":""},"user":["steward"],"passphrase":{"length":20}}',
  '{"a":1e999}',
  "{",
  "\ufeff{}",
];

/** Ways that take no body, or end the very session that asks. */
const changes = ({ web }: PeopleSite): string[] => [
  ...new Set(web.routes.filter(({ method }) => method === "POST").map(({ path }) => path.replaceAll(/:[a-z]+/g, "x"))),
];

test("JSON of the wrong kind makes no route stumble", async () => {
  await using page = await openPeopleSite();
  // Pages take forms, and read no JSON: one of it is enough for them.
  for (const path of changes(page))
    for (const body of path.startsWith("/api/") ? ILL : ILL.slice(0, 1)) {
      const headers = { "content-type": "application/json", ...page.as("steward") };
      const { status } = await page.ask("POST", path, { headers, body });
      expect([path, body.slice(0, 40), status < 500 || status === 503]).toEqual([path, body.slice(0, 40), true]);
    }
  expect(page.board.get("web.failed")).toBe(0);
  expect(Object.hasOwn(Object.prototype, "isAdmin")).toBe(false);
});

test("forms and addresses with the names that objects have by themselves make no route stumble", async () => {
  await using page = await openPeopleSite();
  const odd = ["__proto__", "constructor", "toString", "hasOwnProperty"];
  for (const path of changes(page)) {
    const fields = Object.fromEntries(odd.map((word) => [word, "x"]));
    const named = { ...fields, role: "__proto__", what: "toString", user: "constructor", id: "__proto__", "a[b]": "c" };
    const { status } = await post(page, path.replace(/\/x\b/, "/__proto__"), named, page.as("steward"));
    expect([path, status < 500 || status === 503]).toEqual([path, true]);
  }
  const looked = page.web.routes.filter(({ method, path }) => method === "GET" && !path.includes("stream"));
  for (const path of new Set(looked.map((route) => route.path.replaceAll(/:[a-z]+(\{[^}]*\}[^/]*)?/g, "__proto__")))) {
    const query =
      "done=__proto__&said=constructor&what=toString&by=__proto__&before=NaN&lang=__proto__&next=//x&filter=constructor";
    const { status } = await page.ask("GET", `${path}?${query}`, { headers: page.as("steward") });
    expect([path, status < 500]).toEqual([path, true]);
  }
  expect(page.board.get("web.failed")).toBe(0);
});

const HOSTILE = `<img src=x onerror=alert(1)>"'\u202egnp.exe\u2066\u0007\u0000&lt;`;

test("markup, turning and unseen characters stay text wherever words of others are shown, in both directions of writing", async () => {
  const house = fakeHouse();
  const { devices, cameras, sinks, bridges } = house.commands.status();
  // Zones, profiles and types are ids of ours, and cannot hold any of it.
  const words = { name: HOSTILE };
  house.set({
    devices: devices.map((device) => ({ ...device, ...words, state: "offline" })),
    cameras: cameras.map((camera) => ({ ...camera, ...words, state: "unreachable", why: HOSTILE, caution: HOSTILE })),
    sinks: sinks.map((sink) => ({ ...sink, state: "paused", why: HOSTILE })),
    bridges: bridges.map((bridge) => ({ ...bridge, family: HOSTILE, base: HOSTILE, state: "offline" })),
    siteBroker: { isUp: false, why: HOSTILE, refused: [HOSTILE] },
    ledger: { trouble: HOSTILE },
    proposals: 2,
  });
  house.proposals = [
    fakeProposal({ name: HOSTILE, topic: HOSTILE, why: HOSTILE, profile: null }),
    fakeProposal({ id: "p-2", name: HOSTILE }),
  ];
  house.deadLetters = [
    {
      sinkId: "main",
      id: "1",
      type: "hedgerow.motion.detected.v1",
      why: HOSTILE,
      at: "2026-11-21T12:00:00.000Z",
      expiresAt: "2026-12-21T12:00:00.000Z",
    },
  ];
  await using page = await openPeopleSite({ house });
  await page.registry.update((data) => {
    const token = {
      id: "t",
      may: ["status" as const],
      secretHash: "0".repeat(64),
      by: "steward",
      createdAt: "2026-01-01T00:00:00.000Z",
    };
    data.tokens.push({ ...token, name: HOSTILE });
  });
  await page.send("/api/v1/login", { user: HOSTILE, passphrase: HOSTILE });
  let shown = 0;
  const found: string[] = [];
  const around = (text: string, mark: string): string => text.slice(text.indexOf(mark) - 120, text.indexOf(mark) + 20);
  for (const who of ["steward", "vera"])
    for (const lang of ["en", "ar"]) {
      const doors = ["/devices/lamp-3", "/cameras/gate-cam", "/proposals/p-1", "/people/tokens", "/people/journal"];
      const cookie = `${page.as(who).cookie}; hedgerow-language=${lang}`;
      for (const [way, bytes] of await readAllPages(page.url, { who, cookie, doors })) {
        const text = bytes.toString();
        if (!/content-type","text\/html/.test(text)) continue;
        shown += text.split("onerror=alert(1)").length - 1;
        for (const mark of ["<img src=x", "\u202e", "\u2066\u0007", "\u0007", "\u0000", "onerror=alert(1)>"])
          if (text.includes(mark)) found.push(`${lang} ${way}: ${JSON.stringify(around(text, mark))}`);
      }
    }
  expect(found).toEqual([]);
  // Else nothing of it was shown at all, and the test would prove nothing.
  expect(shown).toBeGreaterThan(20);
});
