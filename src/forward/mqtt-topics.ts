// What the MQTT sink's topics, its client id and the gateway's status are called (interfaces.md §4).
import { createHash } from "node:crypto";
import { MQTT_LIMITS } from "./mqtt-limits.ts";

/** The topics of one gateway; NATS takes neither dots nor spaces in them, and ids and prefixes hold none. */
export type Topics = {
  readonly status: string;
  /** `type`: of the CloudEvent, such as `hedgerow.motion.detected.v1`. */
  event(type: string): string;
  snapshot(sha256: string): string;
};

export function topicsOf({ prefix, gatewayId }: { prefix: string; gatewayId: string }): Topics {
  const base = `${prefix}/${gatewayId}`;
  return {
    status: `${base}/status`,
    event: (type) => `${base}/events/${type.replace(/^hedgerow\./, "").replaceAll(".", "-")}`,
    snapshot: (sha256) => `${base}/snapshots/${sha256}`,
  };
}

/** In order of preference: readable, then one of 23 letters and digits, which every server must take [MQTT-3.1.3-5]. */
export function clientIdsOf({ gatewayId, sinkId }: { gatewayId: string; sinkId: string }): readonly string[] {
  const readable = `hedgerow-${gatewayId}-${sinkId}`;
  const short = `hedgerow${createHash("sha256").update(readable).digest("hex").slice(0, 15)}`;
  return readable.length > MQTT_LIMITS.clientIdChars ? [short] : [readable, short];
}

/** Why a gateway is offline: stopped by somebody, resting outside the line's hours, or lost without a word (the will). */
export type OfflineReason = "stopped" | "resting" | "lost";

/** What is retained on the status topic. `offline` null: online. */
export function statusOf({ version, offline }: { version: string; offline: OfflineReason | null }): string {
  return JSON.stringify(
    offline === null ? { state: "online", version } : { state: "offline", reason: offline, version },
  );
}
