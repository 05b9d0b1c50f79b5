// A folder of settings of its own that is changed as from the page, with a camera and what was agreed of it.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { systemClock } from "../../src/core/clock.ts";
import { loadSettings } from "../../src/settings/load.ts";
import { createSite } from "../../src/site.ts";
import { memoryRegistry } from "./memory-registry.ts";
import { settingsFolder } from "./settings-folder.ts";

export const GATEWAY = `# Our box in the hallway.
gateway:
  id: elm-street   # never changes
  name: Elm Street
  timezone: Europe/Paris # of the hallway
platform: [] # none yet
`;
export const POLICY = `# Agreed on 3 March.
version: 1
controller: { name: Elm Street, contact: privacy@elm.example }
events:
  motion: { mode: none } # nobody is followed
`;
export const CAMERA = {
  id: "gate-cam",
  zone: "gate",
  source: { kind: "rtsp" as const, url: "rtsp://192.168.1.20/stream1", warm: false },
  triggers: [],
  cooldownS: 30,
  schedule: { at: ["12:00"] },
};
export const SEEN = {
  purpose: { en: "See whether the gate is open" },
  until: "2099-06-30",
  snapshotsPerDay: 24,
  retentionHours: 72,
  masks: [],
  redact: { level: "normal" as const, whenUnsure: "withhold" as const, persons: false },
};

export async function openSite(files: Parameters<typeof settingsFolder>[0] = {}) {
  const folder = await settingsFolder({ gateway: GATEWAY, policy: POLICY, kit: null, ...files });
  const settings = await loadSettings(folder.file);
  const registry = memoryRegistry();
  let changes = 0;
  let undo = async (): Promise<void> => undefined;
  const siteNow = () =>
    createSite({
      settings,
      registry,
      clock: systemClock,
      changed: (taking) => {
        changes += 1;
        undo = taking;
      },
    });
  const site = siteNow();
  /** As the house that opens with what was changed. */
  const again = async () => await siteNow().site();
  const text = (name: string) => readFile(join(folder.path, name), "utf8");
  return {
    ...folder,
    site,
    registry,
    text,
    changes: () => changes,
    again,
    undo: () => undo(),
    secrets: () => readdir(join(folder.path, "secrets")).catch(() => []),
  };
}
