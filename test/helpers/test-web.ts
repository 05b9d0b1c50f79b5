// A local page on a free port over a kit made by hand: commands and registry are in memory, everything of src/web is real.
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { type IncomingHttpHeaders, type IncomingMessage, request } from "node:http";
import { join } from "node:path";
import { Board } from "../../src/core/board.ts";
import { systemClock } from "../../src/core/clock.ts";
import { silentLog } from "../../src/core/log.ts";
import { writeYaml } from "../../src/core/yaml.ts";
import type { Receipt } from "../../src/core/receipt.ts";
import type { PolicyStanding } from "../../src/policy/standing.ts";
import type { Account, Registry } from "../../src/registry/registry.ts";
import { type Policy, SCHEMAS } from "../../src/settings/schema.ts";
import { absoluteGateway } from "../../src/settings/paths.ts";
import { createSite } from "../../src/site.ts";
import type { SiteCommands } from "../../src/settings/site-commands.ts";
import { KeptSessions, Sessions } from "../../src/web/sessions.ts";
import { openWeb, type Web, type WebDeps } from "../../src/web/web.ts";
import { type FakeHouse, fakeHouse } from "./fake-house.ts";
import { memoryRegistry } from "./memory-registry.ts";
import { openTestLedger } from "./test-ledger.ts";
import { tempDir } from "./temp-dir.ts";

export const PASSPHRASE = "correct horse battery";
/** As hashPassphrase makes it: it takes a fifth of a second, in each of hundreds of tests. */
export const PASSPHRASE_HASH = "scrypt$32768$8$3$Qvzknz2W1ADcJA-_BZIiaQ$V-1kCpC3TJlMnhhJr8rFaV9DwU5-3S1ZQ8go5L0_8fM";

export type Answered = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly cookie: string | undefined;
};
type Asking = { readonly headers?: Readonly<Record<string, string>>; readonly body?: string };

export type TestWeb = AsyncDisposable & {
  readonly web: Web;
  readonly url: string;
  readonly house: FakeHouse;
  readonly registry: Registry;
  /** As the page writes it, in files of this test. */
  readonly site: SiteCommands;
  readonly board: Board;
  readonly dataDir: string;
  readonly stop: AbortController;
  /** Any request, with any header: also the Host that fetch() refuses to set. */
  ask(method: string, path: string, asking?: Asking): Promise<Answered>;
  /** POST of JSON. */
  send(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Answered>;
  /** Sets up the gateway with its code and PASSPHRASE, as a person does; the headers of who is logged in then. */
  setUp(): Promise<{ readonly cookie: string }>;
  /** The headers of a steward whose passphrase is PASSPHRASE, without the hashing that `setUp` costs. */
  enter(): Promise<{ readonly cookie: string }>;
  /** The same for anybody; the account is made where there is none. */
  admit(user: string, role: Account["role"]): Promise<{ readonly cookie: string }>;
};

export async function openTestWeb(overrides: Partial<WebDeps> & { house?: FakeHouse } = {}): Promise<TestWeb> {
  await using stack = new AsyncDisposableStack();
  const directory = stack.use(await tempDir());
  const stop = new AbortController();
  const board = new Board();
  const registry = memoryRegistry();
  const house = overrides.house ?? fakeHouse();
  const dataDir = overrides.dataDir ?? directory.path;
  const settings = SCHEMAS.gateway.parse({
    gateway: { id: "elm-street", name: "Elm Street", timezone: "Europe/Paris" },
    platform: [{ id: "main", kind: "https", url: "https://platform.example/hedgerow" }],
  });
  const policy = overrides.policy ?? testWebPolicy();
  const kept = overrides.sessions ?? new KeptSessions();
  const file = join(directory.path, "site", "gateway.yaml");
  await mkdir(join(directory.path, "site"));
  await writeFile(file, writeYaml({ gateway: settings.gateway, platform: settings.platform }), { mode: 0o600 });
  await writeFile(join(directory.path, "site", "policy.yaml"), writeYaml(policy), { mode: 0o600 });
  const site = createSite({
    settings: { file, gateway: absoluteGateway(settings, file) },
    registry,
    clock: systemClock,
    changed: () => undefined,
  });
  const web = stack.use(
    await openWeb(
      {
        settings: { ...settings, status: { host: "127.0.0.1", port: 0 } },
        policy,
        policyStanding: testStanding(policy),
        commands: house.commands,
        site,
        trials: house.trials,
        registry,
        board,
        clock: systemClock,
        log: silentLog,
        dataDir,
        receipts: () => [testReceipt(2), testReceipt(1)],
        receiptsOf: () => [],
        receiptCount: () => 2,
        ledger: stack.use(await openTestLedger(dataDir)),
        sessions: kept,
        limits: { attemptDelayMs: 5, attemptDelayMsMax: 10, streams: 2, streamMinMs: 20, streamHeartbeatMs: 30 },
        ...overrides,
      },
      stop.signal,
    ),
  );
  const url = `http://127.0.0.1:${web.address.port}`;
  const ask: TestWeb["ask"] = (method, path, asking) => exchange(url, { method, path, ...asking });
  const send: TestWeb["send"] = (path, body, headers) =>
    ask("POST", path, { headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) });
  const setUp = async () => {
    const { cookie = "" } = await send("/api/v1/setup", { code: web.setupCode, passphrase: PASSPHRASE });
    return { cookie };
  };
  const sessions = new Sessions({ clock: systemClock, registry, kept });
  const admit = async (user: string, role: Account["role"]) => {
    const account = { user, role, passphraseHash: PASSPHRASE_HASH, createdAt: "2026-01-01T00:00:00.000Z" };
    await registry.update((data) => {
      if (!data.accounts.some((each) => each.user === user)) data.accounts.push(account);
    });
    const known = registry.data().accounts.find((each) => each.user === user) ?? account;
    const from = { address: "127.0.0.1", browser: "", isSecure: false };
    return { cookie: `hedgerow-session=${sessions.start(known, from)}` };
  };
  const enter = () => admit("steward", "steward");
  const owned = stack.move();
  return {
    web,
    url,
    house,
    registry,
    site,
    board,
    dataDir,
    stop,
    ask,
    send,
    setUp,
    enter,
    admit,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Posts a form as a browser does. */
export function post(
  page: TestWeb,
  path: string,
  fields: Readonly<Record<string, string>> = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<Answered> {
  const form = { "content-type": "application/x-www-form-urlencoded", origin: page.url };
  return page.ask("POST", path, { headers: { ...form, ...headers }, body: new URLSearchParams(fields).toString() });
}

/** The headers of somebody who logs in where a steward exists already; `user` must have PASSPHRASE. */
export async function login(page: TestWeb, user = "steward"): Promise<{ readonly cookie: string }> {
  const { cookie = "" } = await page.send("/api/v1/login", { user, passphrase: PASSPHRASE });
  return { cookie };
}

/** A volunteer's headers; the account is made for it. */
export function enterAsVolunteer(page: TestWeb): Promise<{ readonly cookie: string }> {
  return page.admit("vera", "volunteer");
}

export function testWebPolicy(): Policy {
  return SCHEMAS.policy.parse({
    version: 1,
    controller: { name: "Elm Street Association", contact: "privacy@elm.example" },
    languages: ["en", "fr"],
    events: { timeBucketS: 60, motion: { mode: "counts", windowS: 900, atLeast: 3 }, fields: { batteryPct: true } },
    cameras: {
      "gate-cam": {
        purpose: {
          en: "See whether the gate was left open after dark",
          fr: "Voir si le portail est resté ouvert la nuit",
        },
        until: "2027-06-30",
        masks: [
          {
            name: "neighbour window",
            polygon: [
              [0.6, 0.1],
              [0.8, 0.1],
              [0.8, 0.3],
            ],
          },
        ],
      },
    },
  });
}

/** What a policy's standing is while it holds. */
export function testStanding(policy: Policy, announced: PolicyStanding["announced"] = null) {
  return (): PolicyStanding => ({ policy, sha256: "cd".repeat(32), sinceMs: Date.UTC(2026, 5, 1), announced });
}

/** The receipt of the picture of that number; even ones show two regions. */
export function testReceipt(n: number): Receipt {
  return {
    version: 1,
    image: `${n}`.repeat(64),
    outcome: n % 2 === 0 ? "redacted" : "empty",
    regions: n % 2 === 0 ? 2 : 0,
    policy: "c".repeat(64),
    model: "d".repeat(64),
    settings: "normal",
    canaryAgeS: 12,
    previous: `${n - 1}`.repeat(64),
    keyId: "0123456789abcdef",
    signature: "c2lnbmF0dXJl".repeat(7),
  };
}

async function exchange(
  url: string,
  { method, path, headers = {}, body }: Asking & { method: string; path: string },
): Promise<Answered> {
  const asked = request(`${url}${path}`, { method, headers: { connection: "close", ...headers } });
  asked.end(body);
  const answered: IncomingMessage = await new Promise((resolve, reject) => {
    asked.once("response", resolve).once("error", reject);
  });
  const parts: Buffer[] = [];
  answered.on("data", (part: Buffer) => parts.push(part));
  await once(answered, "end");
  const cookie = answered.headers["set-cookie"]?.[0]?.split(";")[0];
  return {
    status: answered.statusCode ?? 0,
    headers: answered.headers,
    text: Buffer.concat(parts).toString("utf8"),
    cookie,
  };
}
