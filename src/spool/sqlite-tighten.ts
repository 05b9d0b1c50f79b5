// What a tighter policy makes of entries that wait: privacy decides, this writes it (I10).
import type { Database } from "../core/database.ts";
import type { Tighten } from "../privacy/tighten.ts";
import type { CommitQueue } from "./commit-queue.ts";
import type { Offered } from "./offered.ts";
import { checksumOf } from "./schema.ts";
import type { Spool } from "./spool.ts";
import { isSound } from "./sqlite-peek.ts";

type Part = Parameters<Spool["tighten"]>[0];
type Done = Awaited<ReturnType<Spool["tighten"]>>;

/** One transaction on the entries of a part, as the port says. */
export async function tightenPart(
  { database, offered, queue }: { database: Database; offered: Offered; queue: CommitQueue },
  part: Part,
): Promise<Done> {
  const sql = prepare(database);
  let done: Done = { last: null, erased: [], rewritten: 0 };
  const write = () => {
    const erased: number[] = [];
    let [last, rewritten]: [number | null, number] = [null, 0];
    for (const row of sql.next.all(part.after, part.upTo, part.entriesMax)) {
      const sequence = Number(row["sequence"]);
      last = sequence;
      const to = tightened(row, part.tighten);
      if (to.kind === "stays") continue;
      if (to.kind === "erased") erased.push(sequence);
      else if (!offered.isOffered({ sequence, type: String(row["type"]) })) {
        rewrite(row, to.body);
        rewritten++;
      } else if (to.ifOffered === "erased") erased.push(sequence);
    }
    done = { last, erased, rewritten }; // perhaps twice: what was rolled back is done again
  };
  const rewrite = (row: Record<string, unknown>, body: string) => {
    const image = typeof row["image"] === "string" ? row["image"] : null;
    const sequence = Number(row["sequence"]);
    const crc = checksumOf([sequence, String(row["id"]), String(row["class"]), String(row["type"]), body, image]);
    sql.rewrite.run(body, crc, sequence);
  };
  await queue.commit(write, { frees: true });
  return done;
}

/** A damaged entry must not be given a checksum that fits, and nobody knows what it says: its text is not looked at. */
function tightened(row: Record<string, unknown>, tighten: Tighten): ReturnType<Tighten> {
  const camera = row["camera"];
  const cameraId = typeof camera === "string" ? camera : null;
  const to = tighten({ type: String(row["type"]), body: isSound(row) ? row.body : "", cameraId });
  return to.kind === "rewritten" && !isSound(row) ? { kind: "stays" } : to;
}

function prepare(database: Database) {
  return {
    next: database.prepare(
      `SELECT e.sequence, e.id, e.class, e.type, e.body, e.image, e.crc, p.camera
       FROM entries e LEFT JOIN pictures p ON p.sequence = e.sequence WHERE e.sequence > ? AND e.sequence <= ? ORDER BY e.sequence LIMIT ?`,
    ),
    rewrite: database.prepare("UPDATE entries SET body=?, crc=? WHERE sequence=?"),
  };
}
