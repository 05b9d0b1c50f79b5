// The HTTPS sink on a bench: a gateway key and a directory of its own, and one call that delivers to a scripted server.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { type Clock, systemClock } from "../../src/core/clock.ts";
import { type GatewayKey, openGatewayKey } from "../../src/core/gateway-key.ts";
import { type HttpsSinkLimits, openHttpsSink } from "../../src/forward/https-sink.ts";
import type { NamedFiles } from "../../src/forward/platform-files.ts";
import type { DeliveryReport, Sink } from "../../src/forward/sink.ts";
import type { Entry } from "../../src/spool/spool.ts";
import { makeEntries } from "./memory-spool.ts";
import { type Behaviour, type Received, startScriptedPlatform } from "./scripted-platform.ts";

/** A signal that does not abort. */
export const never = new AbortController().signal;
export const noPicture = () => Promise.reject(new Error("there are no pictures in this test"));

type Told = NamedFiles & {
  readonly limits?: Partial<HttpsSinkLimits>;
  readonly proxy?: string;
  readonly key?: GatewayKey;
  readonly clock?: Clock;
};

export type SinkBench = AsyncDisposable & {
  readonly key: GatewayKey;
  /** Writes a file that is removed with the bench; gives its path. */
  write(name: string, text: string): Promise<string>;
  /** A sink of gateway `test-gate` whose requests take 2 s at most. */
  open(url: string, told?: Told): Promise<Sink & AsyncDisposable>;
  /** One entry, by a new sink, to a server that is there already. */
  deliverOne(url: string, told: Told): Promise<DeliveryReport>;
  /** One delivery, by a new sink, to a server that behaves so. */
  deliverTo(
    behave: Behaviour,
    entries: readonly Entry[],
    limits?: Partial<HttpsSinkLimits>,
  ): Promise<DeliveryReport & { readonly received: readonly Received[] }>;
};

export async function openSinkBench(): Promise<SinkBench> {
  const directory = await mkdtemp(join(tmpdir(), "hedgerow-sink-"));
  const benchKey = await openGatewayKey(directory);
  const open = (url: string, { limits, key = benchKey, clock = systemClock, ...files }: Told = {}) =>
    openHttpsSink({
      settings: { id: "main", kind: "https", url, ...files },
      gatewayId: "test-gate",
      key,
      clock,
      limits: { requestMs: 2000, ...limits },
    });
  return {
    key: benchKey,
    open,
    async write(name, text) {
      const path = join(directory, name);
      await writeFile(path, text);
      return path;
    },
    async deliverOne(url, told) {
      await using sink = await open(url, told);
      return await sink.deliver(makeEntries(1), noPicture, never);
    },
    async deliverTo(behave, entries, limits = {}) {
      await using platform = await startScriptedPlatform(behave);
      await using sink = await open(platform.url, { limits });
      const report = await sink.deliver(entries, noPicture, never);
      return { ...report, received: platform.received };
    },
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true }),
  };
}

/** What a report says where the sink waits by its own time, and why. */
export const waits = (why: RegExp) => ({ kind: "wait", retryAfterMs: null, why: expect.stringMatching(why) });

/** What became of each entry, by sequence number. */
export function kinds({ deliveries }: Pick<DeliveryReport, "deliveries">): Record<string, string> {
  return Object.fromEntries([...deliveries].map(([id, { kind }]) => [String(Number(id.split("-")[0])), kind]));
}
