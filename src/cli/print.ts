// How commands answer: one JSON object for programs, aligned lines for people.
import type { Credentials } from "../core/commands.ts";

/** Takes one line of the answer; `console.log` in the program. */
export type Print = (line: string) => void;

/** Rows of cells as aligned columns, the first row as heading. Control characters in cells are dropped: names come from people. */
export function printTable(rows: readonly (readonly string[])[], print: Print): void {
  const clean = rows.map((row) => row.map((cell) => cell.replaceAll(/\p{C}/gu, "")));
  const widths = (clean[0] ?? []).map((_, column) => Math.max(...clean.map((row) => (row[column] ?? "").length)));
  for (const row of clean)
    print(
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    );
}

/** New credentials and what to do with them, for a person. They are shown once: only their hash is kept. */
export function printCredentials({ id, username, password, topic, setup }: Credentials, print: Print): void {
  print(`id         ${id}`);
  if (username !== null) print(`user name  ${username}`);
  if (password !== null) print(`password   ${password}   (shown only now)`);
  print(`topic      ${topic}`);
  if (username === null) print("It has no login of its own: its bridge speaks for it.");
  if (setup.length > 0) print("\nWhat to do:");
  for (const line of setup) print(`  ${line}`);
}
