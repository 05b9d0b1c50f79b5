// What a house says of itself that holds a little of everything, for pages about erasures.
import type { ErasureAsk, ErasureView } from "../../src/core/erasure-commands.ts";

export function fakeHoldings({ devices, cameras, from, to }: ErasureAsk): ErasureView {
  const known = (ids: readonly string[]) => ids.map((id) => ({ id, isInKit: true }));
  return {
    devices: known(devices),
    cameras: known(cameras),
    from: from ?? null,
    to: to ?? null,
    entries: 12,
    rejected: 1,
    pictures: 3,
    byType: { "hedgerow.light.level.v1": 10, "hedgerow.snapshot.redacted.v1": 3 },
    windows: 1,
    memories: 2,
    proposals: 0,
    setAside: 0,
    platforms: ["main"],
  };
}
