// The reference receiver as a program: `node platform-process.ts --port 8000 --key elm-street=BASE64`. Prints one JSON line when
// it listens; ends on SIGTERM, and when its parent dies (its standard input closes).
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { parseArgs } from "node:util";
import { z } from "zod";
import { messageOf, systemCodeOf } from "../core/errors.ts";
import { announce } from "./first-line.ts";
import { openPlatform } from "./platform.ts";

const { values } = parseArgs({
  options: {
    host: { type: "string", default: "127.0.0.1" },
    port: { type: "string", default: "0" },
    /** Trusted gateways, `id=base64` of the public key; may be given several times, also for one gateway that changes its key. */
    key: { type: "string", multiple: true, default: [] },
    /** The same as a JSON file: {"id": "base64"}, or {"id": ["base64", "base64"]}. */
    keys: { type: "string" },
    /** JSON lines of what was accepted, fsynced before each answer. */
    store: { type: "string" },
  },
});

const filed =
  values.keys === undefined
    ? {}
    : z
        .record(z.string(), z.union([z.string(), z.array(z.string())]))
        .parse(JSON.parse(await readFile(values.keys, "utf8")));
const publicKeys = new Map(Object.entries(filed).map(([id, keys]): [string, string[]] => [id, [keys].flat()]));
for (const text of values.key) {
  const id = text.slice(0, text.indexOf("="));
  publicKeys.set(id, [...(publicKeys.get(id) ?? []), text.slice(text.indexOf("=") + 1)]);
}

try {
  await using platform = await openPlatform({
    host: values.host,
    port: Number(values.port),
    publicKeys,
    file: values.store,
  });
  announce({ platform: platform.url });
  process.stdin.resume();
  await Promise.race([
    once(process.stdin, "close"),
    once(process.stdin, "end"),
    once(process, "SIGTERM"),
    once(process, "SIGINT"),
  ]);
} catch (thrown) {
  announce({ failed: systemCodeOf(thrown) ?? messageOf(thrown) });
  process.exitCode = 1;
}
process.stdin.destroy();
