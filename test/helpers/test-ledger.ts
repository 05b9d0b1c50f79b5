// A ledger in a directory of a test, with a clock that the test sets.
import type { Clock } from "../../src/core/clock.ts";
import { openGatewayKey } from "../../src/core/gateway-key.ts";
import { silentLog } from "../../src/core/log.ts";
import type { LedgerDeps } from "../../src/ledger/ledger-chain.ts";
import { type Ledger, openLedger } from "../../src/ledger/ledger.ts";

/** Noon of the day on which these ledgers begin, unless the test says otherwise. */
export const NOON_MS = Date.UTC(2026, 10, 21, 12);

/** A clock that stands still until the test sets `nowMs`; `isSure`: whether it is believed. */
export function settableClock(): { nowMs: number; isSure: boolean; clock: Clock } {
  const time = {
    nowMs: NOON_MS,
    isSure: true,
    clock: { nowMs: () => time.nowMs, monotonicMs: () => time.nowMs, isSynced: () => time.isSure },
  };
  return time;
}

export async function openTestLedger(dataDir: string, deps: Partial<LedgerDeps> = {}): Promise<Ledger> {
  const key = deps.key ?? (await openGatewayKey(dataDir));
  const { clock } = settableClock();
  return await openLedger({
    dataDir,
    key,
    gatewayId: "test-street",
    timezone: "Europe/Paris",
    clock,
    log: silentLog,
    ...deps,
  });
}
