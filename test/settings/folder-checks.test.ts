// Shown: a camera's folder, in which files are erased, is refused where it is or holds something of others.
import { mkdir, symlink } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { whyNoDropFolder } from "../../src/core/drop-folder.ts";
import { GATEWAY, said } from "../helpers/settings-folder.ts";
import { tempDir } from "../helpers/temp-dir.ts";

const kitOf = (...paths: string[]): string =>
  `cameras:\n${paths.map((path, n) => `  - { id: cam-${n}, zone: gate, source: { kind: folder, path: ${JSON.stringify(path)} } }\n`).join("")}`;

test.each([
  ["/", /is one of the system's/],
  ["/var/lib", /is one of the system's/],
  ["/etc/hedgerow", /is one of the system's/],
  ["/home/somebody", /is somebody's home/],
  [homedir(), /the system's|somebody's home/],
  [dirname(import.meta.dirname), null],
  [dirname(dirname(import.meta.dirname)), /holds the program itself|the system's/],
  ["/run/hedgerow-drop/gate", null],
  ["/dev/shm/gate", null],
])("%s is judged by what it is", async (path, why) => {
  const said = await whyNoDropFolder(path, []);
  if (why === null) expect(said).toBeNull();
  else expect(said).toMatch(why);
});

test("the data's folder is closed in both directions, also behind a link and where it is not there yet", async () => {
  await using directory = await tempDir();
  const at = (name: string): string => join(directory.path, name);
  await mkdir(at("srv/data"), { recursive: true });
  await symlink(at("srv/data"), at("looks-well"));
  const why = (path: string) => whyNoDropFolder(path, [at("srv/data")]);
  expect(await why(at("srv"))).toBe("holds the gateway's own data");
  expect(await why(at("looks-well"))).toBe("holds the gateway's own data");
  expect(await why(at("looks-well/not/yet"))).toBe("is among the gateway's own data");
  expect(await why(at("srv/data-of-another"))).toBeNull();
});

test("`check` and a start name such a folder, and one that two cameras share, with its line", async () => {
  const gateway = GATEWAY.replace("id: elm-street", "id: elm-street, dataDir: ./data");
  const { mistakes } = await said({ gateway, kit: kitOf(".", "./data/images", "/", "./drop", "./drop/of-another") });
  expect(mistakes.map((each) => each.replace(/^kit\.yaml:(\d+):\d+ /, "$1 "))).toEqual([
    expect.stringMatching(/^2 the folder of camera cam-0 holds the gateway's own data, which cannot be/),
    expect.stringMatching(/^3 the folder of camera cam-1 is among the gateway's own data/),
    expect.stringMatching(/^3 the folder of camera cam-1 is, holds or is held by that of cam-0/),
    expect.stringMatching(/^4 the folder of camera cam-2 is one of the system's/),
    expect.stringMatching(/^4 the folder of camera cam-2 is, holds/),
    expect.stringMatching(/^5 the folder of camera cam-3 is, holds/),
    expect.stringMatching(/^6 the folder of camera cam-4 is, holds/),
  ]);
  expect((await said({ gateway, kit: kitOf("./drop", "./drop-2") })).mistakes).toEqual([]);
});
