// The registry port: which bridges, devices, cameras and accounts exist. registry.json in dataDir is the truth after first start.
import { GatewayError } from "../core/errors.ts";
import type { TokenScope } from "../core/people-commands.ts";
import type { BridgeSettings, CameraSettings, DeviceSettings } from "../settings/schema.ts";

/** `passwordHash`: see registry/credentials.ts; null while nobody has made credentials ("not paired"). */
export type RegisteredLogin = { passwordHash: string | null };
export type RegisteredBridge = BridgeSettings & RegisteredLogin;
/** A camera that publishes its pictures may have a login; one of another kind has none, and no hash. */
export type RegisteredCamera = CameraSettings & Partial<RegisteredLogin> & { paused?: boolean; pausedBy?: string };
export type RegisteredDevice = DeviceSettings & RegisteredLogin & { paused?: boolean };
export type Account = {
  user: string;
  role: "steward" | "volunteer";
  passphraseHash: string;
  createdAt: string;
  /** When it became a steward's, or got another passphrase; absent: when it was made. */
  since?: string;
};

/** A profile made of what a device announced (Home Assistant discovery); its id is `discovered/<name>`. `entry`: see profiles/schema.ts. */
export type DiscoveredProfile = { name: string; entry: Record<string, unknown> };

/** What announced itself and waits for a person, kept since many devices announce themselves only when they start. */
export type KeptProposal = {
  /** Opaque, the same for the same device. */
  id: string;
  login: { kind: "device" | "bridge" | "site"; id: string };
  name: string;
  topic: string;
  /** A profile's entry, or null where the announcement cannot be read: then `why` says so. */
  entry: Record<string, unknown> | null;
  why: string | null;
  heardAtMs: number;
};

/** One may make an account with it, once, or give the account of `user` another passphrase. `secretHash`: SHA-256 (hex) of what the link holds. `by`: the steward who asked for it. */
export type Invitation = {
  id: string;
  role: Account["role"];
  user?: string;
  secretHash: string;
  by: string;
  expiresAt: string;
};

/** What a program may come in with. */
export type Token = {
  id: string;
  name: string;
  may: TokenScope[];
  secretHash: string;
  by: string;
  createdAt: string;
  /** Written once an hour at most. */
  usedAt?: string;
};

export type RegistryData = {
  version: 3;
  bridges: RegisteredBridge[];
  devices: RegisteredDevice[];
  cameras: RegisteredCamera[];
  accounts: Account[];
  invitations: Invitation[];
  tokens: Token[];
  discovered: DiscoveredProfile[];
  proposals: KeptProposal[];
};

export type Registry = AsyncDisposable & {
  /** The registry as it is; do not change it, call `update`. */
  data(): Readonly<RegistryData>;
  /** Applies the change to a copy and resolves when it is on disk; changes run one after another. On a failed write nothing changed. */
  update(change: (data: RegistryData) => void): Promise<void>;
  /** Calls back after each update, until the returned function is called. */
  onChange(watcher: () => void): () => void;
};

/** An update whose change has an answer, given only when the change is on disk. */
export async function updateAndTell<T>(registry: Registry, change: (data: RegistryData) => T): Promise<T> {
  const answers: T[] = [];
  await registry.update((data) => void answers.push(change(data)));
  const [answer] = answers;
  if (answer === undefined) throw new GatewayError("INTERNAL", "the registry resolved an update without making it");
  return answer;
}
