// The pictures' key: where it lies, and so what it protects from (README, "A stolen card").
import { stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { systemCodeOf } from "../../core/errors.ts";
import { PICTURE_KEY_BYTES } from "../../spool/picture-key.ts";
import { type Diagnosis, type Machine, note, ok, type Site, trouble } from "./diagnosis.ts";
import { mountOf } from "./mounts.ts";

const IN_MEMORY = ["tmpfs", "ramfs"];
const APART = "spool.pictureKeyFile in gateway.yaml keeps it apart; the README says how under “A stolen card”.";

/** For `doctor`, and for `check`, which prints the sentences. Nothing where there are no cameras. */
export async function lookAtPictureKey(
  machine: Pick<Machine, "root">,
  site: Pick<Site, "settings" | "kit"> | null,
): Promise<Diagnosis[]> {
  if (site === null || site.kit.cameras.length === 0) return [];
  const { gateway, spool } = site.settings.gateway;
  const { pictureKeyFile = join(gateway.dataDir, "keys", "images.key") } = spool;
  const folder = dirname(pictureKeyFile);
  const isOwn = spool.pictureKeyFile === undefined;
  // The data's folder is made by the first start, and one below /run by the service's.
  const isMade = isOwn || folder === gateway.dataDir || folder.startsWith("/run/");
  if (!isMade && !(await isThere(folder)))
    return [
      trouble(
        `there is no folder ${folder} for the pictures' key, so the gateway does not start`,
        "Is the device that holds it plugged in and mounted? Else make the folder.",
      ),
    ];
  const unfit = await lookAtFile(pictureKeyFile);
  if (unfit !== null) return [unfit];
  const [key, data] = await Promise.all([mountOf(machine, pictureKeyFile), mountOf(machine, gateway.dataDir)]);
  return [placed(pictureKeyFile, key, data), ...(await lookAtRights(pictureKeyFile))];
}

type Mount = Awaited<ReturnType<typeof mountOf>>;

function placed(path: string, key: Mount, data: Mount): Diagnosis {
  const where = `the pictures' key lies in ${path}`;
  if (key === null || data === null) return note(`${where}; this system does not tell on which disk that is`);
  if (IN_MEMORY.includes(key.type))
    return ok(`${where}, in memory: a stolen card shows no picture, and a power cut loses those that wait`);
  if (key.device === data.device)
    return note(`${where}, on the same disk as the pictures, so whoever takes that disk sees those that wait`, APART);
  return ok(`${where}, on another disk than the pictures: they are closed to whoever takes one without the other`);
}

/** What is there must be a key: the gateway puts no new one in its place. Null: it is fit, or not there yet. */
async function lookAtFile(path: string): Promise<Diagnosis | null> {
  const found = await stat(path).catch(() => null); // lookAtRights says why
  if (found === null || (found.isFile() && found.size === PICTURE_KEY_BYTES)) return null;
  const what = found.isFile() ? `it holds ${found.size} bytes instead of ${PICTURE_KEY_BYTES}` : "it is no file";
  return trouble(
    `${path} is not the pictures' key: ${what}, so the gateway does not start`,
    "Restore the file; or remove it: then a new key is made, and the pictures that wait are given up.",
  );
}

async function lookAtRights(path: string): Promise<Diagnosis[]> {
  try {
    const { mode } = await stat(path);
    return (mode & 0o077) === 0
      ? []
      : [trouble("the pictures' key can be read by other users of this machine", `chmod 600 ${path}`)];
  } catch (cause) {
    const code = systemCodeOf(cause);
    if (code === "ENOENT") return []; // the next start makes it
    if (code === "EACCES") return [note(`this user may not look at ${path}`, "Look as root: sudo hedgerow doctor")];
    throw cause;
  }
}

function isThere(folder: string): Promise<boolean> {
  return stat(folder).then(
    () => true,
    () => false,
  );
}
