// Shown: a volunteer's device profiles in the real program: a good one is heard, a mistake in another stops nothing.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { expect, test } from "vitest";
import { openHouseWithPlatform } from "../helpers/house-with-platform.ts";

const BOARD = `title: Porch board
setup: ["Broker {host}:{port}, user {username}, password {password}, topic {topic}"]
profiles:
  light:
    title: Light
    staleAfterS: 3600
    messages:
      - { on: "{topic}", read: [{ kind: illuminance, at: /lx }] }
`;

test("a board of one's own is paired and heard, beside a profile with a mistake, which is named in the log", async () => {
  await using house = await openHouseWithPlatform({
    kit: { devices: [{ id: "gate", profile: "gate-board/light", topic: "gate", zone: "gate" }] },
    gateway: { profiles: "./data/../own" },
    async prepare(dataDir) {
      const own = join(dataDir, "..", "own");
      await mkdir(own);
      await writeFile(join(own, "porch-board.yaml"), BOARD);
      await writeFile(join(own, "gate-board.yaml"), BOARD.replace("illuminance", "ilumination"));
    },
  });
  const gateway = await house.start();
  const named = gateway.log.find((line) => line.includes("PROFILE_INVALID")) ?? "{}";
  expect(JSON.parse(named)).toMatchObject({ file: expect.stringContaining("gate-board.yaml"), line: 8 });
  const pair = ["device", "pair", "--profile", "porch-board/light", "--zone", "porch", "--name", "Porch"];
  const { username, password, topic } = JSON.parse(await house.hedgerow(...pair, "--config", house.config, "--json"));
  const board = await connectAsync(`mqtt://127.0.0.1:${house.brokerPort}`, { username, password, reconnectPeriod: 0 });
  await board.publishAsync(topic, '{"lx":12}', { qos: 1 });
  await expect
    .poll(() => house.events().find(({ type }) => type === "hedgerow.light.level.v1")?.data["lux"], { timeout: 30_000 })
    .toBe(12);
  board.end(true);
  const checked = await house.hedgerow("check", "--config", house.config);
  expect(checked).toContain("own/gate-board.yaml:8:");
  expect(checked).toContain("device gate has the profile gate-board/light, whose file has a mistake");
});
