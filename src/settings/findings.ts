// What is wrong or odd in the settings, with its place, and how it is said.
import { relative } from "node:path";
import { type ErrorCode, GatewayError } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import type { Place } from "../core/yaml.ts";

/** One sentence about one place. `place` is null where a file as a whole cannot be read. `file` is absolute. */
export type Finding = {
  readonly severity: "mistake" | "warning";
  readonly code: ErrorCode;
  readonly file: string;
  readonly place: Place | null;
  readonly text: string;
};

/** `policy.yaml:12:3 text`, the file's name relative to the given folder. */
export function findingLine({ file, place, text }: Finding, folder: string): string {
  const name = relative(folder, file);
  return place === null ? `${name} ${text}` : `${name}:${place.line}:${place.column} ${text}`;
}

/** In reading order: files as first met, then lines. */
export function inReadingOrder(findings: readonly Finding[]): Finding[] {
  const files = [...new Set(findings.map(({ file }) => file))];
  return findings.toSorted(
    (a, b) =>
      files.indexOf(a.file) - files.indexOf(b.file) ||
      (a.place?.line ?? 0) - (b.place?.line ?? 0) ||
      (a.place?.column ?? 0) - (b.place?.column ?? 0),
  );
}

/** All mistakes as one error: a line each. Its code is theirs where they agree, else CONFIG_INVALID. */
export function errorOf(mistakes: readonly Finding[], folder: string): GatewayError {
  const shown = mistakes.slice(0, LIMITS.settingsFindings).map((mistake) => findingLine(mistake, folder));
  const hidden = mistakes.length - shown.length;
  if (hidden > 0) shown.push(`and ${hidden} more`);
  const codes = new Set(mistakes.map(({ code }) => code));
  const [code = "CONFIG_INVALID"] = codes.size === 1 ? codes : [];
  if (mistakes.length === 1) return new GatewayError(code, `${folder}/${shown.join("")}`);
  return new GatewayError(code, `${mistakes.length} mistakes in the settings in ${folder}\n${shown.join("\n")}`);
}
