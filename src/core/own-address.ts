// The address under which devices on the local network find this machine, for set-up lines and pages.
import { hostname, networkInterfaces } from "node:os";

/** The host itself when the program listens on one only; else the first IPv4 address that others can reach, else the machine's name. */
export function ownAddress(listenHost: string): string {
  if (listenHost !== "0.0.0.0" && listenHost !== "::") return listenHost;
  const outside = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find(({ internal, family }) => !internal && family === "IPv4");
  return outside?.address ?? hostname();
}
