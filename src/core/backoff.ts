// How long to wait before trying again.

/**
 * Full-jitter exponential backoff in milliseconds for the n-th failure in a row (n from 1).
 * Jitter keeps a thousand gateways from returning at once when the platform does.
 * Source: Exponential Backoff And Jitter, AWS Architecture Blog, 2015 ("full jitter", floored at the minimum).
 */
export function backoffMs({
  failures,
  minMs,
  maxMs,
  random = Math.random,
}: {
  failures: number;
  minMs: number;
  maxMs: number;
  random?: () => number;
}): number {
  const ceiling = Math.min(maxMs, minMs * 2 ** Math.min(failures, 30));
  return minMs + random() * (ceiling - minMs);
}
