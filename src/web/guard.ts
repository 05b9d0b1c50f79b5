// What a request must be before any page looks at it: of a known method, under a name of this house, and changed from its own pages.
import { isIP } from "node:net";
import type { MiddlewareHandler } from "hono";
import { secureHeaders } from "hono/secure-headers";
import type { MessageKey, MessageValues } from "../languages/say.ts";
import { isPrivate } from "../settings/address.ts";

/** Why a request is turned away at the door, and the message that says so. */
export type Turned = {
  readonly why: "host" | "method" | "origin";
  readonly status: 403 | 405 | 421;
  readonly key: MessageKey;
  readonly values?: MessageValues;
};

/** What the page and API understand, for the Allow header of a 405 (RFC 9110, 15.5.6). */
export const METHODS: readonly string[] = ["GET", "HEAD", "POST"];

const STRANGE_HOST: Turned = {
  why: "host",
  status: 421,
  key: "door.host",
  values: { address: "http://192.168.1.5:8080", name: "http://hedgerow.local:8080" },
};
const STRANGE_METHOD: Turned = { why: "method", status: 405, key: "door.method" };
const FOREIGN_ORIGIN: Turned = { why: "origin", status: 403, key: "door.origin" };

/**
 * Null, or why the request is refused. Host: an address, or a name that the public DNS does not answer; a name that an
 * attacker owns could be pointed at this gateway and read it with the visitor's browser (DNS rebinding); or the one that
 * gateway.yaml says residents use (`publicUrl`), which a proxy before the gateway passes on. Origin: a browser
 * names the page that sends a change; programs send none. `isSecure`: asked by https. A one-time link's page gives no
 * referrer, so its browser names no origin, but that it is of the same site, where it says that at all; who has the link needs
 * no cookie, so no other site can borrow anything.
 */
export function turnedAway({
  method,
  host,
  path,
  origin,
  site,
  publicUrl,
  isSecure = false,
}: {
  method: string;
  host: string;
  path: string;
  origin: string | undefined;
  site: string | undefined;
  publicUrl?: string | undefined;
  isSecure?: boolean;
}): Turned | null {
  const asked = URL.parse(`http://${host}`);
  const isPublicName = publicUrl !== undefined && asked?.hostname === new URL(publicUrl).hostname;
  if (asked === null || !(isPublicName || isOfThisHouse(asked))) return STRANGE_HOST;
  if (!METHODS.includes(method)) return STRANGE_METHOD;
  if (method === "GET" || method === "HEAD") return null;
  const isNamed = origin !== undefined && !(origin === "null" && /^\/(pair|invite)\/[\w-]+$/.test(path));
  if (isNamed) return isOwn(URL.parse(origin), { asked, isSecure }) ? null : FOREIGN_ORIGIN;
  return site === undefined || site === "same-origin" || site === "none" ? null : FOREIGN_ORIGIN;
}

/** What came by plain http anybody in the network may have written: it changes nothing by https. The other way round it came by a proxy. */
function isOwn(origin: URL | null, { asked, isSecure }: { readonly asked: URL; readonly isSecure: boolean }): boolean {
  return origin?.host === asked.host && (!isSecure || origin.protocol === "https:");
}

function isOfThisHouse(asked: URL): boolean {
  return isPrivate(asked) || isIP(asked.hostname.replace(/^\[(.*)\]$/, "$1")) !== 0;
}

/**
 * Nothing from elsewhere, nothing inline, no frame around us. No HSTS, COOP or origin-keying: this page is plain http in a
 * home network, where browsers ignore them with a warning. The referrer policy lets forms name their origin.
 */
export function safeHeaders(): MiddlewareHandler {
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'"],
      connectSrc: ["'self'"],
      formAction: ["'self'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
    crossOriginOpenerPolicy: false,
    originAgentCluster: false,
    strictTransportSecurity: false,
    referrerPolicy: "same-origin",
    xFrameOptions: "DENY",
    permissionsPolicy: { camera: [], microphone: [], geolocation: [] },
  });
}
