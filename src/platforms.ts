// Opens what entries leave by: for each platform of gateway.yaml its sink, and the pump that carries entries to it.
import type { Board } from "./core/board.ts";
import type { Clock } from "./core/clock.ts";
import type { Sun } from "./core/day-times.ts";
import type { GatewayKey } from "./core/gateway-key.ts";
import type { Log } from "./core/log.ts";
import { openHttpsSink } from "./forward/https-sink.ts";
import { createLineHours } from "./forward/line-hours.ts";
import { openMqttSink } from "./forward/mqtt-sink.ts";
import { openPump, type Pump } from "./forward/pump.ts";
import type { Sink } from "./forward/sink.ts";
import type { GatewaySettings } from "./settings/schema.ts";
import type { SpoolReader } from "./spool/spool.ts";

type Deps = {
  readonly settings: GatewaySettings;
  readonly key: GatewayKey;
  readonly spool: SpoolReader;
  readonly clock: Clock;
  readonly board: Board;
  readonly log: Log;
  readonly version: string;
  /** Of the site, for hours that go by it; null where there is no cell. */
  readonly sun: Sun | null;
};

export type Platforms = AsyncDisposable & { readonly pumps: readonly Pump[] };

/** Throws SECRET_UNREADABLE, and then has closed what had opened. Pumps stop before their sinks close. */
export async function openPlatforms(
  { settings, key, spool, clock, board, log, version, sun }: Deps,
  stop: AbortSignal,
): Promise<Platforms> {
  await using stack = new AsyncDisposableStack();
  const { id: gatewayId, timezone } = settings.gateway;
  const pumps: Pump[] = [];
  for (const platform of settings.platform) {
    const open = (): Promise<Sink & AsyncDisposable> =>
      platform.kind === "https"
        ? openHttpsSink({ settings: platform, gatewayId, key, clock })
        : openMqttSink({ settings: platform, gatewayId, version, clock, log });
    const sink = stack.use(await open());
    const { connect, bytesPerSecond } = platform;
    const hours = createLineHours({ connect, timezone, sun, clock });
    const cap = bytesPerSecond === undefined ? {} : { bytesPerSecond };
    pumps.push(stack.use(openPump({ spool, sink, hours, ...cap, clock, board, log }, stop)));
  }
  const owned = stack.move();
  return { pumps, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
