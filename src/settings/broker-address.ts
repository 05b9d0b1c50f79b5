// Where devices find the broker, for set-up lines: this machine, or the site's own broker.
import { ownAddress } from "../core/own-address.ts";
import type { GatewaySettings } from "./schema.ts";

/** `isSites`: the broker is the site's own, which keeps the logins. */
export type BrokerAddress = { readonly host: string; readonly port: number; readonly isSites: boolean };

/** Of the embedded broker the address under which others find it; of the site's what the settings say. */
export function brokerAddress({ mode, listen, external }: GatewaySettings["broker"]): BrokerAddress {
  if (mode === "embedded" || external === undefined)
    return { host: ownAddress(listen.host), port: listen.port, isSites: false };
  const { hostname, port, protocol } = new URL(external.url);
  return { host: hostname, port: Number(port || (protocol === "mqtts:" ? 8883 : 1883)), isSites: true };
}
