// What the ports hand to the broker, and what the settings say of the ports.
import type { Duplex } from "node:stream";
import type { CertificateFiles } from "./broker-certificate.ts";

/** A connection whose MQTT begins. `loggedIn` gives back its place at the door, and lets larger packets in. */
export type Incoming = {
  readonly stream: Duplex;
  readonly network: string;
  /** Of a client certificate that the authority signed; else null. */
  readonly commonName: string | null;
  /** Bytes it may send before its login. */
  readonly preLoginBytes: number;
  readonly loggedIn: () => void;
};

export type ListenerSettings = {
  readonly listen: { readonly host: string; readonly port: number };
  readonly tls?: ({ readonly host?: string | undefined; readonly port: number } & CertificateFiles) | undefined;
  readonly websocket?: { readonly host?: string | undefined; readonly port: number; readonly tls: boolean } | undefined;
};
