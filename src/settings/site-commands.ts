// What a steward may change of how the house is set up, without a text editor: the port that the local page acts through, beside
// core/commands.ts (types of the three files are settings' own, and core knows nothing of them). src/site.ts implements it.
//
// Decision: the page writes the three files themselves, comments kept, and no store of its own beside them. So there is one truth,
// what the page made is what a text editor shows, and `hedgerow check` says the same of both.
import type { CameraPolicyEntry, CameraSettings, GatewaySettings, Policy } from "./schema.ts";

/**
 * As the files say now. `why`: what hinders writing, in words for a person at the machine; null where nothing does. `trouble`:
 * why the last change could not be used and was taken back.
 */
export type SiteView = {
  readonly folder: string;
  readonly why: string | null;
  readonly trouble: string | null;
  readonly gateway: GatewaySettings["gateway"];
  readonly publicUrl: string | null;
  readonly platform: GatewaySettings["platform"];
  readonly notices: GatewaySettings["notices"];
  /** policy.yaml's own, which may be a draft or be announced still. */
  readonly policy: Policy;
};

/** Passwords and tokens, which go into files of their own under `secrets/` beside gateway.yaml; null takes one away, absent leaves it. */
export type Secret = string | null;

/** A place that entries go to. What is not said stays as it is. */
export type PlatformAsk =
  | { readonly kind: "https"; readonly id: string; readonly url: string; readonly sharedSecret?: Secret }
  | {
      readonly kind: "mqtt";
      readonly id: string;
      readonly url: string;
      readonly prefix?: string;
      readonly username?: Secret;
      readonly password?: Secret;
    };

export type NoticesAsk = {
  readonly language?: string;
  readonly afterMinutes?: number;
  readonly atMostPerDay?: number;
  /** Null: no e-mail. */
  readonly email?: null | {
    readonly host: string;
    readonly port: number;
    readonly security: "starttls" | "tls" | "none";
    readonly from: string;
    readonly to: readonly string[];
    readonly username?: Secret;
    readonly password?: Secret;
  };
  /** All of them, in order. */
  readonly push?: readonly { readonly kind: "ntfy" | "webhook"; readonly url: string; readonly token?: Secret }[];
};

/**
 * Each resolves when the change is on disk; within a second the house then opens anew with it, and sessions stay. Each throws
 * CONFIG_INVALID with a sentence for each mistake (nothing is written then), CONFIG_UNWRITABLE where this user may not write
 * the files, and DATA_DIR_UNUSABLE where the disk refuses.
 */
export type SiteCommands = {
  site(): Promise<SiteView>;
  /** `cell`, `publicUrl`: null takes it away. */
  changeSite(ask: {
    readonly name?: string;
    readonly timezone?: string;
    readonly cell?: string | null;
    readonly publicUrl?: string | null;
  }): Promise<void>;
  /** Adds it, or changes the one of this id. */
  setPlatform(ask: PlatformAsk): Promise<void>;
  /** Throws NOT_FOUND. */
  removePlatform(ask: { readonly id: string }): Promise<void>;
  changeNotices(ask: NoticesAsk): Promise<void>;
  /**
   * The whole policy as it is to be; only what differs is written: from `seen`, where given, so that what another steward changed
   * since stays. A looser one is announced (policy/standing.ts).
   */
  changePolicy(ask: { readonly policy: Policy; readonly seen?: Policy }): Promise<void>;
  /**
   * The camera and what the policy says of it, new or changed. `credentials`: user:password. A new camera, or one that may see
   * more, makes an agreed policy looser. The registry has the camera then; kit.yaml is not read any more after the first start.
   * `policy` as a function: from what the file says when it is this change's turn, so that two at once both come to be.
   */
  saveCamera(ask: {
    readonly camera: CameraSettings;
    readonly credentials?: Secret;
    readonly policy: CameraPolicyEntry | ((now: CameraPolicyEntry | undefined) => CameraPolicyEntry);
  }): Promise<void>;
  /** Out of the kit and out of the policy, with its credentials. Throws NOT_FOUND. */
  removeCamera(ask: { readonly id: string }): Promise<void>;
  /** The three files as texts, for keeping: kit.yaml from the registry. No secrets. */
  files(): Promise<{ readonly gateway: string; readonly policy: string; readonly kit: string }>;
};
