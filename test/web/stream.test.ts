// The live stream: a snapshot at once and after a change, a heartbeat, a bound, and an end at stop and at logging out.
import { expect, test } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { openTestWeb, type TestWeb } from "../helpers/test-web.ts";

/** An open stream; `until` reads on until the text matches, and fails when the stream ends before. */
async function openStream(page: TestWeb, headers: Record<string, string>) {
  const closing = new AbortController();
  const response = await fetch(`${page.url}/api/v1/stream`, { headers, signal: closing.signal });
  const decoder = new TextDecoder();
  const reader = response.body?.getReader();
  let text = "";
  const read = async (): Promise<boolean> => {
    const part = await reader?.read();
    text += decoder.decode(part?.value);
    return part?.done ?? true;
  };
  return {
    response,
    text: () => text,
    until: async (pattern: RegExp) => {
      while (!pattern.test(text)) if (await read()) throw new Error(`the stream ended after ${text}`);
    },
    end: async () => {
      while (!(await read()));
    },
    [Symbol.asyncDispose]: async () => closing.abort(),
  };
}

const buffer = {
  pictures: 0,
  bytes: 1,
  bytesMax: 1e9,
  disk: "ok",
  oldestAt: null,
  hoursLeft: null,
  deadLetters: 0,
} as const;

test("a stream begins with the status and tells each change", async () => {
  await using page = await openTestWeb();
  await using stream = await openStream(page, await page.enter());
  expect(stream.response.headers.get("content-type")).toBe("text/event-stream");
  await stream.until(/event: status\ndata: \{.*"entries":12.*\}\n/);
  page.house.set({ buffer: { ...buffer, entries: 13 } });
  await stream.until(/"entries":13/);
});

test("a burst of changes becomes one snapshot, the last", async () => {
  await using page = await openTestWeb();
  await using stream = await openStream(page, await page.enter());
  await stream.until(/\n\n/);
  for (let entries = 100; entries < 200; entries += 1) page.house.set({ buffer: { ...buffer, entries } });
  await stream.until(/"entries":199/);
  expect(stream.text().match(/event: status/g)).toHaveLength(2);
});

test("a silent stream says that it is still here", async () => {
  await using page = await openTestWeb();
  await using stream = await openStream(page, await page.enter());
  await stream.until(/: still here\n\n[^]*: still here\n\n/);
});

test("more streams than the bound are refused, and a closed one makes room", async () => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  await using first = await openStream(page, headers);
  {
    await using second = await openStream(page, headers);
    await Promise.all([first.until(/status/), second.until(/status/)]);
    expect((await page.ask("GET", "/api/v1/stream", { headers })).status).toBe(503);
  }
  await expect
    .poll(async () => {
      await using third = await openStream(page, headers);
      return third.response.status;
    })
    .toBe(200);
});

test("streams end when the gateway stops", async () => {
  await using page = await openTestWeb();
  await using stream = await openStream(page, await page.enter());
  await stream.until(/status/);
  page.stop.abort();
  await stream.end();
  await expect.poll(() => page.house.watchers.size).toBe(0);
});

test("a stream ends when its session does", async () => {
  await using page = await openTestWeb();
  const headers = await page.enter();
  await using stream = await openStream(page, headers);
  await stream.until(/status/);
  await page.send("/api/v1/logout", {}, headers);
  await stream.end();
});

test("closing the page's server waits for nobody who only listens", async () => {
  const page = await openTestWeb();
  await using stream = await openStream(page, await page.enter());
  await stream.until(/status/);
  const startMs = performance.now();
  await page[Symbol.asyncDispose]();
  expect(performance.now() - startMs).toBeLessThan(LIMITS.webCloseMs * 0.75);
  await expect(fetch(`${page.url}/healthz`)).rejects.toThrow("fetch failed");
});
