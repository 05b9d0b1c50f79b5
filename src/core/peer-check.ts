// Connects to a camera, or another peer a person wrote into the kit, and to nobody else: the name is checked after it was
// resolved, and the certificate before a byte is sent. Whoever rules the site's DNS could otherwise point a camera's name at
// a service of this machine (DNS rebinding), and whoever rules its network could hear the camera's password.
import { lookup as lookUp } from "node:dns/promises";
import { BlockList, connect, isIP, isIPv6, type LookupFunction, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { messageOf, systemCodeOf } from "./errors.ts";

/** What a peer's certificate is held to. `ca`: PEM of a private authority, instead of the public ones. `certSha256`: of its own
 * certificate's DER, lower-case hex; then that and nothing else counts, neither name nor date. */
export type PeerTrust = { readonly ca?: string | undefined; readonly certSha256?: string | undefined };

/** All addresses of a name; throws what Node's resolver throws. */
export type Resolve = (name: string) => Promise<readonly string[]>;

/** `host`: a name or a literal address, IPv6 with brackets or without. `trust`: null for plain TCP. `connectMs`: name, TCP and TLS. */
export type Peer = {
  readonly host: string;
  readonly port: number;
  readonly trust: PeerTrust | null;
  readonly connectMs: number;
  readonly resolve?: Resolve | undefined;
};

/** `refused`: by us, for where the name leads. `why` continues "the camera …" and holds neither name, address nor secret. */
export type PeerFailure = {
  readonly kind: "failed";
  readonly how: "unreachable" | "refused" | "untrusted" | "timeout" | "stopped";
  readonly why: string;
  readonly hint?: string;
};

class PeerRefused extends Error {
  override readonly name = "PeerRefused";
}

const systemResolve: Resolve = async (name) =>
  (await lookUp(name, { all: true, order: "verbatim" })).map(({ address }) => address);

/** Opens a connection. The socket is the caller's; of TLS its certificate has convinced. Throws nothing. */
export async function connectPeer(
  { host, port, trust, connectMs, resolve = systemResolve }: Peer,
  stop: AbortSignal,
): Promise<{ readonly kind: "connected"; readonly socket: Socket } | PeerFailure> {
  if (stop.aborted) return { kind: "failed", how: "stopped", why: "stopped" };
  const name = host.replace(/^\[(.*)\]$/, "$1");
  const refusal = isIP(name) === 0 ? null : refusalOf(name, "literal");
  if (refusal !== null) return refused(refusal);
  const to = { host: name, port, lookup: checkedLookup(resolve) };
  if (trust === null) {
    const socket = connect(to);
    return handOver(socket, await settle({ socket, event: "connect", connectMs }, stop));
  }
  // With rejectUnauthorized Node would cut the connection itself, and nobody could tell which certificate was shown.
  const ours = { rejectUnauthorized: false, ...(trust.ca !== undefined && { ca: trust.ca }) };
  const socket = connectTls({ ...to, ...ours, ...(isIP(name) === 0 && { servername: name }) });
  const failure = await settle({ socket, event: "secureConnect", connectMs }, stop);
  return handOver(socket, failure ?? distrust(socket, trust));
}

function handOver(
  socket: Socket,
  failure: PeerFailure | null,
): { readonly kind: "connected"; readonly socket: Socket } | PeerFailure {
  if (failure === null) return { kind: "connected", socket };
  socket.destroy();
  return failure;
}

/**
 * Why a peer's address is not contacted, or null. A `resolved` one may be neither this machine, link-local nor none of one
 * machine; a `literal` one a person wrote, so it may be this machine. Exported for tests and for set-up.
 */
export function refusalOf(
  address: string,
  from: "resolved" | "literal",
  own: BlockList = ownAddresses(),
): string | null {
  const [plain = ""] = address.split("%");
  const family = isIPv6(plain) ? "ipv6" : "ipv4";
  const found = KINDS.find(({ list }) => list.check(plain, family));
  if (found !== undefined) return from === "literal" && found.mayBeWritten ? null : found.why;
  return from === "resolved" && own.check(plain, family) ? THIS_MACHINE : null;
}

const THIS_MACHINE = "its name leads to this machine itself";

/** First match counts. BlockList finds an IPv4 range in mapped addresses (::ffff:0:0/96) as well. */
const KINDS = [
  {
    why: THIS_MACHINE,
    mayBeWritten: true,
    list: listOf("127.0.0.0/8", "::1/128", "::7f00:0/104", "64:ff9b::7f00:0/104"),
  },
  { why: "its address is of no machine", mayBeWritten: false, list: listOf("0.0.0.0/8", "::/96", "64:ff9b::/104") },
  { why: "its name leads to a link-local address", mayBeWritten: true, list: listOf("169.254.0.0/16", "fe80::/10") },
  { why: "its address is a multicast one", mayBeWritten: false, list: listOf("224.0.0.0/4", "ff00::/8") },
  { why: "its address is a reserved or broadcast one", mayBeWritten: false, list: listOf("240.0.0.0/4") },
] as const;

function listOf(...ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [network = "", bits = ""] = range.split("/");
    list.addSubnet(network, Number(bits), isIPv6(network) ? "ipv6" : "ipv4");
  }
  return list;
}

function ownAddresses(): BlockList {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return listOf(...all.map(({ address, family }) => `${address}/${family === "IPv6" ? 128 : 32}`));
}

/** Node's own lookup, with only what may be contacted in its answer: a camera's mDNS name has a link-local address beside its usual one. */
function checkedLookup(resolve: Resolve): LookupFunction {
  return (name, options, done) => {
    addressesOf(name, resolve).then(
      (addresses) => {
        const all = addresses.map((address) => ({ address, family: isIP(address) }));
        const [first] = all;
        if (options.all === true || first === undefined) done(null, all);
        else done(null, first.address, first.family);
      },
      (thrown: unknown) => done(thrown instanceof Error ? thrown : new Error(messageOf(thrown)), []),
    );
  };
}

async function addressesOf(name: string, resolve: Resolve): Promise<readonly string[]> {
  // These names mean this machine, whatever a resolver says of them (RFC 6761, 6.3).
  if (/(^|\.)localhost\.?$/i.test(name)) return ["127.0.0.1", "::1"];
  const found = await resolve(name);
  const may = found.filter((address) => refusalOf(address, "resolved") === null);
  if (may.length > 0) return may;
  throw new PeerRefused(found.map((address) => refusalOf(address, "resolved"))[0] ?? "its name leads nowhere");
}

/** Null when the connection stands. */
function settle(
  { socket, event, connectMs }: { socket: Socket; event: "connect" | "secureConnect"; connectMs: number },
  stop: AbortSignal,
): Promise<PeerFailure | null> {
  const { promise, resolve } = Promise.withResolvers<PeerFailure | null>();
  const timeout: PeerFailure = { kind: "failed", how: "timeout", why: `did not connect within ${connectMs} ms` };
  const timer = setTimeout(() => resolve(timeout), connectMs);
  const onStop = (): void => resolve({ kind: "failed", how: "stopped", why: "stopped" });
  stop.addEventListener("abort", onStop);
  socket.once(event, () => resolve(null));
  // These two stay, and do nothing any more: an error while the socket is handed over must not end the process.
  socket.on("error", (thrown) => resolve(failureOf(thrown)));
  socket.on("close", () => resolve({ kind: "failed", how: "unreachable", why: "closed the connection at once" }));
  return promise.finally(() => {
    clearTimeout(timer);
    stop.removeEventListener("abort", onStop);
  });
}

/** Why the certificate does not convince, or null. */
function distrust(socket: TLSSocket, { certSha256 }: PeerTrust): PeerFailure | null {
  const shown = socket.getPeerX509Certificate()?.fingerprint256.replaceAll(":", "").toLowerCase();
  if (shown === undefined) return { kind: "failed", how: "untrusted", why: "shows no certificate" };
  if (certSha256 === undefined ? socket.authorized : shown === certSha256) return null;
  if (certSha256 !== undefined)
    return {
      kind: "failed",
      how: "untrusted",
      why: `shows another certificate than the one in the kit: its SHA-256 is ${shown}, the kit has ${certSha256}`,
      hint: "Was the camera reset, updated or replaced? Then write its new certificate's SHA-256 into the kit as certSha256. Otherwise another machine answers in its place.",
    };
  const reason = String(socket.authorizationError);
  return {
    kind: "failed",
    how: "untrusted",
    why: `shows a certificate that is not trusted (${reason}); its SHA-256 is ${shown}`,
    hint: `If the camera's own page shows this certificate, too, write it into the kit: certSha256: ${shown}`,
  };
}

function failureOf(thrown: Error): PeerFailure {
  if (thrown instanceof PeerRefused) return refused(thrown.message);
  // Of several addresses Node tells all failures in one; their first has the code.
  const first: unknown = thrown instanceof AggregateError ? thrown.errors[0] : thrown;
  const code = systemCodeOf(first) ?? thrown.name;
  return code === "ETIMEDOUT"
    ? { kind: "failed", how: "timeout", why: `did not connect in time (${code})` }
    : {
        kind: "failed",
        how: "unreachable",
        why: `cannot be reached (${code})`,
        // What answers does not speak TLS (OpenSSL's words for it).
        ...(/^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG)$/.test(code) && { hint: NOT_ENCRYPTED }),
      };
}

const NOT_ENCRYPTED =
  "Something answers there, but without encryption: is the port right? Else write the address with rtsp:// or http://.";

function refused(why: string): PeerFailure {
  const hint =
    why === THIS_MACHINE
      ? "Write the camera's address instead of its name into the kit; of a program on this machine localhost."
      : "Write the camera's address instead of its name into the kit, as its own page or the router shows it.";
  return { kind: "failed", how: "refused", why, hint };
}
