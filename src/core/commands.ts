// The port through which a person acts: the local page and the command line call it; gateway.ts implements it.
import type { DeviceFlag, DeviceState } from "./reading.ts";

export type DeviceView = {
  readonly id: string;
  readonly name: string;
  readonly zone: string;
  readonly profile: string;
  readonly state: DeviceState;
  readonly flags: readonly DeviceFlag[];
  readonly heardAt: string | null;
  readonly batteryPct: number | null;
  readonly isPaired: boolean;
};

export type CameraView = {
  readonly id: string;
  readonly name: string;
  readonly zone: string;
  /** ok, no-policy (not started), ended (policy's `until` is past), unreachable, withheld (its newest picture), cannot-see (the detector's canary failed). */
  readonly state: "ok" | "no-policy" | "ended" | "unreachable" | "withheld" | "cannot-see";
  readonly why: string | null;
  readonly lastSnapshotAt: string | null;
  readonly lastImageSha256: string | null;
  readonly lastRegions: number | null;
  readonly takenToday: number;
  readonly perDay: number;
};

/** interfaces §5, `GET /api/v1/status`. Times are ISO 8601 UTC. */
export type GatewayStatus = {
  readonly gateway: {
    readonly id: string;
    readonly name: string;
    readonly version: string;
    readonly startedAt: string;
    readonly clock: "synced" | "unsure";
  };
  readonly devices: readonly DeviceView[];
  readonly cameras: readonly CameraView[];
  readonly buffer: {
    readonly entries: number;
    readonly bytes: number;
    readonly oldestAt: string | null;
    readonly hoursLeft: number | null;
    readonly deadLetters: number;
  };
  readonly sinks: readonly {
    readonly id: string;
    readonly state: string;
    readonly why: string | null;
    readonly lastAcceptedAt: string | null;
  }[];
  readonly counters: Readonly<Record<string, number>>;
};

/** A login for a device or bridge, shown once; only its hash is kept. Both null: a bridge speaks for this device. */
export type Credentials = {
  readonly id: string;
  readonly username: string | null;
  readonly password: string | null;
  readonly topic: string;
  readonly setup: readonly string[];
};

export type Commands = {
  status(): GatewayStatus;
  /** Calls back after anything in the status may have changed, until the returned function is called. */
  onChange(watcher: () => void): () => void;
  /** The last redacted picture of a camera (JPEG), or null. */
  lastImage(cameraId: string): Promise<Buffer | null>;
  /** What platforms rejected for good, kept aside with the reason; the oldest first. */
  deadLetters(): readonly {
    readonly sinkId: string;
    readonly id: string;
    readonly type: string;
    readonly why: string;
  }[];
  listDevices(): readonly {
    readonly id: string;
    readonly name: string;
    readonly profile: string;
    readonly topic: string;
    readonly zone: string;
    readonly isPaired: boolean;
  }[];
  listBridges(): readonly {
    readonly id: string;
    readonly family: string;
    readonly base: string;
    readonly isPaired: boolean;
  }[];
  pairDevice(ask: { readonly profile: string; readonly zone: string; readonly name?: string }): Promise<Credentials>;
  addBridge(ask: { readonly family: string; readonly base: string }): Promise<Credentials>;
  /** New credentials for a device or bridge that exists; the old ones end at once. Throws NOT_FOUND. */
  renewCredentials(ask: { readonly kind: "device" | "bridge"; readonly id: string }): Promise<Credentials>;
};
