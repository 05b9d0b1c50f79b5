// Shown: `hedgerow key rotate` as a person calls it, without a gateway and through one that runs and signs.
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { makePrivateDirectory } from "../../src/core/durable-file.ts";
import { openGatewayKey, rotateKey } from "../../src/core/gateway-key.ts";
import { silentLog } from "../../src/core/log.ts";
import { openPlatform } from "../../src/demo/platform.ts";
import { openLocalSocket } from "../../src/web/local-socket.ts";
import { makeEntries } from "../forward/memory-spool.ts";
import { kinds, never, noPicture, openSinkBench, type SinkBench } from "../forward/sink-bench.ts";
import { commandLine } from "../helpers/command-line.ts";
import { commandsThatNote } from "../helpers/commands-that-note.ts";

let bench: SinkBench;
beforeAll(async () => {
  bench = await openSinkBench();
});
afterAll(() => bench[Symbol.asyncDispose]());

const Begun = z.looseObject({ nextPublicKey: z.string(), nextKeyId: z.string() });
const TEXT = /^[A-Za-z0-9+/]{43}=$/;
const ID = /^[0-9a-f]{16}$/;
const view = { publicKey: expect.stringMatching(TEXT), keyId: expect.stringMatching(ID) };

test("without a gateway the next key is made, shown beside the first, and takes its place", async () => {
  await using at = await commandLine();
  const first = await at.json("key", "show");
  const begun = Begun.parse(await at.json("key", "rotate"));
  expect(begun).toEqual({
    ...view,
    nextPublicKey: expect.stringMatching(TEXT),
    nextKeyId: expect.stringMatching(ID),
  });
  expect(begun).toMatchObject(first instanceof Object ? first : {});
  expect(await at.json("key", "show")).toEqual(begun);
  expect(await at.json("key", "rotate"), "once more is the same").toEqual(begun);
  expect(await at.call("key", "rotate")).toMatch(
    /^public key .*\nkey id .*\nnext key .*\nits id .*\nEach request .*--finish$/s,
  );
  const finished = await at.json("key", "rotate", "--finish");
  expect(finished).toEqual({ publicKey: begun.nextPublicKey, keyId: begun.nextKeyId });
  expect(await at.json("key", "show")).toEqual(finished);
  await expect(at.call("key", "rotate", "--finish")).rejects.toMatchObject({ code: "USAGE" });
});

test("in a running gateway each step counts from the next request on, and no request is refused on the way", async () => {
  await using at = await commandLine();
  const dataDir = join(at.path, "data");
  await makePrivateDirectory(dataDir);
  const key = await openGatewayKey(dataDir);
  const rotate = (ask: { isFinal: boolean }) => rotateKey(key, { ...ask, nowMs: Date.UTC(2026, 4, 1) });
  const commands = { ...commandsThatNote([]), rotateKey: rotate };
  await using _socket = await openLocalSocket({ dataDir, commands, log: silentLog }, never);
  const trusted = [key.publicKey];
  await using platform = await openPlatform({
    host: "127.0.0.1",
    port: 0,
    publicKeys: new Map([["test-gate", trusted]]),
  });
  await using sink = await bench.open(platform.url, { key });
  const deliver = async () => kinds(await sink.deliver(makeEntries(1), noPicture, never));
  const taken = { 1: "accepted" };

  expect(await deliver()).toEqual(taken);
  const begun = await at.call("key", "rotate");
  expect(await deliver(), "the platform knows the older key only").toEqual(taken);
  trusted.push(key.next?.publicKey ?? "");
  expect(begun).toContain(trusted[1]);
  expect(await deliver(), "it knows both").toEqual(taken);
  await at.call("key", "rotate", "--finish");
  expect(await deliver(), "the next key alone signs").toEqual(taken);
  trusted.shift();
  expect(await deliver(), "the older one is not trusted any more").toEqual(taken);
  expect(key.publicKey).toBe(trusted[0]);
});
