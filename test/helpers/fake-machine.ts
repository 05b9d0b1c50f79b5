// A machine for doctor, made by hand: what its /proc and /sys say, and programs that print what they are told to.
import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import type { Diagnosis, Machine, Site } from "../../src/cli/doctor/diagnosis.ts";
import { loadSettings } from "../../src/settings/load.ts";
import { clockAt, settingsFolder } from "./settings-folder.ts";
import { tempDir } from "./temp-dir.ts";

/** `files`: by path below the root; one that begins with -> is a link. `programs`: by name, a shell script's body. It is noon of 1 June 2026 there. */
export async function fakeMachine({
  files = {},
  programs = {},
}: {
  readonly files?: Readonly<Record<string, string>>;
  readonly programs?: Readonly<Record<string, string>>;
} = {}): Promise<AsyncDisposable & { readonly machine: Machine }> {
  const directory = await tempDir();
  const root = join(directory.path, "root");
  const path = join(directory.path, "bin");
  await Promise.all([mkdir(root), mkdir(path)]);
  for (const [name, text] of Object.entries(files)) {
    const file = join(root, name);
    await mkdir(dirname(file), { recursive: true });
    await (text.startsWith("->") ? symlink(text.slice(2), file) : writeFile(file, text));
  }
  for (const [name, body] of Object.entries(programs)) {
    await writeFile(join(path, name), `#!/bin/sh\n${body}\n`);
    await chmod(join(path, name), 0o755);
  }
  return {
    machine: { root, path, clock: clockAt("2026-06-01") },
    [Symbol.asyncDispose]: () => directory[Symbol.asyncDispose](),
  };
}

export const POLICY = `version: 1
controller: { name: Elm Street, contact: privacy@elm.example }
cameras:
  gate-cam: { purpose: { en: See the gate }, until: 2027-06-30 }
`;

type Files = NonNullable<Parameters<typeof settingsFolder>[0]>;

/** A site with these files, and its gateway running or not. */
export async function siteOf(files: Files, running: Site["running"] = null) {
  const folder = await settingsFolder({ policy: POLICY, ...files });
  const settings = await loadSettings(folder.file, { clock: clockAt("2026-06-01") });
  const site: Site = { settings, kit: settings.kit, running };
  return { site, folder: folder.path, [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

/** "warning: sentence" for each, without remedies; that whoever has something to do is told what is checked on the way. */
export function said(found: readonly Diagnosis[]): string[] {
  for (const { state, remedy } of found)
    if (state === "warning" || state === "trouble") expect(remedy).toMatch(/\w{3}/);
  return found.map(({ state, text }) => `${state}: ${text}`);
}

/** A kit of one camera with this source. */
export const camera = (source: string): string =>
  `cameras: [{ id: gate-cam, zone: gate, triggers: [], source: ${source} }]\n`;
export const RTSP = camera('{ kind: rtsp, url: "rtsp://192.0.2.1/stream1" }');
