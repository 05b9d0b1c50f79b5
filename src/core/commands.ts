// The port through which a person acts: the local page and the command line call it; gateway.ts implements it.
import type { CommandsApart } from "./commands-apart.ts";
import type { Conservation } from "./conservation.ts";
import type { KeyView } from "./gateway-key.ts";
import type { WithheldReason } from "./house-fact.ts";
import type { DeviceFlag, DeviceState, HeardReason, ReadingKind } from "./reading.ts";
import type { PolicyView } from "./policy-commands.ts";
import type { BufferView, SinkView } from "./spool-commands.ts";

export type LampFault = "dark-at-night" | "burning-by-day" | "flicker";

/** A lamp's switch as last heard, and what is wrong with it. `isSwitchable`: it hears a command; one that is watched alone does not. */
export type LampView = {
  readonly isOn: boolean | null;
  readonly fault: LampFault | null;
  readonly isSwitchable: boolean;
};

export type DeviceView = {
  readonly id: string;
  readonly name: string;
  readonly zone: string;
  readonly profile: string;
  readonly state: DeviceState;
  readonly flags: readonly DeviceFlag[];
  readonly heardAt: string | null;
  readonly batteryPct: number | null;
  /** Of its radio link; null or absent where it does not tell. */
  readonly linkPct?: number | null;
  readonly isPaired: boolean;
  /** Null where the device is no lamp. */
  readonly lamp: LampView | null;
};

/** What became of one message of a device ("why don't I see my sensor?"). `removed`: names of fields that were not kept. */
export type HeardView = {
  readonly at: string;
  readonly outcome: "readings" | "ignored" | "dropped";
  readonly reason: HeardReason | null;
  /** The readings in words, such as "motion yes"; no value of the message stands here otherwise. */
  readonly readings: readonly { readonly kind: ReadingKind; readonly value: boolean | number | string }[];
  readonly removed: readonly string[];
};

export type BridgeView = {
  readonly id: string;
  readonly family: string;
  readonly base: string;
  readonly isPaired: boolean;
  /** What the bridge says of itself; unknown until it has spoken. */
  readonly state: "unknown" | "online" | "offline";
  readonly heardAt: string | null;
};

/** What announced itself and waits for a person's approval. */
export type ProposalView = {
  /** Opaque, stable while it waits. */
  readonly id: string;
  readonly name: string;
  readonly topic: string;
  /** The login it was heard through. */
  readonly via: string;
  /** The profile it would get; null: it needs one, for the reason in `why`. */
  readonly profile: string | null;
  readonly why: string | null;
  readonly kinds: readonly ReadingKind[];
  /** A device of the kit that the announcement describes more closely; approving changes its profile. */
  readonly deviceId: string | null;
  readonly heardAt: string;
};

export type CameraView = {
  readonly id: string;
  readonly name: string;
  readonly zone: string;
  /** ok, paused (by a person, or while the policy is a draft), no-policy (not started), ended (policy's `until` is past), unreachable, withheld (its newest picture), cannot-see (the detector's canary failed). */
  readonly state: "ok" | "paused" | "no-policy" | "ended" | "unreachable" | "withheld" | "cannot-see";
  readonly why: string | null;
  /** Who paused it; null or absent where nobody did. */
  readonly pausedBy?: string | null;
  readonly lastSnapshotAt: string | null;
  readonly lastImageSha256: string | null;
  readonly lastRegions: number | null;
  readonly takenToday: number;
  readonly perDay: number;
  /** The kind of its source, such as rtsp. */
  readonly source: string;
  /** What people should know of a camera that works, such as a folder that is on a disk. */
  readonly caution: string | null;
  /** When it looks by itself, and in which hours it looks at all, as in kit.yaml. */
  readonly schedule: { readonly between: readonly [string, string] | null; readonly at: readonly string[] } | null;
};

/**
 * What one look for a person's eyes found. `ms`: milliseconds by step, `grab` (connecting and the picture) before those of
 * the redactor. `frameBytes`: of the encoded frame. `boxes`: painted regions [x, y, width, height, score] in pixels.
 */
export type CameraTest = {
  readonly ms: Readonly<Record<string, number>>;
  readonly frameBytes: number | null;
} & (
  | {
      readonly outcome: "redacted" | "empty" | "mosaic";
      /** Of a mosaic, why it is one. */
      readonly detail: string | null;
      readonly width: number;
      readonly height: number;
      readonly boxes: readonly (readonly [number, number, number, number, number])[];
      /** The redacted picture; it is kept nowhere. */
      readonly jpeg: Buffer;
    }
  | {
      readonly outcome: "withheld";
      readonly reason: WithheldReason;
      readonly detail: string;
      /** The next step for a person. */
      readonly hint: string;
    }
);

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
  readonly buffer: BufferView;
  readonly bridges: readonly BridgeView[];
  /** How many things wait for approval. */
  readonly proposals: number;
  readonly sinks: readonly SinkView[];
  /** The sums of promise 6, as of a moment ago. */
  readonly conservation: Conservation;
  readonly policy: PolicyView;
  /** The site's own broker, where sensors are heard through it. `refused`: topics that it does not let us hear. */
  readonly siteBroker?: {
    readonly isUp: boolean;
    readonly why: string | null;
    readonly refused: readonly string[];
  } | null;
  /** Why the ledger cannot be written, in words for a log; null while it can. */
  readonly ledger?: { readonly trouble: string | null };
  readonly counters: Readonly<Record<string, number>>;
};

/** A login for a device, bridge or camera, shown once; only its hash is kept. Both null: it has none, since another speaks for it or it is wired. */
export type Credentials = {
  readonly id: string;
  readonly username: string | null;
  readonly password: string | null;
  readonly topic: string;
  readonly setup: readonly string[];
  /** A link that shows this once more, once, within ten minutes; only the running gateway gives one. */
  readonly link?: string | null;
};

/** With what stands in files of its own. */
export type Commands = CommandsApart & {
  status(): GatewayStatus;
  /** Calls back after anything in the status may have changed, until the returned function is called. */
  onChange(watcher: () => void): () => void;
  /** The last redacted picture of a camera (JPEG), or null. */
  lastImage(cameraId: string): Promise<Buffer | null>;
  /**
   * One frame through the redactor for a person's eyes: kept nowhere, sent nowhere, not counted against the day. Throws
   * NOT_FOUND; USAGE for a camera that the policy does not allow; TOO_SOON while it takes a picture.
   */
  testCamera(ask: { readonly id: string }, stop: AbortSignal): Promise<CameraTest>;
  /**
   * A picture by hand, as if a device had triggered it, without the cool-down; waits for its end. `why`: of a refusal or of
   * what was withheld, in the words of counters. Throws NOT_FOUND; USAGE for a camera that the policy does not allow.
   */
  lookNow(ask: { readonly id: string; readonly by: string }): Promise<{
    readonly outcome: "taken" | "withheld" | "refused";
    readonly why: string | null;
  }>;
  listDevices(): readonly {
    readonly id: string;
    readonly name: string;
    readonly profile: string;
    readonly topic: string;
    readonly zone: string;
    readonly isPaired: boolean;
    /** Its name in events, and until when it holds (ISO 8601; null: for ever). For stewards alone: nobody outside knows whose it is. */
    readonly outside?: { readonly name: string; readonly until: string | null };
  }[];
  listBridges(): readonly BridgeView[];
  /** The device's last messages and what became of each, the newest first. Throws NOT_FOUND. */
  deviceHeard(id: string): readonly HeardView[];
  /** The families and profiles that a person may choose from. */
  listFamilies(): readonly {
    readonly id: string;
    readonly title: string;
    readonly about: string | null;
    /** Names that stand on the packaging of usual devices. */
    readonly brands?: readonly string[];
    readonly bridgeBase: string | null;
    readonly profiles: readonly {
      readonly id: string;
      readonly title: string;
      readonly kinds: readonly ReadingKind[];
    }[];
  }[];
  listProposals(): readonly ProposalView[];
  /** Makes the proposal a device of the kit. `profile`: where it has none of its own. Throws NOT_FOUND, USAGE, ALREADY_EXISTS. */
  approve(ask: {
    readonly proposal: string;
    readonly zone: string;
    readonly name?: string;
    readonly profile?: string;
  }): Promise<{ readonly id: string }>;
  /** The proposal is not shown again until the gateway restarts. Throws NOT_FOUND. */
  dismiss(ask: { readonly proposal: string }): Promise<void>;
  /** `topic`: the device's own where it is not to be made from its name. `pin`, `chip`: a wired device's line; `activeLow`: it is 0 while the sensor speaks; `pull`: its resistor. Throws NOT_FOUND, USAGE, ALREADY_EXISTS. */
  pairDevice(ask: {
    readonly profile: string;
    readonly zone: string;
    readonly name?: string;
    readonly topic?: string;
    readonly pin?: number;
    readonly chip?: string;
    readonly activeLow?: boolean;
    readonly pull?: "up" | "down" | "none";
  }): Promise<Credentials>;
  addBridge(ask: { readonly family: string; readonly base: string }): Promise<Credentials>;
  /** New credentials for what exists; the old ones end at once. Throws NOT_FOUND, USAGE for what has no login of its own. */
  renewCredentials(ask: { readonly kind: "device" | "bridge" | "camera"; readonly id: string }): Promise<Credentials>;
  /** The login is void at once and its connections end; the device or bridge stays, as not paired. Throws NOT_FOUND. */
  revoke(ask: { readonly kind: "device" | "bridge" | "camera"; readonly id: string }): Promise<void>;
  /** Takes it out of the kit, with its login. Throws NOT_FOUND; USAGE for a bridge that still has devices. */
  remove(ask: { readonly kind: "device" | "bridge"; readonly id: string }): Promise<void>;
  /** A paused device is heard and its readings are counted as ignored. Throws NOT_FOUND. */
  pause(ask: { readonly id: string; readonly isPaused: boolean }): Promise<void>;
  /** Tries the platform again at once (all of them, without `id`), and sends what waits now whatever its hours. Throws NOT_FOUND. */
  sendNow(ask: { readonly id?: string }): Promise<void>;
  /** Sends the lamp's command and writes into the ledger who asked. Throws NOT_FOUND; USAGE for what is no lamp; TOO_SOON, DEVICE_OFFLINE. */
  switchLamp(ask: { readonly id: string; readonly isOn: boolean; readonly by: string }): Promise<void>;
  /** Begins a change of the gateway's key: each request carries the next key's signature too; with `isFinal` the next is the only one. Throws USAGE, DATA_DIR_UNUSABLE. */
  rotateKey(ask: { readonly isFinal: boolean }): Promise<KeyView>;
};
