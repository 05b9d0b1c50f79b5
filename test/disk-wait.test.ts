// The waiting room by itself: what its page says to people and to programs, when it tries again, and what it does not wait for.
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makePrivateDirectory } from "../src/core/durable-file.ts";
import { GatewayError, messageOf } from "../src/core/errors.ts";
import { silentLog } from "../src/core/log.ts";
import { openOnDisk } from "../src/disk-wait.ts";
import { SCHEMAS } from "../src/settings/schema.ts";
import { freePorts } from "./helpers/gateway-process.ts";
import { tempDir } from "./helpers/temp-dir.ts";

/** A data directory with a file in its place; `open` fails on it as openGateway does. */
async function waitingRoom() {
  const folder = await tempDir();
  const dataDir = join(folder.path, "data");
  await writeFile(dataDir, "in the way");
  const [port = 0] = await freePorts(1);
  const settings = {
    ...SCHEMAS.gateway.parse({ gateway: { id: "elm", name: "Elm Street", dataDir } }),
    status: { host: "127.0.0.1", port },
  };
  let opened = 0;
  const open = async () => {
    opened++;
    await makePrivateDirectory(dataDir).catch((cause: unknown) => {
      throw new GatewayError("DATA_DIR_UNUSABLE", `cannot use ${dataDir}: ${messageOf(cause)}`, { cause });
    });
    return "the gateway";
  };
  // The first wait says that the page is there; then each lasts until the test lets it end.
  const isWaiting = Promise.withResolvers<void>();
  const turn = Promise.withResolvers<void>();
  const wait = (_ms: number, signal: AbortSignal) => {
    isWaiting.resolve();
    return new Promise<void>((resolve) => {
      signal.addEventListener("abort", () => resolve());
      void turn.promise.then(resolve);
    });
  };
  const stop = new AbortController();
  const ask = (path: string, how: RequestInit = {}) => fetch(`http://127.0.0.1:${port}${path}`, how);
  return {
    dataDir,
    stop,
    ask,
    opened: () => opened,
    waiting: isWaiting.promise,
    goOn: turn.resolve,
    opening: openOnDisk({ open, settings, log: silentLog, wait }, stop.signal),
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

test("the page says what is wrong and the next step; programs get 503, and who asks whether it lives gets yes", async () => {
  await using room = await waitingRoom();
  await room.waiting;
  const page = await room.ask("/");
  const text = await page.text();
  expect([page.status, page.headers.get("retry-after"), page.headers.get("refresh")]).toEqual([503, "10", "10"]);
  expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
  expect(page.headers.get("set-cookie")).toBeNull();
  expect(text).toContain("Elm Street");
  expect(text).toContain("data is not there.");
  expect(text).toContain("Is the USB stick or disk plugged in?");
  expect(text, "names of files are for the log").not.toContain(room.dataDir);
  const css = /href="(\/assets\/[^"]+css[^"]*)"/.exec(text)?.[1] ?? "";
  expect((await room.ask(css)).status).toBe(200);

  for (const path of ["/readyz", "/api/v1/status", "/metrics"]) {
    const answer = await room.ask(path);
    expect([answer.status, await answer.json()], path).toMatchObject([503, { disk: "absent" }]);
  }
  expect((await room.ask("/login", { method: "POST" })).status).toBe(503);
  expect((await room.ask("/healthz")).status).toBe(200);
  room.stop.abort();
  expect(await room.opening).toBeNull();
  await expect(room.ask("/healthz"), "the page has gone with it").rejects.toThrow("fetch failed");
});

test("it opens by itself once the disk takes writes, and the port is free for the gateway's own page", async () => {
  await using room = await waitingRoom();
  await room.waiting;
  expect(room.opened()).toBe(1);
  await rm(room.dataDir);
  room.goOn();
  expect(await room.opening).toBe("the gateway");
  expect(room.opened()).toBe(2);
  await expect(room.ask("/healthz")).rejects.toThrow("fetch failed");
});

test("what is not the disk's doing ends the start as ever", async () => {
  const settings = SCHEMAS.gateway.parse({ gateway: { id: "elm" } });
  const locked = new GatewayError("DATA_DIR_LOCKED", "another Hedgerow uses it");
  const opening = openOnDisk(
    { open: () => Promise.reject(locked), settings, log: silentLog },
    new AbortController().signal,
  );
  await expect(opening).rejects.toBe(locked);
});
