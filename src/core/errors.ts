// The one table of error codes. A code stands here and in the README's table, held together by test/house.test.ts.

/** Every code a person may meet, with the plain remedy shown when the thrower gives no better hint. */
export const ERROR_CODES = {
  CONFIG_INVALID: "Correct the file at the line named, then run `hedgerow check`.",
  CONFIG_UNREADABLE: "Check that the file exists and that the user `hedgerow` may read it.",
  CONFIG_UNWRITABLE:
    "Run `sudo systemd/install` once more, which lets the page write its files; or take them from the page and put them there by hand.",
  SECRET_UNREADABLE: "Check that the secret's file exists, is not empty and may be read by the user `hedgerow`.",
  POLICY_MISSING: "Write a policy.yaml (see config/policy.example.yaml): without a policy nothing is sensed.",
  CERTIFICATE_UNUSABLE:
    "Check that certFile and keyFile are PEM files, belong together, and may be read by the user `hedgerow`.",
  PORT_IN_USE: "Stop the other program on this port, or choose another port in gateway.yaml.",
  KEY_UNREADABLE: "Restore the key from a backup, or check that the user `hedgerow` owns the file.",
  DATA_DIR_LOCKED: "Another Hedgerow runs on this data directory; stop it first.",
  DATA_DIR_UNUSABLE: "Check that the disk is mounted, writable and not full.",
  REGISTRY_DAMAGED: "Restore registry.json from registry.json.previous or from a backup.",
  BACKUP_UNUSABLE: "Type the passphrase once more; if it is the right one, the file is damaged: use another backup.",
  SPOOL_FULL: "Free some space on the disk; sensors will send again by themselves.",
  SPOOL_FAILED: "The disk refused a write. Check the SD card; the gateway restarts by itself.",
  SPOOL_DAMAGED:
    "What can be read is saved at the next start, by itself. If it comes again, the SD card is worn out: put in another.",
  SPOOL_NEWER: "The data was written by a newer Hedgerow; install that version or a later one.",
  PROFILE_INVALID: "Correct the device profile at the line named.",
  PICTURE_REFUSED: "Use a JPEG, PNG or WebP picture of at most 24 megapixels.",
  CAMERA_UNREACHABLE:
    "Is the camera plugged in and its address right? Try the address in a browser, that of a stream in a player such as VLC.",
  CAMERA_TIMEOUT: "Is the camera plugged in? Its lamp should be lit.",
  GPIO_UNAVAILABLE: "Check the pin in kit.yaml; `sudo systemd/install gpio` lets the service use GPIO.",
  DEVICE_OFFLINE: "Has the device power, and is it in reach of the network?",
  TOO_SOON: "Wait two seconds, then try again.",
  RECEIPT_INVALID: "Do not trust these receipts; ask the association which gateway signed them, with which key.",
  LEDGER_INVALID: "Do not trust this ledger; ask the association which gateway signed it, with which key.",
  PLATFORM_REFUSED:
    "Ask the platform whether this gateway's public key is registered (`hedgerow key show`); it is tried again every two minutes.",
  SITE_BROKER_UNREACHABLE:
    "Is the site's broker running, and is its address under broker.external right? It is tried again by itself.",
  NOT_FOUND: "List what exists with `hedgerow device list` or `hedgerow bridge list`.",
  ALREADY_EXISTS: "Choose another name, or remove the existing one first.",
  USAGE: "Add --help to see how the command is used.",
  INTERNAL: "This is a mistake in Hedgerow. Please report it with the log lines around it.",
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** What should not happen in a healthy house: a code from the table, the facts, and the one next step for a volunteer. */
export class GatewayError extends Error {
  override readonly name = "GatewayError";
  readonly code: ErrorCode;
  readonly hint: string;

  constructor(code: ErrorCode, message: string, options: { hint?: string; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint ?? ERROR_CODES[code];
  }
}

/** The error's one-line text, whatever was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/** The `code` Node puts on system errors (`ENOENT`, `EADDRINUSE`), or undefined. */
export function systemCodeOf(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !("code" in thrown)) return undefined;
  return typeof thrown.code === "string" ? thrown.code : undefined;
}
