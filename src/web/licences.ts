// The licences of everything that is installed with Hedgerow: read from the packages themselves, so that the list is never older
// than what runs.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { readSmallFile } from "../core/small-file.ts";
import { ABOUT_LIMITS } from "./about-limits.ts";

/** `licence`: an SPDX expression as the package states it; null where it states none. */
export type Package = { readonly name: string; readonly version: string; readonly licence: string | null };

/** The model that finds faces, whose file is in a package of its own. */
export const FACE_MODEL = { package: "@vladmandic/face-api", licence: "MIT" } as const;

/** What stands in a package's file LICENSE alone, looked up by hand. */
const IN_A_FILE: Readonly<Record<string, string>> = { suncalc: "BSD-2-Clause" };

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const names = z.record(z.string(), z.string()).default({});
const licence = z.union([z.string(), z.object({ type: z.string() }).transform(({ type }) => type)]);
const Manifest = z.object({
  name: z.string(),
  version: z.string().default(""),
  license: licence.optional(),
  licenses: z.union([z.array(licence), licence.transform((one) => [one])]).optional(),
  dependencies: names,
  optionalDependencies: names,
});

/**
 * Those below `root` that its package.json needs to run, and those that they need, by name. What is optional and not installed is
 * left out. An empty list where nothing can be read.
 */
export async function installedPackages(root = ROOT): Promise<readonly Package[]> {
  const found = new Map<string, Package>();
  const own = await manifestIn(root);
  const waiting = own === null ? [] : needsOf(own, root);
  for (const { name, from } of waiting) {
    if (found.size >= ABOUT_LIMITS.packages) break;
    const at = await nearest(name, { from, root });
    if (at === null || found.has(at.folder)) continue;
    const { version, license, licenses } = at.manifest;
    found.set(at.folder, { name, version, licence: license ?? licenses?.join(" OR ") ?? fromFile(name) });
    // Goes on with what this one needs; the loop reads what is pushed.
    waiting.push(...needsOf(at.manifest, at.folder));
  }
  const once = new Map([...found.values()].map((each) => [`${each.name}@${each.version}`, each] as const));
  return [...once.values()].toSorted((one, other) => (one.name < other.name ? -1 : 1));
}

function fromFile(name: string): string | null {
  return Object.hasOwn(IN_A_FILE, name) ? (IN_A_FILE[name] ?? null) : null;
}

type Manifest = z.infer<typeof Manifest>;
type Need = { readonly name: string; readonly from: string };

function needsOf({ dependencies, optionalDependencies }: Manifest, from: string): Need[] {
  return Object.keys({ ...dependencies, ...optionalDependencies }).map((name) => ({ name, from }));
}

/** As Node looks for it: in node_modules beside who needs it, then ever further up, `root` being the last. */
async function nearest(
  name: string,
  { from, root }: { readonly from: string; readonly root: string },
): Promise<{ readonly folder: string; readonly manifest: Manifest } | null> {
  for (let at = from; at.startsWith(root.replace(/\/$/, "")); at = dirname(at)) {
    const folder = join(at, "node_modules", name);
    const manifest = await manifestIn(folder);
    if (manifest !== null) return { folder, manifest };
    if (at === dirname(at)) break;
  }
  return null;
}

async function manifestIn(folder: string): Promise<Manifest | null> {
  const file = await readSmallFile(join(folder, "package.json"), { bytesMax: ABOUT_LIMITS.packageBytes });
  if (file.kind !== "bytes") return null;
  try {
    return Manifest.safeParse(JSON.parse(file.bytes.toString("utf8"))).data ?? null;
  } catch {
    return null; // no JSON is as good as none
  }
}
