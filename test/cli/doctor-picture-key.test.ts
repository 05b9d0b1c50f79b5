// Shown: doctor and check say what the place of the pictures' key protects from, and what is wrong with it.
import { chmod, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lookAtPictureKey } from "../../src/cli/doctor/picture-key.ts";
import { fakeMachine, RTSP, said, siteOf } from "../helpers/fake-machine.ts";
import { tempDir } from "../helpers/temp-dir.ts";

const mount = (device: string, point: string, type: string) => `1 1 ${device} / ${point} rw - ${type} /dev/x rw`;

/** A site with a camera whose key lies in a folder of that file system and device; the data lies on 8:1. */
async function siteWithKey(type: string, device: string) {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await tempDir());
  const keyFile = join(folder.path, "pictures.key");
  const house = stack.use(
    await siteOf({ kit: RTSP, gateway: `gateway: { id: elm-street }\nspool: { pictureKeyFile: ${keyFile} }\n` }),
  );
  const mounts = [mount("8:1", "/", "ext4"), mount(device, folder.path, type)];
  const { machine, ...made } = await fakeMachine({ files: { "proc/self/mountinfo": mounts.join("\n") } });
  stack.use(made);
  const owned = stack.move();
  return { machine, site: house.site, keyFile, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

test.each([
  ["tmpfs", "0:30", /^ok: .*in memory: a stolen card shows no picture, and a power cut loses those that wait$/],
  ["ext4", "8:17", /^ok: .*another disk/],
  ["ext4", "8:1", /^note: .*on the same disk as the pictures/],
])("on %s of device %s", async (type, device, expected) => {
  await using house = await siteWithKey(type, device);
  expect(said(await lookAtPictureKey(house.machine, house.site))).toEqual([expect.stringMatching(expected)]);
});

test("where nothing is said it lies with the data, which protects a copied folder alone", async () => {
  await using house = await siteOf({ kit: RTSP });
  const { machine, ...made } = await fakeMachine({ files: { "proc/self/mountinfo": mount("8:1", "/", "ext4") } });
  await using _made = made;
  const [finding] = await lookAtPictureKey(machine, house.site);
  expect(finding?.text).toContain("on the same disk as the pictures");
  expect(finding?.remedy).toContain("pictureKeyFile");
});

test("a folder that is not there, and a key that others can read, are trouble", async () => {
  await using house = await siteWithKey("ext4", "8:17");
  await writeFile(house.keyFile, Buffer.alloc(32));
  await chmod(house.keyFile, 0o644);
  expect(said(await lookAtPictureKey(house.machine, house.site))[1]).toMatch(/^trouble: .*other users/);
  await using elsewhere = await siteOf({
    kit: RTSP,
    gateway: "gateway: { id: elm-street }\nspool: { pictureKeyFile: /nowhere/pictures.key }\n",
  });
  expect(said(await lookAtPictureKey(house.machine, elsewhere.site))).toEqual([
    expect.stringMatching(/^trouble: there is no folder \/nowhere /),
  ]);
});

test("what the service makes at its start is no trouble before it, and without cameras there is nothing to say", async () => {
  await using house = await siteOf({
    kit: RTSP,
    gateway: "gateway: { id: elm-street }\nspool: { pictureKeyFile: /run/hedgerow/pictures.key }\n",
  });
  const { machine, ...made } = await fakeMachine({
    files: { "proc/self/mountinfo": [mount("8:1", "/", "ext4"), mount("0:25", "/run", "tmpfs")].join("\n") },
  });
  await using _made = made;
  expect(said(await lookAtPictureKey(machine, house.site))).toEqual([expect.stringMatching(/^ok: .*in memory/)]);
  await using bare = await siteOf({ kit: "devices: []\n" });
  expect(await lookAtPictureKey(machine, bare.site)).toEqual([]);
});
