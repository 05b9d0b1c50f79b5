// Shown: what every source of sensor messages owes (ingest/source.ts), asked of the embedded broker and of the external one
// behind a real Mosquitto. Acknowledgements are counted on the wire, on the side of the source that writes them.
import { describe, expect, test } from "vitest";
import type { Arrival } from "../../src/core/arrival.ts";
import { hasMosquitto, startMosquitto } from "../helpers/site-broker.ts";
import { openEmbeddedHouse, openExternalHouse, type SourceHouse } from "../helpers/source-house.ts";

const sources: readonly {
  readonly name: string;
  readonly isThere: boolean;
  readonly open: () => Promise<SourceHouse>;
}[] = [
  { name: "the embedded broker", isThere: true, open: () => openEmbeddedHouse() },
  {
    name: `the site's Mosquitto${hasMosquitto ? "" : " (skipped: Debian package mosquitto is missing)"}`,
    isThere: hasMosquitto,
    open: async () => {
      const broker = await startMosquitto();
      const house = await openExternalHouse({ port: broker.port });
      return {
        ...house,
        async [Symbol.asyncDispose]() {
          await house[Symbol.asyncDispose]();
          await broker[Symbol.asyncDispose]();
        },
      };
    },
  },
];

/** Messages that wait until the test lets them go, one by one. */
function holding() {
  const held: { readonly arrival: Arrival; readonly release: () => void; readonly refuse: () => void }[] = [];
  const fate = (arrival: Arrival): Promise<void> =>
    new Promise((resolve, reject) =>
      held.push({ arrival, release: resolve, refuse: () => reject(new Error("not kept")) }),
    );
  return { held, fate };
}

/**
 * A command to nobody is answered behind all that the gateway has written to the site's broker, and a new sensor behind what
 * the embedded one had to write: an acknowledgement would have been seen by now.
 */
async function thereAndBack(house: SourceHouse): Promise<void> {
  await house.sources.send({ topic: "nobody/hears", payload: "" });
  await house.sensor();
}

const textOf = ({ payload }: Arrival): string => Buffer.from(payload).toString("utf8");
const texts = ({ taken }: SourceHouse): string[] => taken.map(textOf);

describe.each(sources.filter(({ isThere }) => isThere))("$name", ({ open }) => {
  test("a message arrives with its topic and its bytes, as news", async () => {
    await using house = await open();
    const sensor = await house.sensor();
    const payload = Buffer.from([0, 255, 10, 13, 0xc3, 0x28]);
    const before = Date.now();
    await sensor.publishAsync("porch/état der Tür", payload, { qos: 1 });
    await expect.poll(() => house.taken).toHaveLength(1);
    const [arrival] = house.taken;
    expect(arrival).toMatchObject({ topic: "porch/état der Tür", isReplay: false });
    expect(Buffer.from(arrival?.payload ?? []).equals(payload)).toBe(true);
    expect(arrival?.receivedAtMs).toBeGreaterThanOrEqual(before);
  });

  test("a message is acknowledged when its taking is over, and not before", async () => {
    await using house = await open();
    const { held, fate } = holding();
    house.setFate(fate);
    const sensor = await house.sensor();
    sensor.publish("porch/motion", "1", { qos: 1 });
    await expect.poll(() => held).toHaveLength(1);
    await thereAndBack(house);
    expect(house.watch.acknowledged).toEqual([]);
    held[0]?.release();
    await expect.poll(() => house.watch.acknowledged).toHaveLength(1);
  });

  test("several are in hand at once, and are acknowledged in the order of the messages", async () => {
    await using house = await open();
    const { held, fate } = holding();
    house.setFate(fate);
    const sensor = await house.sensor();
    for (const n of [1, 2, 3]) sensor.publish("porch/lux", String(n), { qos: 1 });
    await expect.poll(() => held).toHaveLength(3);
    expect(texts(house)).toEqual(["1", "2", "3"]);
    held[2]?.release();
    held[1]?.release();
    await thereAndBack(house);
    expect(house.watch.acknowledged).toEqual([]);
    held[0]?.release();
    await expect.poll(() => house.watch.acknowledged).toHaveLength(3);
    const [first = 0, second = 0, third = 0] = house.watch.acknowledged;
    expect([first < second, second < third]).toEqual([true, true]);
  });

  test("a message that cannot be kept is not acknowledged, and comes again", async () => {
    await using house = await open();
    let times = 0;
    house.setFate(({ topic }) => {
      times += topic === "porch/motion" ? 1 : 0;
      return times === 1 ? Promise.reject(new Error("no room")) : Promise.resolve();
    });
    const sensor = await house.sensor();
    sensor.publish("porch/motion", "1", { qos: 1 });
    await expect.poll(() => texts(house), { timeout: 15_000 }).toEqual(["1", "1"]);
    await expect.poll(() => house.watch.acknowledged).toHaveLength(1);
    expect(house.board.get("broker.unacknowledged")).toBe(1);
  });

  test("a hundred messages of one sensor are taken in their order", async () => {
    await using house = await open();
    house.setFate(() => new Promise((resolve) => setImmediate(resolve)));
    const sensor = await house.sensor();
    const sent = Array.from({ length: 100 }, (_, n) => String(n));
    await Promise.all(sent.map((text) => sensor.publishAsync("porch/lux", text, { qos: 1 })));
    await expect.poll(() => house.watch.acknowledged.length, { timeout: 10_000 }).toBe(100);
    expect(texts(house)).toEqual(sent);
  });

  test("closing finishes what is in hand, and acknowledges it", async () => {
    await using house = await open();
    const { held, fate } = holding();
    house.setFate(fate);
    const sensor = await house.sensor();
    sensor.publish("porch/motion", "1", { qos: 1 });
    await expect.poll(() => held).toHaveLength(1);
    const closed = house.close();
    held[0]?.release();
    await closed;
    await expect.poll(() => house.watch.acknowledged).toHaveLength(1);
  });

  test("closing does not wait for what a full disk holds back, and does not acknowledge it", async () => {
    await using house = await open();
    const { held, fate } = holding();
    house.setFate(fate);
    const sensor = await house.sensor();
    sensor.publish("porch/motion", "1", { qos: 1 });
    await expect.poll(() => held).toHaveLength(1);
    house.setHeldBack(true);
    await house.close();
    expect(house.watch.acknowledged).toEqual([]);
    held[0]?.release();
  });

  test("a command reaches the device that listens for it", async () => {
    await using house = await open();
    const sensor = await house.sensor();
    const heard = new Promise<string>((resolve) => {
      sensor.on("message", (topic, payload) => resolve(`${topic} ${payload.toString("utf8")}`));
    });
    await sensor.subscribeAsync("porch/cmd/#", { qos: 1 });
    expect(await house.sources.send({ topic: "porch/cmd/power", payload: "ON" })).toBe(true);
    expect(await heard).toBe("porch/cmd/power ON");
  });
});
