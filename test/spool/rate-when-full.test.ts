// Shown: whoever looks at the room is not held up by what the look itself would keep, where the buffer fills up just then: it is
// this caller who makes room.
import { expect, test } from "vitest";
import { luxEvent, testDisclosure } from "../helpers/disclosure.ts";
import { fakeTime } from "../helpers/fake-time.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { openTestSpool } from "../helpers/test-spool.ts";

test("a look ends although what was appended with it does not fit", async () => {
  await using directory = await tempDir();
  const time = fakeTime();
  const by = testDisclosure({ clock: time.clock });
  await using spool = await openTestSpool(directory.path, { clock: time.clock, bytesMax: 2 ** 20 });
  await spool.lookAtDisk();
  await spool.append({ make: [{ event: luxEvent(1, by) }] });
  time.pass(24 * 3_600_000);
  // More than fits, in one transaction with what the look keeps.
  const event = luxEvent(2, by);
  const refused = spool.append({ make: Array.from({ length: 4000 }, () => ({ event })) }).catch(() => "refused");
  await spool.lookAtDisk();
  await expect.poll(() => spool.condition()).toBe("full");
  await spool[Symbol.asyncDispose]();
  expect(await refused).toBe("refused");
});
