// A folder of settings files for one test, gone afterwards.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Clock } from "../../src/core/clock.ts";
import { languageTags } from "../../src/languages/say.ts";
import { type Finding, findingLine } from "../../src/settings/findings.ts";
import { inspectSettings } from "../../src/settings/load.ts";

export const GATEWAY =
  "gateway: { id: elm-street }\nplatform: [{ id: main, kind: https, url: 'https://platform.example' }]\n";
export const POLICY = "version: 1\ncontroller: { name: Elm Street, contact: privacy@elm.example }\n";
export const KIT = "devices: [{ id: lamp, profile: tasmota/relay, topic: lamp, zone: path }]\n";

/** Writes gateway.yaml, policy.yaml, kit.yaml (null: none) and other files by name. `file`: gateway.yaml. */
export async function settingsFolder({
  gateway = GATEWAY,
  policy = POLICY,
  kit = KIT,
  others = {},
}: {
  gateway?: string | Uint8Array | null;
  policy?: string | null;
  kit?: string | null;
  others?: Readonly<Record<string, string>>;
} = {}): Promise<AsyncDisposable & { path: string; file: string }> {
  const path = await mkdtemp(join(tmpdir(), "hedgerow-settings-"));
  const files = { "gateway.yaml": gateway, "policy.yaml": policy, "kit.yaml": kit, ...others };
  for (const [name, text] of Object.entries(files))
    if (text !== null) await writeFile(join(path, name), text, { mode: 0o600 });
  return { path, file: join(path, "gateway.yaml"), [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

/** A clock that stands still at noon of a day. */
export function clockAt(day: string): Clock {
  return { nowMs: () => Date.parse(`${day}T12:00:00Z`), monotonicMs: () => 0, isSynced: () => true };
}

type Files = NonNullable<Parameters<typeof settingsFolder>[0]>;

/** What the loader says of these files on 1 June 2026, a line each, the folder written as a dot. */
export async function said(files: Files): Promise<{ mistakes: string[]; warnings: string[] }> {
  await using folder = await settingsFolder(files);
  const { mistakes, warnings, settings } = await inspectSettings(folder.file, {
    clock: clockAt("2026-06-01"),
    spoken: languageTags(),
  });
  if ((settings === null) !== mistakes.length > 0) throw new Error("settings load exactly when there is no mistake");
  const lines = (findings: readonly Finding[]) =>
    findings.map((finding) => findingLine(finding, folder.path).replaceAll(folder.path, "."));
  return { mistakes: lines(mistakes), warnings: lines(warnings) };
}
