// Photographs with real faces that come with an installed package: none is committed to this repository.
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The package with the detector's weights (model/) and photographs of people at a party (demo/). */
export const modelDirectory = dirname(
  dirname(fileURLToPath(import.meta.resolve("@vladmandic/face-api/model/ssd_mobilenetv1_model.bin"))),
);

export type SampleName = `sample${1 | 2 | 3 | 4 | 5 | 6}`;

/** The JPEG's bytes, a fresh buffer each time: whoever owns a frame zeroes it. About 1920 x 1400, three to five faces. */
export function samplePhotograph(name: SampleName): Promise<Buffer> {
  return readFile(join(modelDirectory, "demo", `${name}.jpg`));
}
