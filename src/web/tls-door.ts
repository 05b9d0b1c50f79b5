// https for the page, opened beside plain http where gateway.yaml names `status.tls`, and renewed while it runs.
import { hostname, networkInterfaces } from "node:os";
import type { Hono } from "hono";
import type { Board } from "../core/board.ts";
import { GatewayError } from "../core/errors.ts";
import type { WebEnv } from "./answers.ts";
import { openSecureServer } from "./server.ts";
import { type CertificateDeps, openPageCertificate } from "./tls-certificate.ts";
import type { AuthorityView, Pair } from "./tls-files.ts";
import { TLS_LIMITS } from "./tls-limits.ts";
import type { Whereabouts } from "./tls-names.ts";

/** What routes and pages may know of it. `port`: 0 until it listens. */
export type PageTls = {
  readonly port: number;
  /** The house's own, to be installed on phones; null where the association has a certificate of its own. */
  readonly authority: AuthorityView | null;
  isFor(host: string): boolean;
};

export type TlsDoor = PageTls & {
  /** Listens until it is disposed. Throws PORT_IN_USE, CONFIG_INVALID. */
  open(app: Hono<WebEnv>): Promise<AsyncDisposable>;
  /** Looks at files, addresses and the calendar now, as it does once a minute. */
  look(): Promise<void>;
};

type Deps = Omit<CertificateDeps, "whereabouts"> & {
  readonly board: Board;
  readonly whereabouts?: CertificateDeps["whereabouts"];
};

/**
 * Null where no https is asked for, or where the house's own authority cannot be used: the log says why, and plain http serves on.
 * Throws CERTIFICATE_UNUSABLE for a certificate of the association's own that cannot be used, which `hedgerow check` names too.
 */
export async function openTlsDoor({ board, whereabouts = thisMachine, ...deps }: Deps): Promise<TlsDoor | null> {
  const { status } = deps.settings;
  const { tls } = status;
  if (tls === undefined) return null;
  const certificate = await openPageCertificate({ ...deps, whereabouts }).catch((thrown: unknown) => {
    if (tls.certFile !== undefined || !(thrown instanceof GatewayError)) throw thrown;
    deps.log.error({ code: thrown.code, why: thrown.message, next: thrown.hint }, "the page cannot be shown by https");
    return null;
  });
  if (certificate === null) return null;
  let port = 0;
  let show: ((pair: Pair) => void) | null = null;
  const look = async (): Promise<void> => {
    if (await certificate.look()) show?.(certificate.pair());
  };
  return {
    get port() {
      return port;
    },
    authority: certificate.authority,
    isFor: (host) => certificate.isFor(host),
    look,
    async open(app) {
      const server = await openSecureServer(app, {
        host: tls.host ?? status.host,
        port: tls.port,
        pair: certificate.pair(),
        refused: () => board.count("web.refused.tls"),
      });
      port = server.address.port;
      show = (pair) => server.show(pair);
      const timer = setInterval(() => void look(), TLS_LIMITS.lookMs);
      timer.unref();
      return {
        async [Symbol.asyncDispose]() {
          clearInterval(timer);
          show = null;
          await server[Symbol.asyncDispose]();
        },
      };
    },
  };
}

function thisMachine(): Whereabouts {
  const addresses = Object.values(networkInterfaces())
    .flatMap((each) => each ?? [])
    .filter(({ internal }) => !internal)
    .map(({ address }) => address);
  return { hostname: hostname(), addresses };
}
