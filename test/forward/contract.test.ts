// The published contract (config/contract) against the code: each event that disclosure makes and the spool writes fits the
// schema of its type, no schema lets an unknown field pass, and the OpenAPI says what the sink does.
import { readFile } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { Board } from "../../src/core/board.ts";
import { systemClock } from "../../src/core/clock.ts";
import type { HouseFact } from "../../src/core/house-fact.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { silentLog } from "../../src/core/log.ts";
import type { ReadingKind, ReadingValue } from "../../src/core/reading.ts";
import type { Receipt } from "../../src/core/receipt.ts";
import { meaningOf } from "../../src/forward/answer.ts";
import { disclose, discloseFact, type Event } from "../../src/privacy/disclose.ts";
import { openSpool } from "../../src/spool/sqlite-spool.ts";
import { testDisclosure, testPolicy } from "../helpers/disclosure.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { loadEventSchemas, violationsOf } from "./contract-schemas.ts";
import { acceptingUnless, firstOf } from "./scripted-platform.ts";
import { makeEntries } from "./memory-spool.ts";
import { openSinkBench } from "./sink-bench.ts";

const about = { deviceId: "lamp-3", atMs: Date.UTC(2026, 5, 1, 12, 34, 56, 789) };

/** One of each kind: a new kind does not compile until it stands here. */
const READINGS: { readonly [K in ReadingKind]: ReadingValue } = {
  motion: { kind: "motion", value: true },
  presence: { kind: "presence", value: true },
  illuminance: { kind: "illuminance", value: 12.345 },
  "light-category": { kind: "light-category", value: "dim" },
  switch: { kind: "switch", value: true },
  brightness: { kind: "brightness", value: 49.6 },
  contact: { kind: "contact", value: true },
  tamper: { kind: "tamper", value: true },
  battery: { kind: "battery", value: 80 },
  "battery-low": { kind: "battery-low", value: false },
  link: { kind: "link", value: 40 },
  online: { kind: "online", value: true },
};
const FACTS: { readonly [K in HouseFact["kind"]]: HouseFact & { readonly kind: K } } = {
  "device-status": {
    kind: "device-status",
    ...about,
    state: "stale",
    flags: ["low-battery", "tamper"],
    batteryPct: 7.4,
    linkPct: 30,
  },
  "motion-count": { kind: "motion-count", ...about, count: 4, fromMs: about.atMs - 900_000, toMs: about.atMs },
  "lamp-fault": { kind: "lamp-fault", ...about, fault: "dark-at-night", isPresent: true },
  "snapshot-withheld": { kind: "snapshot-withheld", cameraId: "gate-cam", why: "canary-missed", atMs: about.atMs },
  "entries-gone": { kind: "entries-gone", how: "expired", sequences: [3, 4, 9], atMs: about.atMs },
  "policy-changed": {
    kind: "policy-changed",
    change: "announced",
    policySha256: "cd".repeat(32),
    tighter: 1,
    looser: 2,
    noticeHours: 23.4,
    atMs: about.atMs,
  },
  "erasure-requested": {
    kind: "erasure-requested",
    subjects: [{ kind: "device", id: "porch-motion" }],
    fromMs: about.atMs - 900_000,
    toMs: about.atMs,
    atMs: about.atMs,
  },
  "gateway-status": { kind: "gateway-status", state: "started", version: "0.1.0", atMs: about.atMs },
};

const RECEIPT: Receipt = {
  version: 1,
  image: "ab".repeat(32),
  outcome: "redacted",
  regions: 2,
  policy: "cd".repeat(32),
  model: "ef".repeat(32),
  settings: "normal",
  canaryAgeS: 12,
  previous: "0".repeat(64),
  keyId: "0123456789abcdef",
  signature: "AA==",
};

let schemas: ReadonlyMap<string, z.ZodType>;
let bodies: readonly string[];

beforeAll(async () => {
  schemas = await loadEventSchemas();
  bodies = await spooled(everyEvent());
});

function everyEvent(): Event[] {
  const policy = testPolicy({ motion: { mode: "each" }, timeBucketS: 60, fields: { batteryPct: true, linkPct: true } });
  const by = testDisclosure({ policy, cell: "u09tun" });
  const disclosed = Object.values(READINGS).map((reading) => disclose({ ...reading, ...about }, by));
  return [
    ...disclosed.flatMap((each) => (each.kind === "event" ? [each.event] : [])),
    ...Object.values(FACTS).map((fact) => discloseFact(fact, by)),
  ];
}

/** The bytes that would leave, as the spool writes them. */
async function spooled(events: readonly Event[]): Promise<string[]> {
  await using directory = await tempDir();
  await using spool = await openSpool({
    dataDir: directory.path,
    bytesMax: 2 ** 26,
    sinkIds: ["main"],
    clock: systemClock,
    board: new Board(),
    log: silentLog,
  });
  await spool.append({ make: events.map((event) => ({ event })) });
  return spool.peek({ sinkId: "main", entriesMax: 500, bytesMax: 2 ** 20, nowMs: 0 }).map(({ body }) => body);
}

describe("the event schemas", () => {
  test("fit every event that disclosure makes, in the bytes that the spool keeps", () => {
    expect(bodies.length).toBeGreaterThanOrEqual(10);
    expect(bodies.flatMap((body) => violationsOf(JSON.parse(body), schemas))).toEqual([]);
  });

  test("are published for each type that is made, and for no other", () => {
    const made = new Set(bodies.map((body) => z.object({ type: z.string() }).parse(JSON.parse(body)).type));
    expect([...schemas.keys()].toSorted()).toEqual([...made, "hedgerow.snapshot.redacted.v1"].toSorted());
  });

  test("refuse a field that is not published, at the top and in the data", () => {
    for (const body of bodies) {
      const event = z.looseObject({ data: z.looseObject({}) }).parse(JSON.parse(body));
      expect(violationsOf({ ...event, ssid: "ElmStreet" }, schemas)).toEqual([': Unrecognized key: "ssid"']);
      expect(violationsOf({ ...event, data: { ...event.data, name: "Ann" } }, schemas)).toEqual([
        'data: Unrecognized key: "name"',
      ]);
    }
  });

  test("fit a snapshot's event with its receipt, each field of it", () => {
    const base = z.looseObject({ data: z.looseObject({ zone: z.string() }) }).parse(JSON.parse(bodies[0] ?? ""));
    const data = {
      zone: "gate",
      clock: "synced",
      sha256: RECEIPT.image,
      width: 1280,
      height: 720,
      outcome: "redacted",
      regions: 2,
      receipt: RECEIPT,
    };
    const named = {
      type: "hedgerow.snapshot.redacted.v1",
      dataschema: "urn:hedgerow:schema:snapshot.redacted.v1",
      subject: `camera-${"a1".repeat(10)}`,
    };
    const event = { ...base, ...named, dataref: `v1/snapshots/${RECEIPT.image}`, data };
    expect(violationsOf(event, schemas)).toEqual([]);
    expect(
      violationsOf({ ...event, data: { ...data, receipt: { ...RECEIPT, camera: "gate-cam" } } }, schemas),
    ).toHaveLength(1);
  });
});

const Operation = z.object({
  parameters: z.array(z.looseObject({})),
  requestBody: z.object({ content: z.record(z.string(), z.json()) }),
  responses: z.record(z.string(), z.json()),
});
const Parameter = z.object({ name: z.string(), schema: z.object({ pattern: z.string() }) });
const OpenApi = z.object({
  paths: z.object({
    "/v1/events": z.object({ post: Operation }),
    "/v1/snapshots/{sha256}": z.object({ put: Operation }),
  }),
  components: z.object({ parameters: z.record(z.string(), Parameter) }),
});

describe("the OpenAPI", () => {
  let openApi: z.infer<typeof OpenApi>;
  let text: string;
  const bench = openSinkBench();
  beforeAll(async () => {
    text = await readFile(new URL("../../config/contract/openapi.yaml", import.meta.url), "utf8");
    openApi = OpenApi.parse(parse(text));
  });
  afterAll(async () => (await bench)[Symbol.asyncDispose]());

  test("names the headers that a request has, as they look", async () => {
    const request = firstOf(
      await (await bench).deliverTo(
        acceptingUnless(() => null),
        makeEntries(2),
      ),
    );
    expect(Object.keys(openApi.paths["/v1/events"].post.requestBody.content)).toEqual([
      request.headers["content-type"],
    ]);
    for (const { name, schema } of Object.values(openApi.components.parameters))
      expect(request.headers[name]).toMatch(new RegExp(schema.pattern));
  });

  test("says of each status what the sink does", () => {
    const { responses } = openApi.paths["/v1/events"].post;
    const meanings = { pause: "pause", bisect: "refused", wait: "wait" } as const;
    for (const [name, kind] of Object.entries(meanings)) {
      const statuses = Object.keys(responses).filter((status) =>
        JSON.stringify(responses[status]).includes(`/responses/${name}`),
      );
      expect(statuses.length).toBeGreaterThan(0);
      for (const status of statuses) {
        expect(meaningOf({ kind: "answer", status: Number(status), headers: {}, body: Buffer.alloc(0) }, 0).kind).toBe(
          kind,
        );
      }
    }
  });

  test("names the bounds that the code has, and each schema by its file", () => {
    expect(text).toContain(`At most ${LIMITS.batchBytes} bytes and ${LIMITS.batchEvents} events`);
    for (const type of schemas.keys())
      expect(text).toContain(`$ref: events/${type.replace("hedgerow.", "")}.schema.json`);
  });
});
