// Messages as a whole: what needs a hand reaches a real mail server and a real push server, once; over restarts and outages; and no
// word of the kit stands in any of it.
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { silentLog } from "../../src/core/log.ts";
import { TROUBLE_KINDS, type Trouble } from "../../src/core/notices-commands.ts";
import { languageTags } from "../../src/languages/say.ts";
import { type Notices, type NoticesDeps, openNotices } from "../../src/notices/notices.ts";
import { SCHEMAS } from "../../src/settings/schema.ts";
import { readSecret } from "../../src/settings/secrets.ts";
import { type Certificates, makeCertificates } from "../helpers/certificates.ts";
import { fakeTime } from "../helpers/fake-time.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { openMailServer, openOddPort } from "./smtp-server.ts";

let directory: Awaited<ReturnType<typeof tempDir>>;
let certificate: Certificates;
beforeAll(async () => {
  directory = await tempDir();
  certificate = await makeCertificates(directory.path);
});
afterAll(() => directory[Symbol.asyncDispose]());

const MINUTE = 60_000;
const SILENT: Trouble = { kind: "sensor-silent", of: "porch-motion" };
const QUICK = { tickMs: 2, gatherMs: 0, calmMs: 0, retryMinMs: 1, retryMaxMs: 5, attemptMs: 3000, connectMs: 2000 };

type Bench = {
  readonly time: ReturnType<typeof fakeTime>;
  kept: string | undefined;
  troubles: readonly Trouble[];
  looks: number;
  looked: PromiseWithResolvers<void>;
  look(): Promise<void>;
  last(minutes: number): Promise<void>;
  open(deps?: Partial<NoticesDeps>): Notices;
};

/** A house whose troubles and clock a test moves. `kept`: what is on the disk. `looks`: how often it was asked what needs a hand. */
function openBench(port: number, more: Readonly<Record<string, unknown>> = {}): Bench {
  const time = fakeTime();
  const bench: Bench = {
    time,
    kept: undefined,
    troubles: [],
    looks: 0,
    looked: Promise.withResolvers<void>(),
    /** Resolves once it was looked twice from now on: the second look sees all that was so before. */
    async look(): Promise<void> {
      for (let round = 0; round < 2; round += 1) await bench.looked.promise;
    },
    /** Lets it be so for some minutes. */
    async last(minutes: number): Promise<void> {
      await bench.look();
      time.pass(minutes * MINUTE);
      await bench.look();
    },
    open(deps = {}) {
      const email = {
        host: "127.0.0.1",
        port,
        from: "kit@elm.example",
        to: ["vera@elm.example"],
        caFile: certificate.caFile,
      };
      const { notices } = SCHEMAS.gateway.parse({ gateway: { id: "elm-street" }, notices: { email, ...more } });
      return openNotices({
        settings: notices,
        timezone: "Europe/Paris",
        page: null,
        troubles: () => {
          bench.looks += 1;
          const { looked } = bench;
          bench.looked = Promise.withResolvers();
          looked.resolve();
          return { troubles: bench.troubles, unsure: [] };
        },
        store: {
          read: () => bench.kept,
          write: async (text) => {
            bench.kept = text;
          },
        },
        readSecret,
        sign: () => ({}),
        clock: time.clock,
        log: silentLog,
        limits: QUICK,
        ...deps,
      });
    },
  };
  return bench;
}

/** The words of a mail, without its head. */
function wordsOf({ raw }: { readonly raw: string }): string {
  const [, ...body] = raw.split("\r\n\r\n");
  const bytes = body.join("\n\n").replaceAll("=\r\n", "").replaceAll("\r\n", "\n");
  const octets = bytes.replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(octets, "latin1").toString("utf8");
}

test("what needs a hand for long enough is told once, and its end; a restart between repeats nothing", async () => {
  await using server = await openMailServer({ certificate });
  const bench = openBench(server.port);
  {
    await using notices = bench.open();
    bench.troubles = [SILENT, { kind: "sensor-silent", of: "gate-pir" }];
    await bench.last(14);
    expect(notices.commands.notices().messages).toEqual([]);
    const told = server.next();
    await bench.last(26);
    expect(wordsOf(await told)).toBe(
      "2 sensors have been silent for 40 minutes.\n\nNext step: open the box’s page. It says what to do.\n",
    );
    await bench.last(60);
    expect(notices.commands.notices().messages).toMatchObject([{ what: "needs-a-hand", sent: 1, waiting: 0 }]);
  }
  await using notices = bench.open();
  await bench.last(60);
  expect(server.taken).toHaveLength(1);
  const well = server.next();
  bench.troubles = [];
  await bench.last(20);
  expect((await well).raw).toContain("Subject: Hedgerow: all is well again");
  expect(notices.commands.notices().messages.map(({ what }) => what)).toEqual(["all-well", "needs-a-hand"]);
});

test("a sensor at the edge of its reach, of which nobody is told yet, wears no card", async () => {
  const bench = openBench(1);
  let writes = 0;
  const write = async (text: string): Promise<void> => {
    writes += 1;
    bench.kept = text;
  };
  await using _notices = bench.open({ store: { read: () => bench.kept, write } });
  for (let flips = 0; flips < 20; flips += 1) {
    bench.troubles = flips % 2 === 0 ? [SILENT] : [];
    await bench.look();
  }
  expect(writes).toBe(0);
});

test("while the line is down messages wait, and then say how late they are; the oldest give room", async () => {
  await using dead = await openOddPort((socket) => void socket.destroy());
  const bench = openBench(dead.port, { afterMinutes: 0, atMostPerDay: 100 });
  {
    await using notices = bench.open();
    for (let round = 0; round < 4; round += 1) {
      bench.troubles = [SILENT];
      await bench.last(1);
      bench.troubles = [];
      await bench.last(1);
    }
    await vi.waitFor(() =>
      expect(notices.commands.notices().ways[0]).toMatchObject({ waiting: 5, failure: { problem: "cut" } }),
    );
  }
  bench.time.pass(5 * 60 * MINUTE);
  await using server = await openMailServer({ certificate });
  const later = openBench(server.port, { afterMinutes: 0, atMostPerDay: 100 });
  later.kept = bench.kept;
  later.time.pass(bench.time.clock.nowMs() - later.time.clock.nowMs());
  const first = server.next();
  await using notices = later.open();
  expect(wordsOf(await first)).toMatch(
    /^This message is from 21 November 2026 at 13:0\d CET. It could not be sent for 5 hours.\n(.|\n)*3 older messages were given up/,
  );
  await vi.waitFor(() => expect(server.taken).toHaveLength(5));
  expect(server.taken.slice(1).map(wordsOf).join("")).not.toContain("given up");
  await vi.waitFor(() => expect(notices.commands.notices().ways[0]).toMatchObject({ waiting: 0, failure: null }));
});

test("a message that no line took for three days is no news", async () => {
  await using dead = await openOddPort((socket) => void socket.destroy());
  const bench = openBench(dead.port, { afterMinutes: 0 });
  await using notices = bench.open();
  bench.troubles = [SILENT];
  await bench.last(1);
  expect(notices.commands.notices().ways[0]).toMatchObject({ waiting: 1 });
  bench.time.pass(4 * 24 * 60 * MINUTE);
  await vi.waitFor(() => expect(notices.commands.notices().ways[0]).toMatchObject({ waiting: 0 }));
});

test("paused by a person, over a restart too, it tells nothing; resumed, it tells what still is", async () => {
  await using server = await openMailServer({ certificate });
  const bench = openBench(server.port);
  {
    await using notices = bench.open();
    await notices.commands.pauseNotices({ isPaused: true, by: "ada" });
  }
  await using notices = bench.open();
  expect(notices.commands.notices().paused).toMatchObject({ by: "ada" });
  bench.troubles = [SILENT];
  await bench.last(60);
  expect(server.taken).toEqual([]);
  const told = server.next();
  await notices.commands.pauseNotices({ isPaused: false, by: "ada" });
  expect(wordsOf(await told)).toContain("One sensor has been silent for 1 hour.");
});

test("where no way is set up nothing is looked at, nothing is kept, and a test says so", async () => {
  const bench = openBench(1, { email: undefined });
  const notices = bench.open();
  await expect(notices.commands.testNotices(new AbortController().signal)).rejects.toMatchObject({ code: "USAGE" });
  await notices[Symbol.asyncDispose]();
  expect(bench).toMatchObject({ looks: 0, kept: undefined });
});

test("a test message goes at once by each way, one test at a time, and what it found stands on the page", async () => {
  await using server = await openMailServer({ certificate });
  await using dead = await openOddPort((socket) => void socket.destroy());
  const bench = openBench(server.port, { push: [{ url: `http://127.0.0.1:${dead.port}/elm` }] });
  await using notices = bench.open();
  const { signal } = new AbortController();
  const testing = notices.commands.testNotices(signal);
  await expect(notices.commands.testNotices(signal)).rejects.toMatchObject({ code: "TOO_SOON" });
  expect(await testing).toMatchObject([
    { kind: "email", host: "127.0.0.1", failure: null },
    { kind: "ntfy", host: `127.0.0.1:${dead.port}`, failure: { problem: "cut" } },
  ]);
  expect(server.taken[0]?.raw).toContain("Subject: Hedgerow: a test message");
  expect(notices.commands.notices().ways.map(({ failure }) => failure?.problem)).toEqual([undefined, "cut"]);
});

test("what is kept and cannot be read is as nothing", async () => {
  const bench = openBench(1);
  bench.kept = '{"version":1,"rhythm":7}';
  await using notices = bench.open();
  expect(notices.commands.notices()).toMatchObject({ paused: null, messages: [] });
});

test("in each language a message tells each kind, and no name or id of the kit stands in it or in what is kept", async () => {
  await using server = await openMailServer({ certificate });
  for (const language of languageTags()) {
    const bench = openBench(server.port, { afterMinutes: 0, language });
    bench.troubles = TROUBLE_KINDS.flatMap((kind) => [`secret-${kind}`, "Porch motion"].map((of) => ({ kind, of })));
    const told = server.next();
    await using notices = bench.open();
    await bench.look();
    const taken = await told;
    const words = wordsOf(taken);
    expect(words.split("\n").length).toBeGreaterThan(TROUBLE_KINDS.length);
    for (const text of [taken.raw, words, bench.kept ?? "", JSON.stringify(notices.commands.notices())])
      expect(text).not.toMatch(/secret-|porch|motion\b.*sensor|elm-street/i);
  }
});
