// What rows of the spool's tables look like, as SQLite says of an empty one: to tell rows from garbage.
import type { Database } from "../core/database.ts";
import type { PageRow } from "./page-rows.ts";

export type Row = Readonly<Record<string, string | number | null>>;

type Column = {
  readonly name: string;
  readonly isNumber: boolean;
  readonly isRequired: boolean;
  /** For rows that were written before the column was added. */
  readonly otherwise: number | null;
};

/** `columns` in the order in which a row holds them; `rowidColumn`: the one that stands for the row's own number. */
export type Shape = {
  readonly name: string;
  readonly root: number;
  readonly columns: readonly Column[];
  readonly rowidColumn: string | null;
  readonly insert: ReturnType<Database["prepare"]>;
};

export function shapesOf(database: Database): {
  readonly tables: readonly Shape[];
  readonly entryIndexes: readonly { readonly name: string; readonly root: number }[];
} {
  const rows = database.prepare("SELECT type, name, tbl_name, rootpage, sql FROM sqlite_schema").all();
  const tables = rows
    .filter((row) => row["type"] === "table" && !String(row["name"]).startsWith("sqlite_"))
    .map((row) => shapeOf(database, { name: String(row["name"]), root: Number(row["rootpage"]), sql: row["sql"] }));
  // Partial ones hold a few of the entries only, which does no harm.
  const entryIndexes = rows
    .filter((row) => row["type"] === "index" && row["tbl_name"] === "entries")
    .map((row) => ({ name: String(row["name"]), root: Number(row["rootpage"]) }));
  return { tables, entryIndexes };
}

function shapeOf(database: Database, { name, root, sql }: { name: string; root: number; sql: unknown }): Shape {
  const isWithoutRowid = String(sql).includes("WITHOUT ROWID");
  const found = database.prepare(`PRAGMA table_info(${name})`).all();
  const keys = found.filter((column) => Number(column["pk"]) > 0);
  const ordered = isWithoutRowid
    ? // Such a row begins with its key (fileformat2.html, 2.4).
      [
        ...keys.toSorted((a, b) => Number(a["pk"]) - Number(b["pk"])),
        ...found.filter((column) => Number(column["pk"]) === 0),
      ]
    : found;
  const columns = ordered.map((column) => ({
    name: String(column["name"]),
    isNumber: column["type"] === "INTEGER",
    isRequired: Number(column["notnull"]) === 1 || Number(column["pk"]) > 0,
    otherwise: column["dflt_value"] === null ? null : Number(column["dflt_value"]),
  }));
  const [key] = keys;
  const names = columns.map((column) => column.name);
  return {
    name,
    root,
    columns,
    rowidColumn: isWithoutRowid || key === undefined ? null : String(key["name"]),
    // What migrating wrote (meta) gives way; what was found twice stays as it is.
    insert: database.prepare(
      `INSERT OR ${name === "meta" ? "REPLACE" : "IGNORE"} INTO ${name} (${names.join(",")}) VALUES (${names.map(() => "?").join(",")})`,
    ),
  };
}

export function toRow({ columns, rowidColumn }: Shape, { rowid, values }: PageRow): Row {
  const cells = columns.map(({ name, otherwise }, index) => {
    if (name === rowidColumn) return [name, rowid];
    return [name, index < values.length ? (values[index] ?? null) : otherwise];
  });
  return Object.fromEntries(cells);
}

/** Whether each column holds what its kind says. */
export function isOfShape({ columns }: Shape, row: Row): boolean {
  return columns.every(({ name, isNumber, isRequired }) => {
    const value = row[name] ?? null;
    if (value === null) return !isRequired;
    return isNumber ? typeof value === "number" : typeof value === "string";
  });
}
