// Shown: where the pictures' key may lie, when it is made, and when it is not: never over a damaged one, never into the empty
// folder of a stick that is not mounted.
import { createHash } from "node:crypto";
import { existsSync, statSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { openImageFiles } from "../../src/spool/image-files.ts";
import { openPictureKey } from "../../src/spool/picture-key.ts";
import { luxEvent } from "../helpers/disclosure.ts";
import { tempDir } from "../helpers/temp-dir.ts";
import { openTestSpool, waitingFor } from "../helpers/test-spool.ts";
import { addPicture } from "../helpers/waiting-pictures.ts";

const JPEG = Buffer.from("a picture, for all that the key knows");
const SHA256 = createHash("sha256").update(JPEG).digest("hex");

async function openHouse() {
  await using stack = new AsyncDisposableStack();
  const [data, stick] = [stack.use(await tempDir()), stack.use(await tempDir())];
  const owned = stack.move();
  return {
    dataDir: data.path,
    keyFile: join(stick.path, "key", "pictures.key"),
    defaultFile: join(data.path, "keys", "images.key"),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

test("a key is made closed to others in a folder that is there, and used again", async () => {
  await using house = await openHouse();
  await mkdir(dirname(house.keyFile));
  await (await openImageFiles(house.dataDir, house.keyFile)).write(SHA256, JPEG);
  const { mode, size } = await stat(house.keyFile);
  expect([mode & 0o777, size]).toEqual([0o600, 32]);
  const again = await openImageFiles(house.dataDir, house.keyFile);
  expect([again.isOfOtherKey, await again.read(SHA256)]).toEqual([false, JPEG]);
  await expect(stat(house.defaultFile)).rejects.toMatchObject({ code: "ENOENT" });
  const sealed = await readFile(join(house.dataDir, "images", SHA256));
  expect(sealed.includes("a picture")).toBe(false);
});

test("without its folder nothing starts, and the error says what to look for", async () => {
  await using house = await openHouse();
  await expect(openPictureKey(house.dataDir, house.keyFile)).rejects.toMatchObject({
    code: "KEY_UNREADABLE",
    message: expect.stringContaining("there is no folder"),
    hint: expect.stringContaining("plugged in"),
  });
});

test.each([0, 31, 33])("a damaged key of %i bytes is refused and never replaced", async (bytes) => {
  await using house = await openHouse();
  await openPictureKey(house.dataDir);
  await truncate(house.defaultFile, bytes);
  await expect(openPictureKey(house.dataDir)).rejects.toMatchObject({ code: "KEY_UNREADABLE" });
  expect((await stat(house.defaultFile)).size).toBe(bytes);
});

test("a key that is another one is said to be until that is dealt with", async () => {
  await using house = await openHouse();
  expect((await openPictureKey(house.dataDir)).isOther).toBe(false);
  await writeFile(house.defaultFile, Buffer.alloc(32, 7));
  expect((await openPictureKey(house.dataDir)).isOther).toBe(true);
  const key = await openPictureKey(house.dataDir);
  expect(key.isOther).toBe(true);
  await key.adopt();
  expect((await openPictureKey(house.dataDir)).isOther).toBe(false);
});

test("a damaged note of the key's id is no word of another key", async () => {
  await using house = await openHouse();
  await openPictureKey(house.dataDir);
  await writeFile(join(house.dataDir, "keys", "images.key-id"), "\u0000\u0000\u0000");
  expect((await openPictureKey(house.dataDir)).isOther).toBe(false);
});

test("a key that was removed is made anew, in the data directory", async () => {
  await using house = await openHouse();
  await openPictureKey(house.dataDir);
  await rm(house.defaultFile);
  expect((await openPictureKey(house.dataDir)).isOther).toBe(true);
});

/** Debian's shared memory is a file system of its own. */
const hasOtherDevice = existsSync("/dev/shm") && statSync("/dev/shm").dev !== statSync(tmpdir()).dev;

test.skipIf(!hasOtherDevice)(
  "a stick that is not mounted leaves an empty folder on the card: no new key is written there",
  async () => {
    await using house = await openHouse();
    await mkdir(dirname(house.keyFile));
    const stick = await mkdtemp("/dev/shm/hedgerow-test-");
    try {
      await openPictureKey(house.dataDir, join(stick, "pictures.key"));
      await expect(openPictureKey(house.dataDir, house.keyFile)).rejects.toMatchObject({
        code: "KEY_UNREADABLE",
        message: expect.stringContaining("same disk"),
      });
      await expect(stat(house.keyFile)).rejects.toMatchObject({ code: "ENOENT" });
      // Mounted again, and with a key of its own where that was removed by a person.
      expect((await openPictureKey(house.dataDir, join(stick, "pictures.key"))).isOther).toBe(false);
      await rm(join(stick, "pictures.key"));
      expect((await openPictureKey(house.dataDir, join(stick, "pictures.key"))).isOther).toBe(true);
    } finally {
      await rm(stick, { recursive: true });
    }
  },
);

test("a key that lay beside the pictures, and was removed by a person, is made anew", async () => {
  await using house = await openHouse();
  await mkdir(dirname(house.keyFile));
  await openPictureKey(house.dataDir, house.keyFile);
  await rm(house.keyFile);
  expect((await openPictureKey(house.dataDir, house.keyFile)).isOther).toBe(true);
});

test("a flipped bit in the note of the key's id gives up no picture that the key opens", async () => {
  await using house = await openHouse();
  const note = join(house.dataDir, "keys", "images.key-id");
  const append = async () => {
    await using spool = await openTestSpool(house.dataDir);
    await spool.append({ make: [{ event: luxEvent(1) }] });
  };
  await append();
  const sha256 = await addPicture(house.dataDir, { sequence: 1, bytes: 1000 });
  const noted = await readFile(note);
  await writeFile(
    note,
    noted.map((byte, at) => (at === 0 ? (byte === 0x61 ? 0x62 : 0x61) : byte)),
  );
  await using spool = await openTestSpool(house.dataDir);
  expect(waitingFor(spool, Date.now())).toMatchObject([{ sequence: 1, image: { sha256 } }]);
  expect(await spool.image(sha256)).toHaveLength(1000);
  expect(await readFile(note)).toEqual(noted);
});
