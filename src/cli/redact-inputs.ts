// Which files `hedgerow redact` reads and where each redacted picture goes, decided before the first one is opened.
import { readdir, stat } from "node:fs/promises";
import { basename, extname, join } from "node:path";
import { GatewayError, messageOf } from "../core/errors.ts";
import { callerPath } from "./config-file.ts";

/** `file` and `out` as a person wrote them, for the answer; `path` and `outPath` absolute. */
export type RedactJob = {
  readonly file: string;
  readonly path: string;
  readonly out: string;
  readonly outPath: string;
};

/** Files of a folder that are taken for pictures; those among them that cannot be decoded are reported, not passed over. */
const PICTURE = /\.(jpe?g|png|webp|gif|bmp|tiff?|hei[cf]|avif|jxl|svg)$/i;

/**
 * One job per picture: files as named, of folders the pictures directly in them, by name. The result has the input's name
 * and `.jpg`; a second one of the same name gets `-2`. Throws USAGE for an input that does not exist, a folder without
 * pictures, and a result that would lie over an input or any other file.
 */
export async function planJobs({ inputs, out }: { inputs: readonly string[]; out: string }): Promise<RedactJob[]> {
  const files = (await Promise.all(inputs.map((input) => picturesAt(input)))).flat();
  const taken = new Set<string>();
  const jobs = files.map((file) => {
    const name = freeName(basename(file, extname(file)), taken);
    return { file, path: callerPath(file), out: join(out, name), outPath: callerPath(join(out, name)) };
  });
  const inputIds = new Set(await Promise.all(jobs.map(({ path }) => fileId(path))));
  for (const { out, outPath } of jobs) {
    const id = await fileId(outPath);
    if (id !== null && !inputIds.has(id)) {
      throw new GatewayError("USAGE", `${out} exists already; nothing was changed`, {
        hint: "Name an empty folder with --out: an older picture there could be taken for the result of a withheld one.",
      });
    }
    if (id !== null) {
      throw new GatewayError("USAGE", `${out} is one of the inputs; nothing was changed`, {
        hint: "Name another folder with --out.",
      });
    }
  }
  return jobs;
}

async function picturesAt(input: string): Promise<string[]> {
  const path = callerPath(input);
  try {
    if (!(await stat(path)).isDirectory()) return [input];
    const entries = await readdir(path, { withFileTypes: true });
    const pictures = entries
      .filter((entry) => !entry.isDirectory() && PICTURE.test(entry.name))
      .map(({ name }) => name);
    if (pictures.length === 0) throw new GatewayError("USAGE", `there is no picture in ${input}`);
    return pictures.toSorted().map((name) => join(input, name));
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause;
    throw new GatewayError("USAGE", `cannot read ${input}: ${messageOf(cause)}`, { cause });
  }
}

/** Compared without case: on some disks a.jpg and A.jpg are one file. */
function freeName(stem: string, taken: Set<string>): string {
  for (let n = 1; ; n += 1) {
    const name = n === 1 ? `${stem}.jpg` : `${stem}-${n}.jpg`;
    if (taken.has(name.toLowerCase())) continue;
    taken.add(name.toLowerCase());
    return name;
  }
}

/** Device and inode, so that links are seen through; null if there is no such file. */
async function fileId(path: string): Promise<string | null> {
  return await stat(path).then(
    ({ dev, ino }) => `${dev}:${ino}`,
    () => null,
  );
}
