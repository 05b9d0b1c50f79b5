// Shown: what root starts goes on as the owner of the data, with that user's own groups and for good. Only root can try it.
import { execFile } from "node:child_process";
import { chown } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { readSmallFile } from "../../src/core/small-file.ts";
import { tempDir } from "../helpers/temp-dir.ts";

const ROOT = new URL("../..", import.meta.url).pathname;
const ACT = `
  import { becomeOwnerOf } from ${JSON.stringify(`${ROOT}src/cli/kit-access.ts`)};
  await becomeOwnerOf(process.argv[1]);
  let back = "no";
  try { process.setuid(0); back = "yes"; } catch {}
  console.log(JSON.stringify([process.getuid(), process.getgid(), process.getgroups().toSorted((a, b) => a - b), back]));`;

/** Who a program is after it became the owner of a directory of this user. */
async function becomeOwner(uid: number, gid: number): Promise<unknown> {
  await using directory = await tempDir();
  await chown(directory.path, uid, gid);
  const { stdout } = await promisify(execFile)(
    `${ROOT}node_modules/.bin/node`,
    ["--input-type=module", "-e", ACT, directory.path],
    { cwd: ROOT },
  );
  return JSON.parse(stdout);
}

const rows = async (path: string): Promise<string[][]> => {
  const file = await readSmallFile(path, { bytesMax: 1024 * 1024 });
  return file.kind === "bytes"
    ? file.bytes
        .toString("utf8")
        .trim()
        .split("\n")
        .map((line) => line.split(":"))
    : [];
};

test.runIf(process.getuid?.() === 0)(
  "root becomes the data's owner, with each group that user is a member of",
  async () => {
    const users = await rows("/etc/passwd");
    const groups = await rows("/etc/group");
    const member = groups.flatMap(([, , gid, members = ""]) => {
      const user = users.find(([name, , uid]) => members.split(",").includes(name ?? "") && uid !== "0");
      return user === undefined ? [] : [{ uid: Number(user[2]), own: Number(user[3]), gid: Number(gid) }];
    })[0];
    // A system without such a user has only users of one group.
    const [uid, own, more] = member === undefined ? [65_534, 65_534, []] : [member.uid, member.own, [member.gid]];
    const all = [...new Set([own, ...more])].toSorted((a, b) => a - b);
    expect(await becomeOwner(uid, own)).toEqual([uid, own, expect.arrayContaining(all), "no"]);
  },
);

test.runIf(process.getuid?.() === 0)("an owner that the system has no name for has its own group alone", async () => {
  expect(await becomeOwner(54_321, 54_322)).toEqual([54_321, 54_322, [54_322], "no"]);
});
