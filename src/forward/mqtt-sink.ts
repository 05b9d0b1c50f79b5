// Delivers entries over MQTT (interfaces.md §4).
import type { Clock } from "../core/clock.ts";
import { GatewayError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { MqttSinkSettings } from "../settings/schema.ts";
import type { Sink } from "./sink.ts";

export type MqttSinkNeeds = {
  readonly settings: MqttSinkSettings;
  readonly gatewayId: string;
  readonly clock: Clock;
  readonly log: Log;
};

/** Reads the named files and connects in the background; an unreachable broker is no failure. Throws SECRET_UNREADABLE. */
export async function openMqttSink({ settings }: MqttSinkNeeds, _stop: AbortSignal): Promise<Sink & AsyncDisposable> {
  throw new GatewayError("CONFIG_INVALID", `the sink ${settings.id} of kind mqtt is not built yet`);
}
