// Which certificate the page shows by https: the association's own, read again when its files change; or one of the house's own
// authority, made anew in time and when the machine's names or addresses change. No restart for either.
//
// Decision: trouble with https never closes the house. What was good before stays in use, and plain http goes on beside it: in a
// home network a volunteer without internet needs the page most on the day on which a certificate ran out.
import { X509Certificate } from "node:crypto";
import { dirname } from "node:path";
import { type Clock, EARLIEST_BELIEVABLE_MS } from "../core/clock.ts";
import { makePrivateDirectory, writeDurably } from "../core/durable-file.ts";
import { GatewayError, messageOf } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { GatewaySettings } from "../settings/schema.ts";
import { mayBeSigned } from "./name-constraints.ts";
import {
  type AuthorityView,
  authorityFile,
  authorityView,
  isFor,
  type Pair,
  pageFile,
  readKept,
  readPair,
  validityOf,
  versionOf,
} from "./tls-files.ts";
import { TLS_LIMITS } from "./tls-limits.ts";
import { labelsOf, pageNames, type Whereabouts } from "./tls-names.ts";

/** `whereabouts`: asked at each look. */
export type CertificateDeps = {
  readonly settings: GatewaySettings;
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
  readonly whereabouts: () => Whereabouts;
};

export type PageCertificate = {
  /** What to show now. */
  readonly pair: () => Pair;
  /** Null where the association has a certificate of its own. */
  readonly authority: AuthorityView | null;
  /** Whether a browser that asks for this host finds its name in the certificate. */
  isFor(host: string): boolean;
  /** Looks at files, addresses and the calendar; true when there is another certificate now. Throws nothing. */
  look(): Promise<boolean>;
};

/** Throws CERTIFICATE_UNUSABLE, and DATA_DIR_UNUSABLE where a first authority cannot be written. */
export async function openPageCertificate(deps: CertificateDeps): Promise<PageCertificate> {
  const { certFile, keyFile } = deps.settings.status.tls ?? {};
  return certFile === undefined || keyFile === undefined
    ? await openLocal(deps)
    : await openOwn({ certFile, keyFile }, deps);
}

async function openOwn(
  files: { certFile: string; keyFile: string },
  { log }: CertificateDeps,
): Promise<PageCertificate> {
  // Marked before it is read: what changes meanwhile is read once more next time.
  let version = await versionOf(files);
  let pair = await readPair(files);
  return {
    pair: () => pair,
    authority: null,
    isFor: (host) => isFor(pair, host),
    async look() {
      const now = await versionOf(files);
      if (now === version) return false;
      version = now;
      try {
        pair = await readPair(files);
        log.info("the page's certificate was renewed");
        return true;
      } catch (cause) {
        // Half a renewal: the old one serves on, and the next change is looked at.
        log.warn({ why: messageOf(cause) }, "the page's new certificate cannot be used");
        return false;
      }
    },
  };
}

async function openLocal(deps: CertificateDeps): Promise<PageCertificate> {
  const { dataDir, clock, log, whereabouts, settings } = deps;
  const authority = await keptOrMadeAuthority(deps);
  const shown = authorityView(authority);
  // A machine that was given another name since is found by its other names.
  const namesNow = (): string[] =>
    pageNames(whereabouts(), settings.status.publicUrl).filter((name) => mayBeSigned(shown.der, name));
  // One that is damaged is not missed: another is made.
  let pair = await readKept(pageFile(dataDir)).catch(() => null); // said by the making of another
  const renewed = async (): Promise<boolean> => {
    const names = namesNow();
    if (pair !== null && isGood(pair, { names, authority, nowMs: clock.nowMs() })) return false;
    // Loaded where it is needed: most starts find a certificate that is good for months.
    const { signForPage } = await import("./local-ca.ts");
    const made = await signForPage(authority, { names, nowMs: clock.nowMs() });
    pair = made;
    log.info({ names: names.length }, "the page has a new certificate of its own authority");
    await writeDurably(pageFile(dataDir), `${made.cert}${made.key}`).catch((cause: unknown) =>
      log.warn({ why: messageOf(cause) }, "the page's certificate cannot be kept; the next start makes another"),
    );
    return true;
  };
  await renewed();
  return {
    pair: () => {
      if (pair === null) throw new GatewayError("INTERNAL", "the page has no certificate");
      return pair;
    },
    authority: shown,
    isFor: (host) => pair !== null && isFor(pair, host),
    look: () =>
      renewed().catch((cause: unknown) => {
        log.warn({ why: messageOf(cause) }, "the page's certificate cannot be renewed");
        return false;
      }),
  };
}

/** One that ends soon is replaced, and phones are asked once more; one that is damaged is not: see readKept. */
async function keptOrMadeAuthority({ settings, dataDir, clock, log, whereabouts }: CertificateDeps): Promise<Pair> {
  const path = authorityFile(dataDir);
  const kept = await readKept(path);
  const nowMs = clock.nowMs();
  if (kept !== null && validityOf(kept).toMs - TLS_LIMITS.renewMs > nowMs) return kept;
  const { makeAuthority } = await import("./local-ca.ts");
  const { name, id } = settings.gateway;
  const made = await makeAuthority({
    site: name ?? id,
    labels: labelsOf(pageNames(whereabouts(), settings.status.publicUrl)),
    nowMs,
  });
  try {
    await makePrivateDirectory(dirname(path));
    await writeDurably(path, `${made.cert}${made.key}`);
  } catch (cause) {
    throw new GatewayError("DATA_DIR_UNUSABLE", `the page's own authority cannot be kept: ${messageOf(cause)}`, {
      cause,
    });
  }
  log.info({ fingerprint: authorityView(made).fingerprint }, "the page has an authority of its own now");
  return made;
}

function isGood(
  pair: Pair,
  { names, authority, nowMs }: { readonly names: readonly string[]; readonly authority: Pair; readonly nowMs: number },
): boolean {
  const certificate = new X509Certificate(pair.cert);
  const { fromMs, toMs } = validityOf(pair);
  const isMs = Math.max(nowMs, EARLIEST_BELIEVABLE_MS);
  return (
    certificate.checkIssued(new X509Certificate(authority.cert)) &&
    names.every((name) => isFor(pair, name)) &&
    fromMs <= isMs &&
    isMs < toMs - TLS_LIMITS.renewMs
  );
}
