// What messages to who looks after the kit are made of: the hands that the status page shows, by kind, and what is announced; what
// they leave behind lies in spool.db. The messages themselves are made in notices/.
import type { Clock } from "./core/clock.ts";
import type { Commands, GatewayStatus } from "./core/commands.ts";
import type { GatewayKey } from "./core/gateway-key.ts";
import type { Log } from "./core/log.ts";
import type { Trouble } from "./core/notices-commands.ts";
import { createSigner } from "./forward/signature.ts";
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

export function openNoticing({ settings, commands, spool, key, clock, log, limits }: Deps): Notices {
  return openNotices({
    settings: settings.notices,
    timezone: settings.gateway.timezone,
    page: settings.status.publicUrl ?? null,
    troubles: () => {
      const asked = commands();
      return troublesIn(asked.status(), { nowMs: clock.nowMs(), speakerOf: speakersOf(asked) });
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
