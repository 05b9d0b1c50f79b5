// Open status pages, as a process of its own: each listens to the stream and fetches the page as assets/page.js does, at its pace.
// Arguments: address, cookie, how many. Ends with its standard input, and prints {"pages", "fetches", "p50Ms", "p99Ms"}.
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";

const [url = "", cookie = "", count = "0"] = process.argv.slice(2);
const headers = { cookie };
const ended = new AbortController();
const waits: number[] = [];

/** As in assets/page.js. */
const PACE_MS = 1500;
const PACE_FACTOR = 20;

async function open(): Promise<void> {
  const stream = await fetch(`${url}/api/v1/stream?brief`, { headers, signal: ended.signal });
  let isWanted = true;
  const looking = look(() => {
    const was = isWanted;
    isWanted = false;
    return was;
  });
  const reader = stream.body?.getReader();
  try {
    for (;;) {
      const part = await reader?.read();
      if (part?.done !== false) break;
      if (Buffer.from(part.value).includes("event: changed")) isWanted = true;
    }
  } catch {
    // The end of the process: the page is closed.
  }
  await looking;
}

async function look(takeWanted: () => boolean): Promise<void> {
  let tookMs = 0;
  while (!ended.signal.aborted) {
    await sleep(Math.max(PACE_MS, tookMs * PACE_FACTOR));
    if (!takeWanted()) continue;
    const startedAt = performance.now();
    await (await fetch(`${url}/`, { headers })).text();
    tookMs = performance.now() - startedAt;
    waits.push(tookMs);
  }
}

const pages = Array.from({ length: Number(count) }, () => open());
process.stdin.resume();
await once(process.stdin, "end");
ended.abort();
await Promise.allSettled(pages);
waits.sort((a, b) => a - b);
const at = (share: number) => Math.round((waits[Math.floor(waits.length * share)] ?? 0) * 10) / 10;
process.stdout.write(JSON.stringify({ pages: pages.length, fetches: waits.length, p50Ms: at(0.5), p99Ms: at(0.99) }));
