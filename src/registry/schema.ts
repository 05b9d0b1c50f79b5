// What registry.json may hold; it is checked on load and before each write, so that a mistake of ours is never kept.
import { z } from "zod";
import { LIMITS } from "../core/limits.ts";
import { TOKEN_SCOPES } from "../core/people-commands.ts";
import { topicMistake } from "../core/topics.ts";
import { CameraEntry } from "../settings/camera-schema.ts";
import { BridgeEntry, DeviceEntry } from "../settings/kit-schema.ts";
import { REGISTRY_LIMITS } from "./registry-limits.ts";
import type { RegistryData } from "./registry.ts";

const login = { passwordHash: z.string().min(1).nullable() };

/**
 * A newer Hedgerow writes a higher version when an older one could not read what it wrote; the older one then says so and
 * leaves the file alone. Version 2 has wired sensors, lamps, discovered profiles, proposals and logins of cameras; version 3
 * cameras that are paused, invitations and tokens.
 */
export const REGISTRY_VERSION = 3;

/** Data of a kind that this room does not know: a plain object of bounded size as JSON. */
const boundedJson = z
  .record(z.string(), z.json())
  .refine((value) => JSON.stringify(value).length <= LIMITS.discoveredBytes, "is too large");

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const role = z.enum(["steward", "volunteer"]);

const Version3 = z.strictObject({
  version: z.literal(REGISTRY_VERSION),
  bridges: uniqueById(BridgeEntry.extend(login)),
  devices: uniqueById(DeviceEntry.extend({ ...login, paused: z.boolean().exactOptional() })),
  cameras: uniqueById(
    CameraEntry.extend({
      passwordHash: login.passwordHash.exactOptional(),
      paused: z.boolean().exactOptional(),
      pausedBy: z.string().min(1).exactOptional(),
    }),
  ),
  accounts: z.array(
    z.strictObject({
      user: z.string().min(1),
      role,
      passphraseHash: z.string().min(1),
      createdAt: z.iso.datetime(),
      since: z.iso.datetime().exactOptional(),
    }),
  ),
  invitations: uniqueById(
    z.strictObject({
      id: z.string().min(1).max(64),
      role,
      user: z.string().min(1).exactOptional(),
      secretHash: sha256,
      by: z.string().min(1),
      expiresAt: z.iso.datetime(),
    }),
  ).max(REGISTRY_LIMITS.invitations),
  tokens: uniqueById(
    z.strictObject({
      id: z.string().min(1).max(64),
      name: z.string().min(1).max(80),
      may: z.array(z.enum(TOKEN_SCOPES)).min(1),
      secretHash: sha256,
      by: z.string().min(1),
      createdAt: z.iso.datetime(),
      usedAt: z.iso.datetime().exactOptional(),
    }),
  ).max(REGISTRY_LIMITS.tokens),
  discovered: z
    .array(z.strictObject({ name: DeviceEntry.shape.id, entry: boundedJson }))
    .refine((things) => new Set(things.map(({ name }) => name)).size === things.length, "two have the same name"),
  proposals: uniqueById(
    z.strictObject({
      id: z.string().min(1).max(64),
      login: z.strictObject({ kind: z.enum(["device", "bridge", "site"]), id: z.string().min(1) }),
      name: z.string().max(LIMITS.proposalTextChars),
      topic: z.string().refine((topic) => topic === "" || topicMistake(topic) === null, "is no plain topic"),
      entry: boundedJson.nullable(),
      why: z.string().max(LIMITS.proposalTextChars).nullable(),
      heardAtMs: z.number(),
    }),
  ).max(LIMITS.proposals),
});

/** Of any version that was ever written, as the present one. */
export const RegistryFile: z.ZodType<RegistryData> = z.preprocess(migrated, Version3);

/** An older version is this one without what came later. */
function migrated(file: unknown): unknown {
  const older = z.looseObject({ version: z.literal([1, 2]) }).safeParse(file);
  const later = { discovered: [], proposals: [], invitations: [], tokens: [] };
  return older.success ? { ...later, ...older.data, version: REGISTRY_VERSION } : file;
}

function uniqueById<T extends z.ZodType<{ id: string }>>(element: T) {
  return z
    .array(element)
    .refine((things) => new Set(things.map(({ id }) => id)).size === things.length, "two have the same id");
}
