// What messages to who looks after the kit are made of: the hands that the status page shows, by kind, and what is announced; what
// they leave behind lies in spool.db. The messages themselves are made in notices/.
import { X509Certificate } from "node:crypto";
import type { Clock } from "./core/clock.ts";
import type { Commands, GatewayStatus } from "./core/commands.ts";
import type { GatewayKey } from "./core/gateway-key.ts";
import type { Log } from "./core/log.ts";
import type { Trouble } from "./core/notices-commands.ts";
import { createSigner } from "./forward/signature.ts";
import { NOTICES_LIMITS } from "./notices/notices-limits.ts";
import { type Notices, type NoticesDeps, openNotices } from "./notices/notices.ts";
import type { GatewaySettings } from "./settings/schema.ts";
import { readSecret } from "./settings/secrets.ts";
import type { Spool } from "./spool/spool.ts";
import { speakersOf } from "./web/speakers.ts";
import { handsNeeded } from "./web/verdict.ts";

/** `commands`: asked for once the house is open. `limits`: smaller ones for tests. */
type Deps = {
  readonly settings: GatewaySettings;
  readonly commands: () => Pick<Commands, "status" | "listDevices" | "listBridges">;
  readonly spool: Pick<Spool, "state" | "append">;
  readonly key: Pick<GatewayKey, "signAll">;
  readonly clock: Clock;
  readonly log: Log;
  readonly limits?: NoticesDeps["limits"];
};

const KEY = "notices:kept";
/** What is counted of each login that was wrong (web/accounts.ts). */
const WRONG_LOGINS = "web.refused.wrong-login";

export function openNoticing({ settings, commands, spool, key, clock, log, limits }: Deps): Notices {
  const certificates = watchCertificates(settings, clock);
  const logins = watchLogins(clock);
  return openNotices({
    settings: settings.notices,
    timezone: settings.gateway.timezone,
    page: settings.status.publicUrl ?? null,
    troubles: () => {
      const asked = commands();
      const status = asked.status();
      const seen = troublesIn(status, { nowMs: clock.nowMs(), speakerOf: speakersOf(asked) });
      const isHammered = logins(status.counters[WRONG_LOGINS] ?? 0);
      const hammered: readonly Trouble[] = isHammered ? [{ kind: "login-hammered", of: "" }] : [];
      return { troubles: [...seen, ...certificates(), ...hammered], unsure: unsureIn(status) };
    },
    store: {
      read: () => spool.state(KEY).get(KEY),
      write: (text) => spool.append({ state: { [KEY]: text } }),
    },
    readSecret,
    sign: createSigner({ key }),
    clock,
    log,
    ...(limits !== undefined && { limits }),
  });
}

/** What of the status page's hands is told, and a looser policy that is announced. */
export function troublesIn(status: GatewayStatus, by: Parameters<typeof handsNeeded>[1]): readonly Trouble[] {
  const told = handsNeeded(status, by).flatMap(({ trouble }) => (trouble === undefined ? [] : [trouble]));
  const { announced } = status.policy;
  return announced === null ? told : [...told, { kind: "policy-announced", of: announced.sha256 }];
}

/** How a camera was is forgotten when the house closes: until it has given a picture since, nobody knows that it is well. */
export function unsureIn({ cameras, gateway }: GatewayStatus): readonly Trouble[] {
  return cameras.flatMap(({ id, state, lastSnapshotAt }) => {
    const hasLooked = lastSnapshotAt !== null && Date.parse(lastSnapshotAt) >= Date.parse(gateway.startedAt);
    if (state !== "ok" || hasLooked) return [];
    return (["camera-unreachable", "camera-withheld"] as const).map((kind) => ({ kind, of: id }));
  });
}

/** Those that gateway.yaml names and that end soon; looked at now and then, in the background. One that cannot be read is no matter of time. */
export function watchCertificates(
  { status, broker, platform }: Pick<GatewaySettings, "status" | "broker" | "platform">,
  clock: Clock,
): () => readonly Trouble[] {
  const { certificateMs, certificateLookMs } = NOTICES_LIMITS;
  const files = [status.tls?.certFile, broker.tls?.certFile, ...platform.map(({ certFile }) => certFile)];
  const named = files.filter((file) => file !== undefined);
  let lookAtMs = Number.NEGATIVE_INFINITY;
  let ending: readonly Trouble[] = [];
  const look = async (): Promise<void> => {
    const found: Trouble[] = [];
    for (const file of named)
      if ((await endOf(file)) - clock.nowMs() < certificateMs) found.push({ kind: "certificate-ending", of: file });
    ending = found;
  };
  return () => {
    if (named.length > 0 && clock.isSynced() && clock.monotonicMs() >= lookAtMs) {
      lookAtMs = clock.monotonicMs() + certificateLookMs;
      void look();
    }
    return ending;
  };
}

/** Infinity where it cannot be read. */
async function endOf(file: string): Promise<number> {
  try {
    return new X509Certificate(await readSecret(file)).validToDate.getTime();
  } catch {
    return Number.POSITIVE_INFINITY; // `hedgerow check` says what is wrong with it
  }
}

/** Whether there were too many wrong logins lately, by their number so far. */
export function watchLogins(clock: Clock): (count: number) => boolean {
  const { loginsMs, wrongLogins } = NOTICES_LIMITS;
  const seen: { readonly atMs: number; readonly count: number }[] = [];
  return (count) => {
    const nowMs = clock.monotonicMs();
    // A minute's step is fine enough, and bounds what is remembered.
    if (nowMs - (seen.at(-1)?.atMs ?? Number.NEGATIVE_INFINITY) >= 60_000) seen.push({ atMs: nowMs, count });
    while (seen.length > 1 && nowMs - (seen[0]?.atMs ?? nowMs) > loginsMs) seen.shift();
    return count - (seen[0]?.count ?? count) >= wrongLogins;
  };
}
