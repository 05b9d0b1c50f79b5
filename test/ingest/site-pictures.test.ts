// Shown: pictures that come by the site's own broker are taken out of the stream, however it is cut, in both versions of MQTT;
// what mqtt.js sees in their place is a token, and all other packets are as they came (I1).
import fc from "fast-check";
import { expect, test } from "vitest";
import { PacketBound } from "../../src/ingest/external-broker-bound.ts";
import { SiteLift } from "../../src/ingest/external-broker-pictures.ts";
import { keptPictures } from "../helpers/kept-pictures.ts";
import { id, packet, text } from "../helpers/raw-mqtt.ts";

test("each picture is behind its token, and each other packet is as it came", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.record({
          isPicture: fc.boolean(),
          size: fc.nat(400),
          qos: fc.constantFrom(0, 1),
          retain: fc.boolean(),
          hasProperty: fc.boolean(),
        }),
        { maxLength: 8 },
      ),
      fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1 }),
      fc.boolean(),
      async (messages, cuts, isVersion5) => {
        const pictures = keptPictures();
        const lift = new SiteLift({
          bytesMax: 500,
          isPicture: (topic) => topic === "cams/a",
          drop: (why) => pictures.drop(why),
        });
        const bound = new PacketBound({ bytesMax: 10_000, isVersion5, lift });
        const packets = messages.map(({ isPicture, size, qos, retain, hasProperty }, n) => {
          const properties = !isVersion5 ? [] : [hasProperty ? Buffer.from([2, 1, 0]) : Buffer.from([0])];
          const lead = [text(isPicture ? "cams/a" : "other"), ...(qos === 1 ? [id(n + 1)] : []), ...properties];
          return packet(0x30 | (qos << 1) | (retain ? 1 : 0), ...lead, Buffer.alloc(size, n + 1));
        });
        const out: Buffer[] = [];
        bound.on("data", (bytes: Buffer) => out.push(Buffer.from(bytes)));
        const all = Buffer.concat(packets);
        for (let at = 0, n = 0; at < all.length; n += 1) {
          const cut = cuts[n % cuts.length] ?? 1;
          bound.write(Buffer.from(all.subarray(at, at + cut)));
          at += cut;
        }
        await new Promise<void>((resolve) => bound.end(resolve));
        let rest = Buffer.concat(out);
        for (const [n, { isPicture, size, qos, retain }] of messages.entries()) {
          const own = packets[n] ?? Buffer.alloc(0);
          const expected = isPicture ? lengthOf(rest) : own.length;
          const found = rest.subarray(0, expected);
          rest = rest.subarray(expected);
          if (!isPicture) expect(found).toEqual(own);
          else {
            expect(found[0]).toBe(0x30 | (qos << 1) | (retain ? 1 : 0));
            if (qos === 1) expect(found.subarray(10, 12)).toEqual(id(n + 1));
            expect(lift.take(found.subarray(-16)) ?? "no room").toEqual(
              pictures.dropped.length > 0 ? expect.anything() : Buffer.alloc(size, n + 1),
            );
          }
        }
        expect(rest.length).toBe(0);
      },
    ),
  );
});

/** Of a packet of less than 128 bytes. */
function lengthOf(bytes: Buffer): number {
  return 2 + (bytes[1] ?? 0);
}

test("pictures that wait for their messages have one bound; the newest is dropped, and what is left is zeroed", () => {
  const pictures = keptPictures();
  const lift = new SiteLift({ bytesMax: 100, isPicture: () => true, drop: (why) => pictures.drop(why) });
  const [one, two, three] = [1, 2, 3].map((value) => {
    lift.begin({ lead: Buffer.from([0x30, 0, 1, 97]), bytes: 100 });
    const chunk = Buffer.alloc(150, value);
    const { taken, standIn } = lift.add(chunk);
    expect([taken, chunk.subarray(0, 100).every((byte) => byte === 0), chunk[100]]).toEqual([100, true, value]);
    return standIn?.subarray(-16) ?? Buffer.alloc(0);
  });
  expect(pictures.dropped).toEqual(["no-room"]);
  const picture = lift.take(one ?? "");
  expect([picture, lift.take(three ?? "")]).toEqual([Buffer.alloc(100, 1), null]);
  lift[Symbol.dispose]();
  expect(lift.take(two ?? "")).toBeNull();
});
