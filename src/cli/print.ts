// How commands answer: one JSON object for programs, aligned lines for people.
import type { Credentials } from "../core/commands.ts";
import { qrLines } from "../core/qr.ts";

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
export function printCredentials(made: Credentials, { print, isTerminal, broker }: Shown): void {
  const { id, username, password, topic, setup, link } = made;
  print(`id         ${id}`);
  if (username !== null) print(`user name  ${username}`);
  if (password !== null) print(`password   ${password}   (shown only now)`);
  print(`topic      ${topic}`);
  if (link !== undefined && link !== null) print(`link       ${link}   (shows this once more, within ten minutes)`);
  if (username === null) print(whyNoLogin(topic));
  if (setup.length > 0) print("\nWhat to do:");
  for (const line of setup) print(`  ${line}`);
  const code = link ?? (username === null ? null : mqttAddress(made, broker));
  if (isTerminal && code !== null) print(`\n${qrLines(code)}`);
}

/** `isTerminal`: a person reads it there, so that a QR code makes sense. `broker`: where devices find it. */
export type Shown = {
  readonly print: Print;
  readonly isTerminal: boolean;
  readonly broker: { readonly host: string; readonly port: number };
};

function whyNoLogin(topic: string): string {
  return topic.startsWith("gpio/")
    ? "It is wired and needs no login."
    : "It has no login of its own: its bridge speaks for it, or the site's own broker keeps its login.";
}

/** What an MQTT client's set-up takes in one address (RFC 3986 user information; no standard names the topic in the path). */
function mqttAddress({ username, password, topic }: Credentials, { host, port }: Shown["broker"]): string {
  const path = topic.split("/").map(encodeURIComponent).join("/");
  return `mqtt://${encodeURIComponent(username ?? "")}:${encodeURIComponent(password ?? "")}@${host}:${port}/${path}`;
}
