// What the API answers, as schemas: written once, shown by /api, and held against real answers by test/web/openapi.test.ts.
import { z } from "zod";
import { NOTICE_PROBLEMS, TROUBLE_KINDS } from "../core/notices-commands.ts";
import { DISCLOSURE_GROUNDS } from "../core/disclosure-commands.ts";
import { READING_UNITS } from "../core/reading.ts";
import { SCHEMAS } from "../settings/schema.ts";
import { Proposals } from "./local-lists.ts";
import { Answers } from "./local-protocol.ts";

const kind = z.enum(Object.keys(READING_UNITS));
const counts = z.record(z.string(), z.number());
const role = z.enum(["steward", "volunteer"]);
const digest = z.string();

const Receipt = z.object({
  version: z.literal(1),
  image: digest,
  outcome: z.enum(["redacted", "empty", "mosaic"]),
  regions: z.number(),
  policy: digest,
  model: digest,
  settings: z.string(),
  canaryAgeS: z.number().nullable(),
  previous: digest,
  keyId: z.string(),
  signature: z.string(),
});

const LedgerHead = z.object({
  version: z.literal(1),
  kind: z.literal("ledger-head"),
  gateway: z.string(),
  day: z.string().nullable(),
  number: z.number(),
  digest,
  keyId: z.string(),
  signature: z.string(),
});

const Credentials = Answers.pairDevice;
const Device = Answers.status.shape.devices.element;
const Holdings = Answers.holdings;
const Standing = z.object({
  policy: SCHEMAS.policy,
  sha256: digest,
  sinceMs: z.number().nullable(),
  announced: z
    .object({
      policy: SCHEMAS.policy,
      sha256: digest,
      hoursLeft: z.number(),
      approvedBy: z.array(z.string()),
    })
    .nullable(),
});

const Words = z.object({ title: z.string(), sentences: z.array(z.string()) });
const Transparency = z.object({
  gateway: z.object({ id: z.string(), name: z.string() }),
  asOf: z.string(),
  renewed: z.enum(["daily", "each-bucket"]),
  controller: z.object({ name: z.string(), contact: z.string() }),
  languages: z.array(z.string()),
  events: SCHEMAS.policy.shape.events,
  cameras: z.array(
    z.object({
      id: z.string(),
      purpose: z.record(z.string(), z.string()),
      until: z.string(),
      snapshotsPerDay: z.number(),
      retentionHours: z.number(),
      masks: z.number(),
      level: z.string(),
      whenUnsure: z.enum(["withhold", "mosaic"]),
      used: z.object({ day: z.string(), count: z.number() }).nullable(),
    }),
  ),
  never: z.array(z.string()),
  platforms: z.array(z.object({ id: z.string(), host: z.string() })),
  counts: z.array(
    z.object({
      day: z.string(),
      readings: z.object({ step: z.number(), taken: z.number(), withheld: counts }),
      pictures: z.object({ taken: z.number(), made: counts, withheld: counts }),
      sent: counts,
      erased: z.object({ expired: counts, evicted: counts, erased: counts }),
    }),
  ),
  receipts: z.array(Receipt),
  publicKey: z.string(),
  publicKeys: z.array(z.string()),
  ledgerHeads: z.array(LedgerHead),
  policy: z.object({
    sha256: digest,
    since: z.string().nullable(),
    words: z.array(Words),
    announced: z
      .object({
        sha256: digest,
        hoursLeft: z.number(),
        approvals: z.number(),
        changes: z.array(z.object({ effect: z.string(), words: z.string() })),
      })
      .nullable(),
  }),
  disclosures: z.array(z.object({ month: z.string(), ground: z.enum(DISCLOSURE_GROUNDS), count: z.number() })),
});

const History = z.object({
  from: z.string(),
  to: z.string(),
  changes: z.array(
    z.object({ at: z.string(), state: z.enum(["unknown", "ok", "stale", "offline", "paused"]).nullable() }),
  ),
  lows: z.array(z.object({ day: z.string(), batteryPct: z.number().nullable(), linkPct: z.number().nullable() })),
});
const histories = z.array(History.extend({ id: z.string() }));

const trouble = z.object({ kind: z.enum(TROUBLE_KINDS), count: z.number(), lastedMs: z.number() });
const failure = z.object({ problem: z.enum(NOTICE_PROBLEMS), said: z.string().nullable() }).nullable();
const way = { id: z.string(), kind: z.enum(["email", "ntfy", "webhook"]), host: z.string(), failure };
const notices = z.object({
  paused: z.object({ by: z.string(), at: z.string() }).nullable(),
  ways: z.array(z.object({ ...way, waiting: z.number(), lastSentAt: z.string().nullable() })),
  messages: z.array(
    z.object({
      at: z.string(),
      what: z.enum(["needs-a-hand", "all-well"]),
      troubles: z.array(trouble),
      sent: z.number(),
      waiting: z.number(),
    }),
  ),
});

const tested = { ms: counts, frameBytes: z.number().nullable() };

/** By what is asked for. A field may be added in a later version; a name that stands here keeps its meaning. */
export const API_ANSWERS = {
  done: z.object({}),
  /** `why`: of a refused login, in one word. */
  error: z.object({ error: z.string(), why: z.string().exactOptional() }),
  entered: z.object({ user: z.string(), role }),
  notices,
  noticeTests: z.object({ tests: z.array(z.object(way)) }),
  status: Answers.status,
  history: z.object({ gateway: History.nullable(), devices: histories, cameras: histories, sinks: histories }),
  transparency: Transparency,
  receipts: z.object({
    asOf: z.string(),
    publicKey: z.string(),
    publicKeys: z.array(z.string()),
    receipts: z.array(Receipt),
  }),
  ledgerHead: z.object({ publicKey: z.string(), head: LedgerHead }),
  devices: z.object({ devices: z.array(Device.extend({ topic: z.string().nullable() })) }),
  heard: z.object({
    messages: z.array(
      z.object({
        at: z.string(),
        outcome: z.enum(["readings", "ignored", "dropped"]),
        reason: z.string().nullable(),
        readings: z.array(z.object({ kind, value: z.union([z.boolean(), z.number(), z.string()]) })),
        removed: z.array(z.string()),
      }),
    ),
  }),
  bridges: z.object({ bridges: Answers.listBridges }),
  families: z.object({
    families: z.array(
      z.object({
        id: z.string(),
        title: z.string(),
        about: z.string().nullable(),
        brands: z.array(z.string()).exactOptional(),
        bridgeBase: z.string().nullable(),
        profiles: z.array(z.object({ id: z.string(), title: z.string(), kinds: z.array(kind) })),
      }),
    ),
  }),
  proposals: z.object({ proposals: z.array(Proposals.element.extend({ kinds: z.array(kind) })) }),
  credentials: Credentials.extend({ link: z.string() }),
  approved: Answers.approve,
  camera: z.object({
    camera: Answers.status.shape.cameras.element,
    policy: SCHEMAS.policy.shape.cameras.unwrap().valueType.nullable(),
  }),
  cameraTest: z.discriminatedUnion("outcome", [
    z.object({
      ...tested,
      outcome: z.enum(["redacted", "empty", "mosaic"]),
      detail: z.string().nullable(),
      width: z.number(),
      height: z.number(),
      boxes: z.array(z.array(z.number()).length(5)),
      jpeg: z.base64(),
    }),
    z.object({
      ...tested,
      outcome: z.literal("withheld"),
      reason: z.string(),
      detail: z.string(),
      hint: z.string(),
    }),
  ]),
  looked: Answers.lookNow,
  deadLetters: z.object({
    deadLetters: z.array(
      z.object({
        sinkId: z.string(),
        id: z.string(),
        type: z.string(),
        why: z.string(),
        at: z.string(),
        expiresAt: z.string(),
      }),
    ),
  }),
  requeued: Answers.requeue,
  erased: z.union([Answers.erase, z.object({ isDone: z.literal(false), held: Holdings })]),
  disclosures: z.object({ disclosures: Answers.listDisclosures }),
  disclosure: Answers.addDisclosure,
  standing: Standing,
  policyApproved: z.object({ missing: z.number() }),
} as const;
