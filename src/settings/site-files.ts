// gateway.yaml and policy.yaml changed from the page: read, edited with their comments kept, checked as `hedgerow check` would,
// and only then written. What does not pass the check is never on the disk, so the next start finds what this one had.
import { constants } from "node:fs";
import { access } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { writeDurably } from "../core/durable-file.ts";
import { GatewayError, messageOf, systemCodeOf } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import { readSmallFile } from "../core/small-file.ts";
import { readYaml, writeYaml } from "../core/yaml.ts";
import { withYamlValues, yamlChanges } from "../core/yaml-values.ts";
import { type CheckedBy, inspectSettings } from "./load.ts";
import type { Settings } from "./load.ts";

/** A file's value as it is written, before the schema fills in what is not said. */
export type Written = Readonly<Record<string, unknown>>;
/** `kit`: what the registry is to hold, checked beside; `isKitChanged`: its mistakes count. */
export type SiteChange = {
  readonly gateway?: (now: Written) => Written;
  readonly policy?: (now: Written) => Written;
  readonly kit: object;
  readonly isKitChanged?: boolean;
};

export type SiteFiles = {
  /** Null, or why these files cannot be written from here. */
  why(): Promise<string | null>;
  texts(): Promise<{ readonly gateway: string; readonly policy: string }>;
  values(): Promise<{ readonly gateway: Written; readonly policy: Written }>;
  /** Resolves to what writes it. Throws CONFIG_INVALID with a sentence for each mistake; nothing is written then. */
  prepare(change: SiteChange): Promise<() => Promise<void>>;
  /** Writes these texts, where they are not there already. */
  putBack(texts: { readonly gateway: string; readonly policy: string }): Promise<void>;
};

export function openSiteFiles({ file, gateway }: Pick<Settings, "file" | "gateway">, by: CheckedBy): SiteFiles {
  const files = { gateway: file, policy: gateway.policy };
  const texts = async () => ({ gateway: await textOf(files.gateway), policy: await textOf(files.policy) });
  const why = async (): Promise<string | null> => {
    const folders = new Set(Object.values(files).map((each) => dirname(each)));
    for (const path of [...folders, ...Object.values(files)]) {
      const cause = await access(path, constants.W_OK).then(() => null, messageOf);
      if (cause !== null) return `${path}: ${cause}`;
    }
    return null;
  };
  return {
    why,
    texts,
    async putBack(before) {
      const now = await texts();
      for (const name of ["gateway", "policy"] as const)
        if (before[name] !== now[name]) await write(files[name], before[name]);
    },
    values: async () => {
      const { gateway: one, policy: other } = await texts();
      return { gateway: valueOf(one), policy: valueOf(other) };
    },
    async prepare(change) {
      const now = await texts();
      const next = {
        ...(change.gateway !== undefined && { gateway: edited(files.gateway, now.gateway, change.gateway) }),
        ...(change.policy !== undefined && { policy: edited(files.policy, now.policy, change.policy) }),
      };
      const unwritten = new Map([[gateway.kit, writeYaml(change.kit)]]);
      const touched = new Set<string>(change.isKitChanged === true ? [gateway.kit] : []);
      for (const name of ["gateway", "policy"] as const) {
        const text = next[name];
        if (text === undefined) continue;
        unwritten.set(files[name], text);
        touched.add(files[name]);
      }
      const { mistakes } = await inspectSettings(file, { ...by, unwritten });
      const ours = mistakes.filter((each) => touched.has(each.file));
      if (ours.length > 0)
        throw new GatewayError("CONFIG_INVALID", [...new Set(ours.map(({ text }) => text))].join("; "), {
          hint: "Nothing was changed. Correct this and save once more.",
        });
      return async () => {
        for (const name of ["gateway", "policy"] as const) {
          const text = next[name];
          if (text !== undefined && text !== now[name]) await write(files[name], text);
        }
      };
    },
  };
}

function edited(file: string, text: string, edit: (now: Written) => Written): string {
  const now = valueOf(text);
  const after = withYamlValues(text, yamlChanges(now, edit(now)));
  if (after !== null) return after;
  throw new GatewayError(
    "CONFIG_UNWRITABLE",
    `${basename(file)} is written in a way that cannot be changed from here`,
    {
      hint: "Change it with a text editor; aliases (*name) in it are what hinders.",
    },
  );
}

/** Mode 0640: passwords are in files of their own, and root's group reads along. Throws CONFIG_UNWRITABLE, DATA_DIR_UNUSABLE. */
async function write(file: string, text: string): Promise<void> {
  await writeDurably(file, text, 0o640).catch((cause: unknown) => {
    const code = systemCodeOf(cause) ?? "";
    if (["EACCES", "EPERM", "EROFS"].includes(code))
      throw new GatewayError("CONFIG_UNWRITABLE", `the gateway may not write ${file}`, { cause });
    throw new GatewayError("DATA_DIR_UNUSABLE", `${file} could not be written: ${messageOf(cause)}`, { cause });
  });
}

async function textOf(file: string): Promise<string> {
  const read = await readSmallFile(file, { bytesMax: LIMITS.settingsBytes });
  if (read.kind === "bytes") return read.bytes.toString("utf8");
  throw new GatewayError(
    "CONFIG_UNREADABLE",
    `${file} cannot be read${read.kind === "unreadable" ? `: ${read.why}` : ""}`,
  );
}

function valueOf(text: string): Written {
  return groupOf(readYaml(text).value);
}

/** The group with these values: undefined leaves what is there, null takes the key away. */
export function said(group: Written, values: Written): Written {
  const all = Object.entries(values).filter(([, value]) => value !== undefined);
  const merged = { ...group, ...Object.fromEntries(all) };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null));
}

export function groupOf(value: unknown): Written {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};
}

export function listOf(value: unknown): readonly Written[] {
  return Array.isArray(value) ? value.map(groupOf) : [];
}
