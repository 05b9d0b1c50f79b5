// Opens the registry: the one door to lowdb, around an adapter that fsyncs (durable-adapter.ts).
import { Low } from "lowdb";
import { writeDurably } from "../core/durable-file.ts";
import { GatewayError, messageOf, systemCodeOf } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { Kit } from "../settings/schema.ts";
import { DurableAdapter } from "./durable-adapter.ts";
import type { Registry, RegistryData } from "./registry.ts";
import { REGISTRY_VERSION, RegistryFile } from "./schema.ts";

type Opening = {
  readonly dataDir: string;
  readonly kit: Kit;
  readonly log: Log;
  /** How a file reaches the disk; tests break it. */
  readonly write?: typeof writeDurably;
};

/**
 * Opens `dataDir/registry.json`; on first start it is filled from the kit, afterwards the kit is not looked at (see
 * kitDiffers). The caller holds the lock of dataDir. Throws REGISTRY_DAMAGED, SPOOL_NEWER or DATA_DIR_UNUSABLE.
 */
export async function openRegistry({ dataDir, kit, log, write = writeDurably }: Opening): Promise<Registry> {
  const low = new Low<RegistryData>(new DurableAdapter({ dataDir, log, write }), EMPTY);
  await low.read();
  const registry = new LowRegistry(low);
  if (low.data === EMPTY) await registry.update((data) => Object.assign(data, firstData(kit)));
  return registry;
}

const EMPTY: RegistryData = frozen({
  version: REGISTRY_VERSION,
  bridges: [],
  devices: [],
  cameras: [],
  accounts: [],
  invitations: [],
  tokens: [],
  discovered: [],
  proposals: [],
});

/** Nobody has credentials yet: they are made by `device pair` and its like, and shown once. */
function firstData({ bridges, devices, cameras, discovered }: Kit): RegistryData {
  const unpaired = { passwordHash: null };
  return {
    ...EMPTY,
    bridges: bridges.map((bridge) => ({ ...bridge, ...unpaired })),
    devices: devices.map((device) => ({ ...device, ...unpaired })),
    cameras: [...cameras],
    accounts: [],
    discovered: [...(discovered ?? [])],
  };
}

class LowRegistry implements Registry {
  readonly #low: Low<RegistryData>;
  readonly #watchers = new Set<() => void>();
  #data: RegistryData;
  #last: Promise<void> = Promise.resolve();

  constructor(low: Low<RegistryData>) {
    this.#low = low;
    this.#data = frozen(low.data);
  }

  data(): Readonly<RegistryData> {
    return this.#data;
  }

  update(change: (data: RegistryData) => void): Promise<void> {
    const mine = this.#last.then(() => this.#apply(change));
    this.#last = mine.then(
      () => undefined,
      () => undefined,
    );
    return mine;
  }

  onChange(watcher: () => void): () => void {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#watchers.clear();
    await this.#last;
  }

  async #apply(change: (data: RegistryData) => void): Promise<void> {
    const next = structuredClone(this.#data);
    change(next);
    const checked = RegistryFile.safeParse(next);
    if (!checked.success) {
      const [issue] = checked.error.issues;
      throw new GatewayError(
        "INTERNAL",
        `a change would leave a broken registry: ${issue?.path.join(".")}: ${issue?.message}`,
      );
    }
    this.#low.data = checked.data;
    try {
      await this.#low.write();
    } catch (cause) {
      this.#low.data = this.#data;
      throw new GatewayError(
        "DATA_DIR_UNUSABLE",
        `the registry cannot be written (${systemCodeOf(cause) ?? "?"}): ${messageOf(cause)}`,
        { cause },
      );
    }
    this.#data = frozen(checked.data);
    for (const watcher of this.#watchers) watcher();
  }
}

/** Deeply frozen, so that whoever changes what `data()` gave learns of it at once instead of at the next start. */
function frozen<T>(value: T): T {
  if (typeof value === "object" && value !== null) Object.values(value).forEach(frozen);
  return Object.freeze(value);
}
