// Under which names and addresses a browser in the house finds this machine, for the certificate of its own authority.
import { isIP } from "node:net";
import { isPrivate } from "../settings/address.ts";
import { TLS_LIMITS } from "./tls-limits.ts";

/** What the system says of this machine. `addresses`: those that others can reach, IPv6 without brackets. */
export type Whereabouts = { readonly hostname: string; readonly addresses: readonly string[] };

/** The machine's name without its domain, in lower case; null where it is no host name (RFC 1123, 2.1). */
function ownName({ hostname }: Pick<Whereabouts, "hostname">): string | null {
  const [label = ""] = hostname.toLowerCase().split(".");
  return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label) && isIP(label) === 0 ? label : null;
}

/**
 * Always in the same order, so that two lists can be compared. Public names and addresses are left out, which the authority may
 * not sign for; so are link-local ones, which no browser takes without the name of an interface.
 */
export function pageNames(where: Whereabouts, publicUrl: string | undefined): string[] {
  const own = ownName(where);
  const asked = publicUrl === undefined ? null : new URL(publicUrl);
  const addresses = where.addresses
    .filter((address) => isIP(address) === 4 || (isIP(address) === 6 && !/^fe[89ab]/i.test(address)))
    .filter((address) => isPrivate(new URL(`http://${isIP(address) === 6 ? `[${address}]` : address}`)));
  const names = [
    ...(own === null ? [] : [`${own}.local`, own]),
    ...(asked === null || !isPrivate(asked) ? [] : [asked.hostname.replaceAll(/[[\]]|\.$/g, "")]),
    "localhost",
    "127.0.0.1",
    "::1",
    ...addresses.toSorted(),
  ];
  return [...new Set(names)].slice(0, TLS_LIMITS.names);
}

/** Those of them that are one label alone. */
export function labelsOf(names: readonly string[]): string[] {
  return names.filter((name) => isIP(name) === 0 && !name.includes("."));
}
