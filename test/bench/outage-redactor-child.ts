// Stands in for the redactor's child in the outage benchmark: each picture it is asked for is noise of some 200 kB, as a JPEG of
// its own, so that two thousand of them are made in minutes. Nothing is detected here, and nothing is shown.
import { createHash, randomBytes } from "node:crypto";
import sharp from "sharp";
import { encodeMessage, MessageReader, parseRequest } from "../../src/privacy/redactor-protocol.ts";

const [WIDTH, HEIGHT] = [600, 450];

const say = (header: object, body?: Uint8Array): void => {
  for (const part of encodeMessage(header, body)) process.stdout.write(part);
};

say({ kind: "ready", modelSha256: "0".repeat(64), canary: true });
const reader = new MessageReader();
for await (const chunk of process.stdin) {
  for (const { header } of reader.push(chunk)) {
    const { id } = parseRequest(header);
    const jpeg = await sharp(randomBytes(WIDTH * HEIGHT * 3), { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })
      .jpeg({ quality: 86 })
      .toBuffer();
    const sha256 = createHash("sha256").update(jpeg).digest("hex");
    const seen = {
      outcome: "redacted",
      boxes: [[0, 0, 10, 10, 0.9]],
      canary: true,
      searched: null,
      detail: null,
      ms: {},
    };
    say({ kind: "image", id, width: WIDTH, height: HEIGHT, sha256, ...seen }, jpeg);
  }
}
