// Shown: lamp commands are signed and chained over restarts; a changed, missing or foreign one is found.
import { expect, test } from "vitest";
import { openGatewayKey } from "../../src/core/gateway-key.ts";
import { findCommandFault, type LampCommand } from "../../src/ledger/lamp-commands.ts";
import { openTestLedger } from "../helpers/test-ledger.ts";
import { tempDir } from "../helpers/temp-dir.ts";

await using directory = await tempDir();
const key = await openGatewayKey(directory.path);
const commands: LampCommand[] = [];
for (const isOn of [true, false, true, false]) {
  await using ledger = await openTestLedger(directory.path);
  ledger.addLampCommand({ lamp: "lamp-3", isOn, by: "steward", atMs: Date.UTC(2026, 10, 21) });
  commands.splice(0, commands.length, ...ledger.latestLampCommands(10).toReversed());
}

test("a whole chain verifies, also from its middle", () => {
  expect(commands.map(({ isOn }) => isOn)).toEqual([true, false, true, false]);
  expect(findCommandFault(commands, key.publicKey)).toBeNull();
  expect(findCommandFault(commands.slice(2), key.publicKey)).toBeNull();
});

const CHANGES: readonly [string, Partial<LampCommand>][] = [
  ["lamp", { lamp: "lamp-4" }],
  ["isOn", { isOn: true }],
  ["by", { by: "nobody" }],
  ["at", { at: "2026-11-22T00:00:00.000Z" }],
  ["previous", { previous: "d".repeat(64) }],
  ["keyId", { keyId: "another" }],
];
test.each(CHANGES)("a changed %s is found", (_, change) => {
  const changed = commands.map((command, n) => (n === 1 ? { ...command, ...change } : command));
  expect(findCommandFault(changed, key.publicKey)).toContain("lamp command 2 was changed");
});

test("a command taken out is found, and another key", async () => {
  expect(findCommandFault(commands.toSpliced(1, 1), key.publicKey)).toBe(
    "lamp command 2 does not follow lamp command 1",
  );
  await using other = await tempDir();
  expect(findCommandFault(commands, (await openGatewayKey(other.path)).publicKey)).toContain("another key");
});
