// Shown here: tokens at the command line, with a gateway that runs and without one; only the hash is kept.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makePrivateDirectory } from "../../src/core/durable-file.ts";
import { silentLog } from "../../src/core/log.ts";
import { openLocalSocket } from "../../src/web/local-socket.ts";
import { commandLine } from "../helpers/command-line.ts";
import { commandsThatNote } from "../helpers/commands-that-note.ts";

test("without a gateway a token is made, listed and removed in the registry, which keeps only its hash", async () => {
  await using at = await commandLine();
  const file = () => readFile(join(at.path, "data/registry.json"), "utf8");
  const made = await at.json("token", "add", "Home Assistant", "--may", "switch", "status");
  expect(made).toEqual({
    id: expect.stringMatching(/^[\w-]{12}$/),
    name: "Home Assistant",
    may: ["status", "switch"],
    token: expect.stringMatching(/^hgr_[\w-]{43}$/),
  });
  const { id, token } = JSON.parse(JSON.stringify(made));
  expect(await file()).not.toContain(token.slice(4));
  expect(await at.call("token", "list")).toMatch(
    /^id +name +may +made by +last used\n.*Home Assistant +status switch +command-line +not yet$/,
  );
  expect(await at.json("token", "remove", id)).toEqual({ id, done: "remove" });
  expect(await at.json("token", "list")).toEqual([]);
  await expect(at.call("token", "remove", id)).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("while the gateway runs, each command acts through it and is noted as done at the box", async () => {
  await using at = await commandLine();
  const dataDir = join(at.path, "data");
  await makePrivateDirectory(dataDir);
  const asked: unknown[] = [];
  const noted: unknown[] = [];
  const view = {
    id: "t-1",
    name: "Prometheus",
    may: ["metrics" as const],
    by: "command-line",
    createdAt: "2026-01-01T00:00:00.000Z",
    usedAt: null,
  };
  const commands = {
    ...commandsThatNote(asked),
    listTokens: () => [view],
    addToken: async (ask: unknown) => ({ ...view, token: `hgr_${asked.push(ask)}` }),
    removeToken: async (ask: unknown) => void asked.push(ask),
  };
  const journal = { note: (each: unknown) => void noted.push(each) };
  await using _gateway = await openLocalSocket(
    { dataDir, commands, log: silentLog, journal },
    new AbortController().signal,
  );
  expect(await at.call("token", "add", "Prometheus", "--may", "metrics")).toContain("token  hgr_1   (shown only now)");
  await at.call("token", "remove", "t-1");
  expect(await at.json("token", "list")).toEqual([view]);
  expect(asked).toEqual([{ name: "Prometheus", may: ["metrics"], by: "command-line" }, { id: "t-1" }]);
  expect(noted).toEqual([
    { what: "token-made", by: null, about: "Prometheus" },
    { what: "token-removed", by: null, about: "t-1" },
  ]);
});

test("what a token may do must be said, and be one of three things", async () => {
  await using at = await commandLine();
  await expect(at.call("token", "add", "x")).rejects.toMatchObject({ code: "commander.missingMandatoryOptionValue" });
  await expect(at.call("token", "add", "x", "--may", "erase")).rejects.toMatchObject({
    code: "commander.invalidArgument",
  });
  await expect(at.call("token", "add", " ", "--may", "status")).rejects.toMatchObject({ code: "USAGE" });
  expect(await at.json("token", "list")).toEqual([]);
});
