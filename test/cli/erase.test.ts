// Shown: `hedgerow erase` and `disclosure` as a person calls them: what is held is said before it is erased, a question is asked
// unless it was answered, and both work beside a gateway and on the data directory itself.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { Command } from "commander";
import { expect, test } from "vitest";
import { addDisclosure } from "../../src/cli/disclosure.ts";
import { addErase } from "../../src/cli/erase.ts";
import { lockDataDir } from "../../src/core/data-dir-lock.ts";
import { makePrivateDirectory } from "../../src/core/durable-file.ts";
import { silentLog } from "../../src/core/log.ts";
import { openPseudonyms } from "../../src/privacy/pseudonyms.ts";
import { openLocalSocket } from "../../src/web/local-socket.ts";
import { luxEvent, testDisclosure } from "../helpers/disclosure.ts";
import { fakeHouse } from "../helpers/fake-house.ts";
import { settingsFolder } from "../helpers/settings-folder.ts";
import { openTestSpool, waitingFor } from "../helpers/test-spool.ts";

const GATEWAY =
  "gateway: { id: elm-street, timezone: Europe/Paris }\nplatform: [{ id: main, kind: https, url: 'https://platform.example' }]\n";

/** `answer`: what is typed at the question; null: nobody sits there. */
async function openDesk(answer: string | null = null) {
  const folder = await settingsFolder({ gateway: GATEWAY });
  const dataDir = join(folder.path, "data");
  await makePrivateDirectory(dataDir);
  const call = async (...args: string[]): Promise<string> => {
    const lines: string[] = [];
    const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
    const print = (line: string) => void lines.push(line);
    addErase(program, print, false, answer === null ? null : Readable.from([`${answer}\n`]));
    addDisclosure(program, print);
    await program.parseAsync([...args, "--config", folder.file], { from: "user" });
    return lines.join("\n");
  };
  return {
    dataDir,
    call,
    json: async (...args: string[]) => JSON.parse(await call(...args, "--json")),
    /** Three light levels of the device `lamp` wait, and none of the gateway. */
    async fill(): Promise<void> {
      const pseudonyms = await openPseudonyms({ dataDir, rhythm: "quarterly", timezone: "Europe/Paris" });
      await using spool = await openTestSpool(dataDir);
      const by = testDisclosure({ pseudonyms, zoneOf: () => "marked-zone-4711" });
      for (const lux of [1, 2, 3]) await spool.append({ make: [{ event: luxEvent(lux, by) }] });
    },
    async waiting(): Promise<string[]> {
      await using spool = await openTestSpool(dataDir);
      return waitingFor(spool, Date.now()).map(({ type }) => type);
    },
    async filesWith(mark: string): Promise<string[]> {
      const names = await readdir(dataDir, { recursive: true, withFileTypes: true });
      const found: string[] = [];
      for (const each of names.filter((entry) => entry.isFile()))
        if ((await readFile(join(each.parentPath, each.name))).includes(mark)) found.push(each.name);
      return found;
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

test("while no gateway runs, it says what it will erase, erases it, and leaves no byte behind", async () => {
  await using desk = await openDesk("y");
  await desk.fill();
  expect(await desk.filesWith("marked-zone-4711")).not.toEqual([]);
  const said = await desk.call("erase", "--device", "lamp");
  expect(said.split("\n")).toEqual([
    "All of the device lamp, from the beginning until now:",
    "  3 events that wait for a platform",
    "  of these, 3 light levels",
    "Erased.",
    "The platforms (main) are asked to erase their copies, as soon as they can be reached. The ledger says that there was an erasure, and never what.",
  ]);
  expect(await desk.filesWith("marked-zone-4711")).toEqual([]);
  expect(await desk.waiting()).toEqual(["hedgerow.tombstone.v1", "hedgerow.erasure.requested.v1"]);
});

test("who is asked and does not say yes keeps everything", async () => {
  await using desk = await openDesk("n");
  await desk.fill();
  expect(await desk.call("erase", "--device", "lamp")).toContain("Nothing was erased.");
  expect(await desk.waiting()).toHaveLength(3);
});

test("a dry run says what is held, and changes nothing", async () => {
  await using desk = await openDesk();
  await desk.fill();
  expect(
    await desk.json("erase", "--device", "lamp", "--device", "gone", "--from", "2026-01-01", "--dry-run"),
  ).toMatchObject({
    devices: [
      { id: "lamp", isInKit: true },
      { id: "gone", isInKit: false },
    ],
    from: "2025-12-31T23:00:00.000Z",
    entries: 3,
    byType: { "hedgerow.light.level.v1": 3 },
  });
  expect(await desk.waiting()).toHaveLength(3);
});

test("with --yes and --json it answers what it did", async () => {
  await using desk = await openDesk();
  await desk.fill();
  expect(await desk.json("erase", "--to", "2999-01-01", "--yes")).toMatchObject({
    isDone: true,
    erased: { entries: 3 },
  });
});

test("a running gateway is asked, and nothing is opened beside it", async () => {
  await using desk = await openDesk();
  const { commands, asked } = fakeHouse();
  await using _lock = await lockDataDir(desk.dataDir);
  await using _socket = await openLocalSocket(
    { dataDir: desk.dataDir, commands, log: silentLog },
    new AbortController().signal,
  );
  const said = await desk.call("erase", "--camera", "gate-cam", "--from", "2026-11-20T14:30", "--yes");
  expect(said).toContain("All of the camera gate-cam, from 20 Nov 2026, 14:30 until now:\n  12 events that wait");
  const ask = { devices: [], cameras: ["gate-cam"], from: "2026-11-20T13:30:00.000Z", by: "command-line" };
  expect(asked).toEqual([["erase", ask]]);
  const given = { to: "A neighbour", what: "A picture", ground: "data-subject", requestedAt: "2026-11-20" } as const;
  const words = ["--to", given.to, "--what", given.what, "--ground", given.ground, "--requested-at", given.requestedAt];
  expect(await desk.json("disclosure", "add", ...words)).toMatchObject({ number: 1 });
  expect(asked.at(-1)).toEqual(["addDisclosure", { ...given, by: null }]);
});

test.each([
  ["nothing named", ["erase", "--yes"], "USAGE"],
  ["no time", ["erase", "--from", "yesterday", "--yes"], "USAGE"],
  ["a beginning to come", ["erase", "--from", "2999-01-01", "--yes"], "USAGE"],
  ["nobody to be asked", ["erase", "--device", "lamp"], "USAGE"],
  [
    "an unknown ground",
    ["disclosure", "add", "--to", "x", "--what", "x", "--ground", "curiosity"],
    "commander.invalidArgument",
  ],
])("with %s nothing is done", async (_, args, code) => {
  await using desk = await openDesk();
  await desk.fill();
  await expect(desk.call(...args)).rejects.toMatchObject({ code });
  expect(await desk.waiting()).toHaveLength(3);
});

test("who was given what is entered and listed while no gateway runs", async () => {
  await using desk = await openDesk();
  expect(await desk.call("disclosure", "list")).toBe("Nobody was given anything.");
  const words = ["--to", "A court", "--what", "Two pictures", "--ground", "order", "--detail", "file 12/26"];
  expect(await desk.call("disclosure", "add", ...words)).toBe("Entered as number 1.");
  expect(await desk.call("disclosure", "list")).toMatch(
    /\n1 +20\d\d-\d\d-\d\d +A court +Two pictures +order +file 12\/26$/,
  );
});
