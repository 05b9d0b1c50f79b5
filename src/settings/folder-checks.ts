// Folders that cameras put files into: what lies there is erased, so they are nobody else's, and one camera's alone.
import { holds, whyNoDropFolder } from "../core/drop-folder.ts";
import { mistake } from "./address-checks.ts";
import type { Complaint } from "./issues.ts";
import type { Kit } from "./schema.ts";

const REMEDY =
  "since every picture, film and unfinished file in it is erased; make a folder of its own for this camera";

/** `cameras`: with absolute paths. `dataDir`: absolute; null where gateway.yaml is not known. */
export async function checkFolders({ cameras }: Pick<Kit, "cameras">, dataDir: string | null): Promise<Complaint[]> {
  const complaints: Complaint[] = [];
  const folders: { readonly id: string; readonly folder: string }[] = [];
  for (const [index, { id, source }] of cameras.entries()) {
    if (source.kind !== "folder") continue;
    const at = ["cameras", index, "source", "path"];
    const why = await whyNoDropFolder(source.path, dataDir === null ? [] : [dataDir]);
    if (why !== null) complaints.push(mistake(at, `the folder of camera ${id} ${why}, which cannot be, ${REMEDY}`));
    // One camera's pictures would go by the masks and the budget of the other.
    const other = folders.find(({ folder }) => holds(folder, source.path) || holds(source.path, folder));
    if (other !== undefined)
      complaints.push(
        mistake(at, `the folder of camera ${id} is, holds or is held by that of ${other.id}; give each one of its own`),
      );
    folders.push({ id, folder: source.path });
  }
  return complaints;
}
