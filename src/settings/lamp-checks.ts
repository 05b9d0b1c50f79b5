// Lamps that are to be watched: what the watch needs, and whether light sensors name lamps that there are.
import type { Complaint } from "./issues.ts";
import type { GatewaySettings, Kit } from "./schema.ts";

/** Complaints about `watches`: a light sensor tells of lamps of the kit that are watched. */
export function checkWatches({ devices }: Pick<Kit, "devices">): Complaint[] {
  const byId = new Map(devices.map((device) => [device.id, device]));
  return devices.flatMap(({ id, watches = [] }, index) =>
    watches.flatMap((watched, nth) => {
      const lamp = byId.get(watched);
      if (lamp?.lamp !== undefined) return [];
      const why =
        lamp === undefined
          ? "but there is no such device; add it under devices, or remove it here"
          : `which is not watched; write lamp: { litWhen: night } at ${watched}, or remove it here`;
      return [warning(["devices", index, "watches", nth], `${id} is said to see the light of ${watched}, ${why}`)];
    }),
  );
}

/** Without the site's cell nobody knows when it is night. For gateway.yaml, where it is mended. */
export function checkCell({ gateway, kit }: { readonly gateway: GatewaySettings; readonly kit: Kit }): Complaint[] {
  const lamps = kit.devices.filter(({ lamp }) => lamp !== undefined).map(({ id }) => id);
  const [first, ...others] = lamps;
  if (first === undefined || gateway.gateway.cell !== undefined) return [];
  const which = others.length === 0 ? first : `${first} and ${others.length} more`;
  return [
    {
      ...warning(["gateway"], `lamps are not watched (${which}): add cell, the site's geohash, such as cell: u09tun`),
      at: "key",
    },
  ];
}

function warning(path: Complaint["path"], text: string): Complaint {
  return { path, at: "value", text, severity: "warning" };
}
