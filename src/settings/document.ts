// One settings file: read, parsed by its schema, and its complaints set beside their lines.
import { createHash } from "node:crypto";
import type { z } from "zod";
import type { ErrorCode } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import { readSmallFile } from "../core/small-file.ts";
import { readYaml, type Yaml } from "../core/yaml.ts";
import type { Finding } from "./findings.ts";
import { type Complaint, parseWith } from "./issues.ts";

/** A file as read. `value` is null when there is a mistake in it; `yaml` is null when it could not even be read. */
export type SettingsDocument<T> = {
  readonly file: string;
  readonly state: "read" | "absent" | "unreadable";
  readonly yaml: Yaml | null;
  readonly value: T | null;
  /** Of the file's bytes, lower-case hex. */
  readonly sha256: string;
  readonly findings: readonly Finding[];
};

/** Texts of files that are not written yet, by absolute path: they are checked as if they were. */
export type Unwritten = ReadonlyMap<string, string>;

/** Reads and checks one file. What is wrong comes as findings; nothing a file can hold makes it throw. */
export async function readDocument<T>(
  file: string,
  schema: z.ZodType<T>,
  unwritten: Unwritten = new Map(),
): Promise<SettingsDocument<T>> {
  const text = unwritten.get(file);
  if (text !== undefined) return { file, state: "read", sha256: digestOf(text), ...parse(file, text, schema) };
  return await readFromDisk(file, schema);
}

async function readFromDisk<T>(file: string, schema: z.ZodType<T>): Promise<SettingsDocument<T>> {
  const read = await readSmallFile(file, { bytesMax: LIMITS.settingsBytes });
  if (read.kind === "absent") return unread({ file, state: "absent", why: "there is no such file" });
  if (read.kind === "unreadable") return unread({ file, state: "unreadable", why: read.why });
  const sha256 = digestOf(read.bytes);
  const text = utf8(read.bytes);
  if (text === null)
    return { ...unread<T>({ file, state: "unreadable", why: "it is not a text in UTF-8; save it as UTF-8" }), sha256 };
  return { file, state: "read", sha256, ...parse(file, text, schema) };
}

/** A complaint with its line. */
export function placed(
  document: Pick<SettingsDocument<unknown>, "file" | "yaml">,
  complaint: Complaint,
  code: ErrorCode = "CONFIG_INVALID",
): Finding {
  return {
    severity: complaint.severity ?? "mistake",
    code,
    file: document.file,
    place: document.yaml?.placeOf(complaint.path, complaint.at) ?? null,
    text: complaint.text,
  };
}

function digestOf(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

function unread<T>({
  file,
  state,
  why,
}: {
  file: string;
  state: "absent" | "unreadable";
  why: string;
}): SettingsDocument<T> {
  const finding: Finding = {
    severity: "mistake",
    code: "CONFIG_UNREADABLE",
    file,
    place: null,
    text: `cannot be read: ${why}`,
  };
  return { file, state, yaml: null, value: null, sha256: "", findings: [finding] };
}

function parse<T>(
  file: string,
  text: string,
  schema: z.ZodType<T>,
): Pick<SettingsDocument<T>, "yaml" | "value" | "findings"> {
  const yaml = readYaml(text);
  const findings = yaml.mistakes.map(
    ({ line, column, text }): Finding => ({
      severity: "mistake",
      code: "CONFIG_INVALID",
      file,
      place: { line, column },
      text,
    }),
  );
  // A text that is not YAML has no keys to speak of; the schema would only repeat it in worse words.
  if (!yaml.isWhole) return { yaml, value: null, findings };
  if (yaml.value === null) return { yaml, value: null, findings: [...findings, placed({ file, yaml }, EMPTY)] };
  const parsed = parseWith(schema, yaml.value);
  if (parsed.kind === "wrong")
    findings.push(...parsed.complaints.map((complaint) => placed({ file, yaml }, complaint)));
  return { yaml, value: parsed.kind === "parsed" && findings.length === 0 ? parsed.value : null, findings };
}

const EMPTY: Complaint = { path: [], at: "value", text: "the file is empty; begin with its example in config/" };

function utf8(bytes: Uint8Array): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    if (cause instanceof TypeError) return null;
    throw cause;
  }
}
