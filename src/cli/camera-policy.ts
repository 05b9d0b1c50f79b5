// Changes policy.yaml in place: what a person wrote there stays, and it is replaced only by one that is right.
import { chmod, chown, realpath, stat } from "node:fs/promises";
import { systemClock } from "../core/clock.ts";
import { writeDurably } from "../core/durable-file.ts";
import { GatewayError, messageOf } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import { readSmallFile } from "../core/small-file.ts";
import { readYaml } from "../core/yaml.ts";
import { checkPolicy } from "../settings/camera-checks.ts";
import { parseWith } from "../settings/issues.ts";
import type { Settings } from "../settings/load.ts";
import { SCHEMAS } from "../settings/schema.ts";

export type Change = {
  readonly change: (text: string, path: readonly string[]) => string | null;
  /** What a person can do where the file is written in a way that is not changed in place. */
  readonly byHand: string;
};

/** Changes the masks of a camera in the policy that these settings name. Throws CONFIG_INVALID with what would be wrong, CONFIG_UNREADABLE. */
export async function changeMasks({ gateway }: Settings, id: string, { change, byHand }: Change): Promise<void> {
  const file = await realpath(gateway.policy);
  const read = await readSmallFile(file, { bytesMax: LIMITS.settingsBytes });
  if (read.kind !== "bytes") throw new GatewayError("CONFIG_UNREADABLE", `cannot read ${file}`);
  const text = change(read.bytes.toString("utf8"), ["cameras", id, "masks"]);
  if (text === null)
    throw new GatewayError("CONFIG_INVALID", `${file} is written in a way that is not changed by this command`, {
      hint: `Open it, and ${byHand}`,
    });
  const wrong = mistakesIn(text);
  if (wrong.length > 0) throw new GatewayError("CONFIG_INVALID", wrong.join("\n"), { hint: "Nothing was changed." });
  const { mode, uid, gid } = await stat(file);
  try {
    await writeDurably(file, text, mode & 0o777);
    // The umask of who typed this must not close the file to the gateway, nor sudo give it to root.
    await chmod(file, mode & 0o777);
    if (process.getuid?.() === 0) await chown(file, uid, gid);
  } catch (cause) {
    throw new GatewayError("CONFIG_UNREADABLE", `cannot write ${file}: ${messageOf(cause)}`, {
      hint: "Use sudo: sudo hedgerow, and the rest as before.",
      cause,
    });
  }
}

/** All that the loader says of a policy by itself. */
function mistakesIn(text: string): string[] {
  const parsed = parseWith(SCHEMAS.policy, readYaml(text).value);
  const complaints = parsed.kind === "wrong" ? parsed.complaints : checkPolicy(parsed.value, systemClock);
  return complaints.filter(({ severity }) => severity !== "warning").map((complaint) => complaint.text);
}
