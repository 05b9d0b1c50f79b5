// For which names the house's own authority may sign, as the bytes of an extension (RFC 5280, 4.2.1.10; DER, X.690).
// It lists what settings/address.ts takes for private, plus the machine's own name.
import { isIP } from "node:net";

/** Names that the public DNS does not answer, and all below them. */
const NAMES = ["local", "lan", "internal", "home.arpa", "localhost"];

/** Private networks, as address and mask in hex: RFC 1122, 1918, 3927, 4193, 4291. */
const NETWORKS = [
  "7f000000ff000000",
  "0a000000ff000000",
  "ac100000fff00000",
  "c0a80000ffff0000",
  "a9fe0000ffff0000",
  `fc${"00".repeat(15)}fe${"00".repeat(15)}`,
  `fe80${"00".repeat(14)}ffc0${"00".repeat(14)}`,
  `${"00".repeat(15)}01${"ff".repeat(16)}`,
];

/** `labels`: names without dots that it may sign for beside, such as the machine's own. */
export function nameConstraints(labels: readonly string[]): Buffer {
  const names = [...new Set([...NAMES, ...labels])].map(dnsName);
  const networks = NETWORKS.map((network) => tlv(0x87, Buffer.from(network, "hex")));
  const subtrees = [...names, ...networks].map((base) => tlv(0x30, base));
  return tlv(0x30, tlv(0xa0, Buffer.concat(subtrees)));
}

/** Whether an authority made with those constraints may sign for a private name or address. `der`: its certificate. */
export function mayBeSigned(der: Buffer, name: string): boolean {
  return isIP(name) !== 0 || name.includes(".") || der.includes(tlv(0x30, dnsName(name)));
}

function dnsName(name: string): Buffer {
  return tlv(0x82, Buffer.from(name, "ascii"));
}

/** Tag, length, value; of at most 65,535 bytes. */
function tlv(tag: number, value: Buffer): Buffer {
  const { length } = value;
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), value]);
}
