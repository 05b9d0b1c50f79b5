// How the house is set up, changed by a steward from the page: secrets, files and the registry, one change after the other; then
// the house opens anew with them. The port is settings/site-commands.ts.
import { dirname, join } from "node:path";
import type { Clock } from "./core/clock.ts";
import { GatewayError } from "./core/errors.ts";
import { writeYaml } from "./core/yaml.ts";
import { yamlChanges } from "./core/yaml-values.ts";
import { languageTags } from "./languages/say.ts";
import type { Profiles } from "./profiles/profiles.ts";
import { putCamera } from "./registry/camera-editing.ts";
import { exportKit } from "./registry/kit-exchange.ts";
import type { Registry, RegistryData } from "./registry/registry.ts";
import type { Settings } from "./settings/load.ts";
import { type Policy, SCHEMAS } from "./settings/schema.ts";
import type { SiteCommands } from "./settings/site-commands.ts";
import { groupOf, listOf, type SiteChange, said, openSiteFiles, type Written } from "./settings/site-files.ts";
import { secretsIn } from "./settings/site-secrets.ts";

/** Puts the files back as they were when this house was opened. */
export type Undo = () => Promise<void>;

/** `profiles`: those that gateway.yaml says, unless given. `changed`: called after each change: the house is to be opened anew. `trouble`: why it could not be the last time. */
type Deps = {
  readonly settings: Pick<Settings, "file" | "gateway">;
  readonly registry: Registry;
  readonly profiles?: Profiles;
  readonly clock: Clock;
  readonly changed: (undo: Undo) => void;
  readonly trouble?: string | null;
};

/**
 * `kit`: what the registry is to hold. `store`: what is done beside the files, and after them: what a power cut leaves in between
 * is a camera with its old rules or none at all, and never a new one that looks by rules of before (I10).
 */
type Edits = Omit<SiteChange, "kit"> & { readonly kit?: RegistryData; readonly store?: () => Promise<void> };

/** Closing ends a change that is under way, and takes no other: the next house has files and registry for itself. */
export function createSite({
  settings,
  registry,
  profiles,
  clock,
  changed,
  trouble = null,
}: Deps): SiteCommands & AsyncDisposable {
  const folder = dirname(settings.file);
  const files = openSiteFiles(settings, { clock, ...(profiles && { profiles }), spoken: languageTags() });
  const secrets = secretsIn(folder);
  const kitText = (): string => writeYaml(exportKit(registry.data()));
  let last: Promise<unknown> = Promise.resolve();
  let first: Awaited<ReturnType<typeof files.texts>> | null = null;
  let isClosed = false;
  // Also what this house goes by: somebody may have the file open in an editor, half written, or try another one for a while.
  const inUse = JSON.stringify(settings.gateway);
  /** Only once this house is open, since it is asked: what was before may have to be put back until then. */
  const sweep = async (): Promise<void> => {
    if (isClosed) return;
    const now = await files.texts();
    await secrets.sweep([now.gateway, first?.gateway ?? "", inUse, kitText()]);
  };

  /** One at a time: two at once would each write what the other had not seen. */
  const inTurn = (act: () => Promise<void>): Promise<void> => {
    const mine = last.then(act);
    // Whoever asked hears of a failure; the next one in the row does not.
    last = mine.then(
      () => undefined,
      () => undefined,
    );
    return mine;
  };

  const change = (make: () => Promise<Edits>): Promise<void> =>
    inTurn(async () => {
      if (isClosed) throw new GatewayError("TOO_SOON", "the house is opened anew at this moment");
      try {
        const { kit = registry.data(), store, ...edits } = await make();
        const write = await files.prepare({ ...edits, kit: exportKit(kit) });
        const now = await files.texts();
        const before = (first ??= now);
        await write();
        try {
          await store?.();
        } catch (cause) {
          await files.putBack(now);
          throw cause;
        }
        changed(() => files.putBack(before));
      } finally {
        await sweep();
      }
    });

  return {
    async site() {
      await inTurn(sweep);
      const { gateway: text, policy } = await files.values();
      const { gateway, status, platform, notices } = asWritten(SCHEMAS.gateway, text);
      const { publicUrl = null } = status;
      const why = await files.why();
      return { folder, why, trouble, gateway, publicUrl, platform, notices, policy: asWritten(SCHEMAS.policy, policy) };
    },
    changeSite: ({ publicUrl, ...own }) =>
      change(async () => ({
        gateway: (now) => ({
          ...now,
          gateway: said(groupOf(now["gateway"]), own),
          ...(publicUrl !== undefined && { status: said(groupOf(now["status"]), { publicUrl }) }),
        }),
      })),
    setPlatform: ({ id, kind, url, ...more }) =>
      change(async () => {
        const { prefix, ...typed } = { prefix: undefined, ...more };
        const named = await secrets.keep(`platform-${id}`, typed);
        return { gateway: (now) => ({ ...now, platform: withPlatform(now, { id, kind, url, prefix, ...named }) }) };
      }),
    removePlatform: ({ id }) =>
      change(async () => ({
        gateway: (now) => {
          const all = listOf(now["platform"]);
          if (!all.some((each) => each["id"] === id)) throw new GatewayError("NOT_FOUND", `there is no platform ${id}`);
          return { ...now, platform: all.filter((each) => each["id"] !== id) };
        },
      })),
    changeNotices: ({ email, push, ...own }) =>
      change(async () => {
        const { username, password, ...mail } = email ?? {};
        const login = await secrets.keep("notices-mail", { username, password });
        const tokens = await Promise.all(
          (push ?? []).map(({ token }, nth) => secrets.keep(`notices-push-${nth + 1}`, { token })),
        );
        const edit = (now: Written): Written => {
          const old = groupOf(now["notices"]);
          const known = listOf(old["push"]);
          const pushed = push?.map(({ kind, url }, nth) =>
            said({ ...known.find((each) => each["url"] === url), kind, url }, tokens[nth] ?? {}),
          );
          if (email) checkPassword(groupOf(old["email"]), { ...mail, ...login });
          const mailed = email && said({ ...groupOf(old["email"]), ...mail }, login);
          return { ...now, notices: said({ ...old, ...own }, { email: mailed, push: pushed }) };
        };
        return { gateway: edit };
      }),
    changePolicy: ({ policy, seen }) => change(async () => ({ policy: (now) => withPolicy(now, policy, seen) })),
    saveCamera: ({ camera, credentials, policy }) =>
      change(async () => {
        const { credentialsFile } = await secrets.keep(`camera-${camera.id}`, { credentials });
        const file =
          credentialsFile === undefined ? {} : { credentialsFile: credentialsFile && join(folder, credentialsFile) };
        const entry = SCHEMAS.kit.shape.cameras
          .unwrap()
          .element.parse({ ...camera, source: said({ ...camera.source }, file) });
        const kit = structuredClone(registry.data());
        putCamera(kit, entry);
        return {
          kit,
          isKitChanged: true,
          store: () => registry.update((data) => putCamera(data, entry)),
          policy: (now) =>
            withCamera(now, (cameras) => {
              const rules = typeof policy === "function" ? policy(cameras[camera.id]) : policy;
              return { ...cameras, [camera.id]: rules };
            }),
        };
      }),
    removeCamera: ({ id }) =>
      change(async () => {
        const kit = structuredClone(registry.data());
        if (!kit.cameras.some((camera) => camera.id === id))
          throw new GatewayError("NOT_FOUND", `there is no camera ${id}`);
        const remove = (data: RegistryData): void => {
          data.cameras = data.cameras.filter((camera) => camera.id !== id);
        };
        remove(kit);
        const without = ({ [id]: _gone, ...others }: Policy["cameras"]): Policy["cameras"] => others;
        return { kit, store: () => registry.update(remove), policy: (now) => withCamera(now, without) };
      }),
    files: async () => ({ ...(await files.texts()), kit: kitText() }),
    async [Symbol.asyncDispose]() {
      isClosed = true;
      await last;
    },
  };
}

/** What a file means. Throws CONFIG_INVALID where somebody has broken it by hand since the house was opened. */
function asWritten<T>(
  schema: { safeParse(written: Written): { success: true; data: T } | { success: false } },
  written: Written,
): T {
  const parsed = schema.safeParse(written);
  if (parsed.success) return parsed.data;
  throw new GatewayError("CONFIG_INVALID", "gateway.yaml or policy.yaml was changed by hand and has a mistake", {
    hint: "Run `hedgerow check`, which names the line; until then nothing can be changed from here.",
  });
}

/** Only what differs from what was seen is written into it; else from what the file means. */
function withPolicy(now: Written, policy: Policy, seen: Policy | undefined): Written {
  return withDifferences(now, seen ?? asWritten(SCHEMAS.policy, now), policy);
}

function withCamera(now: Written, edit: (cameras: Policy["cameras"]) => Policy["cameras"]): Written {
  const before = asWritten(SCHEMAS.policy, now);
  return withDifferences(now, before, { ...before, cameras: edit(before.cameras) });
}

function withDifferences(now: Written, before: Policy, after: Policy): Written {
  return yamlChanges(before, after).reduce<Written>((made, { path, value }) => put(made, path, value), now);
}

function put(group: Written, [step, ...rest]: readonly string[], value: unknown): Written {
  if (step === undefined) return group;
  return said(group, { [step]: rest.length === 0 ? (value ?? null) : put(groupOf(group[step]), rest, value) });
}

function withPlatform(
  now: Written,
  sink: Written & { readonly id: string; readonly kind: string },
): readonly Written[] {
  const all = listOf(now["platform"]);
  const known = all.find(({ id }) => id === sink.id);
  // Another kind has other keys.
  const kept = known?.["kind"] === sink.kind ? known : {};
  checkPassword(kept, sink);
  const fresh = said(kept, sink);
  return known === undefined ? [...all, fresh] : all.map((each) => (each === known ? fresh : each));
}

/** The password of one host is not told to another: else whoever has a steward's session for a minute has it sent to a host of theirs. */
function checkPassword(known: Written, fresh: Written): void {
  const isKept = known["passwordFile"] !== undefined && fresh["passwordFile"] === undefined;
  if (!isKept || hostOf(known) === hostOf(fresh)) return;
  throw new GatewayError("CONFIG_INVALID", `the password that is kept is for ${hostOf(known)} and no other host`, {
    hint: "Type the password for this host too.",
  });
}

function hostOf({ url, host }: Written): string {
  const named = typeof url === "string" ? URL.parse(url)?.hostname : host;
  return typeof named === "string" ? named.toLowerCase() : "";
}
