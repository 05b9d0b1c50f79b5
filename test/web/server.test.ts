// The door of the local page: a port that is taken, an address that is not ours, what a first start left behind, one call of all.
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { once } from "node:events";
import { Agent, createServer, request } from "node:http";
import { connect } from "node:net";
import { join } from "node:path";
import { Hono } from "hono";
import { expect, test } from "vitest";
import { SCHEMAS } from "../../src/settings/schema.ts";
import type { WebEnv } from "../../src/web/answers.ts";
import { openServer } from "../../src/web/server.ts";
import { memoryRegistry } from "../helpers/memory-registry.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { openTestWeb } from "../helpers/test-web.ts";

function settingsAt(host: string, port: number) {
  return { ...SCHEMAS.gateway.parse({ gateway: { id: "elm" } }), status: { host, port } };
}

test("a port in use is named, with the remedy, and the page leaves nothing open", async () => {
  await using first = await openTestWeb();
  const { port } = first.web.address;
  const second = openTestWeb({ settings: settingsAt("127.0.0.1", port) });
  await expect(second).rejects.toMatchObject({
    code: "PORT_IN_USE",
    message: expect.stringContaining(String(port)),
    hint: expect.stringContaining("gateway.yaml"),
  });
});

test("an address of another machine is a mistake in the settings", async () => {
  const opening = openTestWeb({ settings: settingsAt("203.0.113.1", 0) });
  await expect(opening).rejects.toMatchObject({
    code: "CONFIG_INVALID",
    message: expect.stringContaining("203.0.113.1"),
  });
});

test("a code left over beside a steward is void and deleted", async () => {
  await using directory = await tempDir();
  const path = join(directory.path, "setup-code.txt");
  await writeFile(path, "ABCDEFGH\n");
  const registry = memoryRegistry();
  await registry.update((data) => {
    data.accounts.push({ user: "steward", role: "steward", passphraseHash: "x", createdAt: "2026-01-01T00:00:00Z" });
  });
  await using page = await openTestWeb({ dataDir: directory.path, registry });
  expect([page.web.setupCode, existsSync(path)]).toEqual([null, false]);
  expect((await page.send("/api/v1/setup", { code: "ABCDEFGH", passphrase: "long enough words" })).status).toBe(409);
});

test("closing twice is closing once, and the port is free afterwards", async () => {
  const page = await openTestWeb();
  const { port } = page.web.address;
  await page.web[Symbol.asyncDispose]();
  await page.web[Symbol.asyncDispose]();
  await page[Symbol.asyncDispose]();
  const other = createServer();
  await new Promise<void>((resolve, reject) => {
    other.once("error", reject).listen(port, "127.0.0.1", resolve);
  });
  other.close();
});

/** A page whose `/slow` answers when it is told to; `isAsked`: somebody waits for it. */
async function openSlow() {
  const asked = Promise.withResolvers<void>();
  const told = Promise.withResolvers<void>();
  const app = new Hono<WebEnv>();
  app.get("/slow", async (c) => {
    asked.resolve();
    await told.promise;
    return c.text("done");
  });
  const server = await openServer(app, { host: "127.0.0.1", port: 0 });
  return { server, port: server.address.port, isAsked: asked.promise, answer: () => told.resolve() };
}

test("closing waits for an answer that is on its way, and not until the deadline for the connection it came by", async () => {
  const [answered, stuck] = [await openSlow(), await openSlow()];
  const agent = new Agent({ keepAlive: true });
  const asking = request({ port: answered.port, host: "127.0.0.1", path: "/slow", agent }).end();
  const waiting = connect(stuck.port, "127.0.0.1").on("error", () => undefined);
  waiting.write("GET /slow HTTP/1.1\r\nhost: x\r\n\r\n");
  await Promise.all([answered.isAsked, stuck.isAsked]);
  // This one is cut at the deadline; begun first, it would be the first to end if both were.
  const cut = stuck.server[Symbol.asyncDispose]().then(() => "deadline");
  const closed = answered.server[Symbol.asyncDispose]().then(() => "answered");
  answered.answer();
  const [response] = await once(asking, "response");
  response.resume();
  expect(response.statusCode).toBe(200);
  expect(await Promise.race([cut, closed])).toBe("answered");
  await Promise.all([cut, closed]);
  stuck.answer();
  waiting.destroy();
  agent.destroy();
});
