// A camera's test over the command socket: a picture larger than any other answer comes whole, and whoever hangs up ends the look.
import { once } from "node:events";
import { connect } from "node:net";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Commands } from "../../src/core/commands.ts";
import { GatewayError } from "../../src/core/errors.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { silentLog } from "../../src/core/log.ts";
import { callGateway, openLocalSocket } from "../../src/web/local-socket.ts";
import { fakeHouse } from "../helpers/fake-house.ts";
import { tempDir } from "../helpers/temp-dir.ts";

async function openSocket(testCamera: Commands["testCamera"]) {
  const directory = await tempDir();
  const commands = { ...fakeHouse().commands, testCamera };
  const deps = { dataDir: directory.path, commands, log: silentLog };
  const socket = await openLocalSocket(deps, new AbortController().signal);
  return {
    dataDir: directory.path,
    async [Symbol.asyncDispose]() {
      await socket[Symbol.asyncDispose]();
      await directory[Symbol.asyncDispose]();
    },
  };
}

const redacted = (jpeg: Buffer) => ({
  outcome: "redacted" as const,
  detail: null,
  width: 640,
  height: 360,
  boxes: [[300, 90, 40, 50, 0.9]] as const,
  jpeg,
  ms: { grab: 740.5, total: 1031 },
  frameBytes: 81_000,
});

test("the largest picture that a camera may give comes whole", async () => {
  const jpeg = Buffer.alloc(LIMITS.frameBytes, "0123456789abcdef");
  await using open = await openSocket(async () => redacted(jpeg));
  const answer = await callGateway(open.dataDir, "testCamera", { id: "gate-cam" });
  expect(answer).toMatchObject({ ...redacted(jpeg), jpeg: expect.any(Buffer) });
  expect(answer?.outcome !== "withheld" && answer?.jpeg.equals(jpeg)).toBe(true);
});

test("a withheld picture and a refusal come with their words", async () => {
  const withheld = {
    outcome: "withheld" as const,
    reason: "camera-timeout" as const,
    detail: "no picture from gate-cam in 8000 ms",
    hint: "Is the camera plugged in?",
    ms: { grab: 8000 },
    frameBytes: null,
  };
  await using open = await openSocket(async ({ id }) => {
    if (id === "gate-cam") return withheld;
    throw new GatewayError("NOT_FOUND", `there is no camera ${id}`);
  });
  expect(await callGateway(open.dataDir, "testCamera", { id: "gate-cam" })).toEqual(withheld);
  await expect(callGateway(open.dataDir, "testCamera", { id: "other" })).rejects.toMatchObject({ code: "NOT_FOUND" });
});

test("whoever hangs up ends the look", async () => {
  const begun = Promise.withResolvers<void>();
  const ended = Promise.withResolvers<string>();
  await using open = await openSocket(async (_, stop) => {
    begun.resolve();
    await once(stop, "abort");
    ended.resolve("aborted");
    return redacted(Buffer.alloc(1));
  });
  const socket = connect(join(open.dataDir, "command.sock"));
  socket.write('{"command":"testCamera","args":{"id":"gate-cam"}}\n');
  await begun.promise;
  socket.destroy();
  expect(await ended.promise).toBe("aborted");
});

test("a picture by hand is asked for by name", async () => {
  await using open = await openSocket(async () => redacted(Buffer.alloc(1)));
  expect(await callGateway(open.dataDir, "lookNow", { id: "gate-cam", by: "steward" })).toEqual({
    outcome: "taken",
    why: null,
  });
});
