// The examples of the published contract (config/contract), with ids and sequences of their own in each run.
import { createHash, randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

const CONTRACT = join(import.meta.dirname, "../../../config/contract");

const ExampleEvent = z.looseObject({
  id: z.string(),
  type: z.string(),
  subject: z.string(),
  source: z.string(),
  sequence: z.string(),
  data: z.record(z.string(), z.json()),
});
/** A CloudEvent as it is sent. */
export type ExampleEvent = z.infer<typeof ExampleEvent>;
const Schema = z.looseObject({ examples: z.array(ExampleEvent).min(1) });

export type Examples = {
  /** One of each published type, with a fresh id and the next sequences, from this gateway, the picture's event last. */
  all(): ExampleEvent[];
  /** So many light levels. */
  many(count: number): ExampleEvent[];
  /** A wish to erase the light levels that `many` gives. */
  wish(): ExampleEvent;
  /** A picture nobody has seen before, and the event that speaks of it. */
  picture(): { readonly jpeg: Buffer; readonly sha256: string; readonly event: ExampleEvent };
};

/** `firstSequence`: higher than in any run before, since a platform remembers. */
export async function loadExamples({
  gateway,
  firstSequence,
}: {
  gateway: string;
  firstSequence: number;
}): Promise<Examples> {
  const files = (await readdir(join(CONTRACT, "events"))).filter((name) => name.endsWith(".schema.json")).toSorted();
  const examples = await Promise.all(
    files.map(async (name) => {
      const { examples } = Schema.parse(JSON.parse(await readFile(join(CONTRACT, "events", name), "utf8")));
      return examples[0];
    }),
  );
  const byType = new Map(examples.flatMap((example) => (example === undefined ? [] : [[example.type, example]])));
  const smallJpeg = await readFile(join(CONTRACT, "example-snapshot.jpg"));
  let next = firstSequence;

  const fresh = (type: string): ExampleEvent => {
    const example = byType.get(type);
    if (example === undefined) throw new TypeError(`the contract has no example of ${type}`);
    const sequence = String(next++).padStart(12, "0");
    const id = `${sequence}-${randomBytes(10).toString("hex")}`;
    return { ...example, id, sequence, source: `urn:hedgerow:${gateway}` };
  };
  const SNAPSHOT = "hedgerow.snapshot.redacted.v1";
  return {
    all: () => [...byType.keys()].filter((type) => type !== SNAPSHOT).map((type) => fresh(type)),
    wish() {
      const event = fresh("hedgerow.erasure.requested.v1");
      const { subject } = fresh("hedgerow.light.level.v1");
      return { ...event, data: { clock: "synced", subjects: [subject] } };
    },
    many: (count) => Array.from({ length: count }, () => fresh("hedgerow.light.level.v1")),
    picture() {
      // A comment segment (ITU-T T.81 B.2.4.5) makes other bytes of the same picture.
      const comment = randomBytes(16);
      const segment = Buffer.concat([Buffer.from([0xff, 0xfe, 0, comment.length + 2]), comment]);
      const jpeg = Buffer.concat([smallJpeg.subarray(0, 2), segment, smallJpeg.subarray(2)]);
      const sha256 = createHash("sha256").update(jpeg).digest("hex");
      const event = fresh(SNAPSHOT);
      const receipt = z.record(z.string(), z.json()).parse(event.data["receipt"]);
      const data = { ...event.data, sha256, receipt: { ...receipt, image: sha256 } };
      return { jpeg, sha256, event: { ...event, dataref: `v1/snapshots/${sha256}`, data } };
    },
  };
}
