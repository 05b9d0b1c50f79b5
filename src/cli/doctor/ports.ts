// The ports that the gateway listens on: free, or its own. By the kernel's table; nothing is opened or asked.
import { type Diagnosis, type Machine, ok, type Site, trouble } from "./diagnosis.ts";
import { systemText } from "./system.ts";

type Door = { readonly what: string; readonly host: string; readonly port: number };

export async function lookAtPorts(machine: Machine, site: Site | null): Promise<Diagnosis[]> {
  if (site === null) return [];
  const [tables, firstFree] = await Promise.all([
    Promise.all(["tcp", "tcp6"].map((name) => systemText(machine, `proc/net/${name}`))),
    systemText(machine, "proc/sys/net/ipv4/ip_unprivileged_port_start"),
  ]);
  const listening = tables.flatMap((table) => (table === null ? [] : listenersIn(table)));
  const reserved = Number(firstFree ?? 1024);
  return doorsOf(site).map((door) => judge(door, { listening, reserved, isRunning: site.running !== null }));
}

function doorsOf({ settings }: Site): Door[] {
  const { broker, status } = settings.gateway;
  const { host, port, tls: secure } = status;
  const own: Door[] = [
    { what: "the page", host, port },
    ...(secure === undefined ? [] : [{ what: "the page by https", host: secure.host ?? host, port: secure.port }]),
  ];
  if (broker.mode === "external") return own;
  const { listen, tls, websocket } = broker;
  return [
    { what: "MQTT", ...listen },
    ...(tls === undefined ? [] : [{ what: "MQTT over TLS", host: tls.host ?? listen.host, port: tls.port }]),
    ...(websocket === undefined
      ? []
      : [{ what: "MQTT over WebSocket", host: websocket.host ?? listen.host, port: websocket.port }]),
    ...own,
  ];
}

function judge(
  { what, host, port }: Door,
  by: { listening: readonly Listener[]; reserved: number; isRunning: boolean },
): Diagnosis {
  const isTaken = by.listening.some((other) => other.port === port && meet(other.address, host));
  const name = `port ${port} for ${what}`;
  if (by.isRunning)
    return isTaken
      ? ok(`${name}: the gateway listens`)
      : trouble(
          `${name}: the gateway runs, and nobody listens there`,
          "Restart the gateway: its settings may have changed since.",
        );
  if (isTaken)
    return trouble(
      `${name} is taken by another program`,
      `See which: sudo ss -ltnp 'sport = :${port}'. Stop it, or write another port in gateway.yaml.`,
    );
  if (port < by.reserved)
    return trouble(
      `${name} is reserved for root, and the gateway is not root`,
      `Write a port from ${by.reserved} on in gateway.yaml.`,
    );
  return ok(`${name} is free`);
}

type Listener = { readonly address: string; readonly port: number };

/** Rows in state 0A (LISTEN) of /proc/net/tcp: "0: 0100007F:1F90 00000000:0000 0A …", addresses in hex. */
function listenersIn(table: string): Listener[] {
  return table.split("\n").flatMap((row) => {
    const [, address, port] = /^\s*\d+: ([0-9A-F]+):([0-9A-F]{4}) \S+ 0A /.exec(row) ?? [];
    return address === undefined || port === undefined ? [] : [{ address, port: Number.parseInt(port, 16) }];
  });
}

const ANY = /^0+$/;

/** Whether two listeners on one port get in each other's way. A host that is no IPv4 address is taken for every address. */
function meet(address: string, host: string): boolean {
  const parts = /^\d+\.\d+\.\d+\.\d+$/.test(host) ? host.split(".").map(Number) : null;
  if (ANY.test(address) || parts === null || host === "0.0.0.0") return true;
  // Little-endian, as this kernel's machines are; an IPv4 address in the table of IPv6 ends the row.
  const written = parts
    .toReversed()
    .map((part) => part.toString(16).padStart(2, "0"))
    .join("")
    .toUpperCase();
  return address.endsWith(written);
}
