// The ledger for anybody: its head and its lines without a login, checked as a file, bounded, and no further than the rest of what
// is public: where the policy tells no single movement, nothing of today.
import { expect, test } from "vitest";
import { checkExport } from "../../src/ledger/ledger-check.ts";
import { isSignedBy } from "../../src/ledger/ledger-head.ts";
import type { Ledger } from "../../src/ledger/ledger.ts";
import type { WebDeps } from "../../src/web/web.ts";
import { filledLedger } from "../helpers/filled-ledger.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { openTestWeb, testWebPolicy } from "../helpers/test-web.ts";

const EACH = { ...testWebPolicy(), events: { ...testWebPolicy().events, motion: { mode: "each" } as const } };

type PagePort = WebDeps["ledger"];

async function openPage(
  options: { policy?: ReturnType<typeof testWebPolicy>; ledger?: (own: Ledger) => PagePort } = {},
) {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await tempDir());
  const filled = stack.use(await filledLedger(directory.path, { gatewayId: "elm-street" }));
  const { policy = testWebPolicy(), ledger = (own) => own } = options;
  const page = stack.use(await openTestWeb({ policy, dataDir: directory.path, ledger: ledger(filled.ledger) }));
  const owned = stack.move();
  const fetched = (path = "/transparency/ledger.jsonl") => page.ask("GET", path);
  return { page, filled, fetched, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
/** As much as is written at once. */
const PIECE = `${"x".repeat(65_536)}\n`;

const exporting =
  (exported: () => Generator<string, void>) =>
  (own: Ledger): PagePort => ({
    lastNumber: (of) => own.lastNumber(of),
    headAt: (number) => own.headAt(number),
    heads: (upTo, limit) => own.heads(upTo, limit),
    newest: (kind, limit) => own.newest(kind, limit),
    exported,
  });
const check = (text: string, key?: string) => checkExport(text.split("\n").slice(0, -1), { key });

test("anybody fetches the ledger and checks it, and finds nothing private in it", async () => {
  await using open = await openPage();
  const { status, headers, text } = await open.fetched();
  expect([status, headers["content-type"]]).toEqual([200, "application/jsonl; charset=utf-8"]);
  expect(headers["content-disposition"]).toBe('attachment; filename="ledger-elm-street.jsonl"');
  const { publicKey, head } = JSON.parse((await open.fetched("/api/v1/ledger/head")).text);
  const checked = await check(text, publicKey);
  expect(checked.to).toEqual({ number: head.number, link: head.digest });
  expect(isSignedBy(head, publicKey)).toBe(true);
  expect(text).not.toMatch(/steward|lamp-3|platform\.example/);
});

test("where no single movement is told, nothing of today is; where each is, all up to now", async () => {
  await using daily = await openPage();
  expect((await check((await daily.fetched()).text)).to.number).toBe(7);
  expect(JSON.parse((await daily.fetched("/api/v1/ledger/head")).text).head).toMatchObject({
    number: 7,
    day: "2026-11-22",
  });
  daily.filled.ledger.notePolicy("f".repeat(64));
  expect((await check((await daily.fetched()).text)).to.number).toBe(7);
  await using each = await openPage({ policy: EACH });
  expect((await check((await each.fetched()).text)).to.number).toBe(9);
  each.filled.ledger.notePolicy("f".repeat(64));
  expect((await check((await each.fetched()).text)).to.number, "not before the edge of the time bucket").toBe(9);
});

test("the page shows how the ledger stands and stood, and leads to it", async () => {
  await using open = await openPage();
  const { text } = await open.fetched("/transparency");
  const { ledgerHeads } = JSON.parse((await open.fetched("/api/v1/transparency")).text);
  expect(ledgerHeads.map(({ number, day }: { number: number; day: string }) => [number, day])).toEqual([
    [7, "2026-11-22"],
    [6, "2026-11-21"],
  ]);
  for (const words of [
    `On 22 November 2026 it came to line 7. Fingerprint of that line: <code>${ledgerHeads[0].digest}</code>`,
    `Before that, it came to line 6, on 21 November 2026. Fingerprint of that line: <code>${ledgerHeads[1].digest}</code>`,
    'href="/transparency/ledger.jsonl"',
  ])
    expect(text).toContain(words);
});

test("who has a part asks on from there; what is no number is refused", async () => {
  await using open = await openPage();
  const part = await check((await open.fetched("/transparency/ledger.jsonl?after=5")).text);
  expect([part.from.number, part.to.number]).toEqual([5, 7]);
  const beyond = await check((await open.fetched("/transparency/ledger.jsonl?after=999999")).text);
  expect([beyond.from.number, beyond.to.number]).toEqual([7, 7]);
  for (const after of ["-1", "x", "1e9", "9".repeat(20)])
    expect((await open.fetched(`/transparency/ledger.jsonl?after=${after}`)).status, after).toBe(400);
});

test("two at once, not three; one that goes away leaves its place to the next; a HEAD takes none", async () => {
  const endless = exporting(function* () {
    for (;;) yield PIECE;
  });
  await using open = await openPage({ ledger: endless });
  const url = `${open.page.url}/transparency/ledger.jsonl`;
  for (let n = 0; n < 4; n++) expect((await fetch(url, { method: "HEAD" })).status).toBe(200);
  const away = new AbortController();
  const [first, second] = await Promise.all([fetch(url, { signal: away.signal }), fetch(url, { signal: away.signal })]);
  expect([first.status, second.status]).toEqual([200, 200]);
  const third = await fetch(url);
  expect([third.status, await third.json()]).toEqual([503, { error: expect.stringContaining("try again") }]);
  away.abort();
  await expect
    .poll(
      async () => {
        const trying = new AbortController();
        const { status } = await fetch(url, { signal: trying.signal });
        trying.abort();
        return status;
      },
      { timeout: 10_000 },
    )
    .toBe(200);
});

test("sensors have their turn between any two pieces of it, however fast it is fetched", async () => {
  let turn = 0;
  const turns: number[] = [];
  const ending = new AbortController();
  const tick = (): void => {
    turn++;
    if (!ending.signal.aborted) setImmediate(tick);
  };
  setImmediate(tick);
  const pieces = exporting(function* () {
    for (let n = 0; n < 40; n++) {
      turns.push(turn);
      yield PIECE;
    }
  });
  await using open = await openPage({ ledger: pieces });
  await (await fetch(`${open.page.url}/transparency/ledger.jsonl`)).text();
  ending.abort();
  expect(turns).toHaveLength(40);
  expect(new Set(turns).size).toBe(40);
});
