// When the gateway says no to a change: the sentence a person reads in their language, and the HTTP status a program reads.
import { ERROR_CODES, type ErrorCode, GatewayError } from "../core/errors.ts";
import { type Language, languageOf, type MessageKey } from "../languages/say.ts";
import { plainText } from "./html.ts";

/** `facts`: what exactly was refused, in English, for a reader whose language is another one; null or absent where `sentence` says it. */
export type Refused = {
  readonly status: 400 | 404 | 409 | 429 | 503;
  readonly sentence: string;
  readonly facts?: string | null;
};

/** A person can do something about these; any other is a mistake of ours. */
const STATUS: Readonly<Partial<Record<ErrorCode, Refused["status"]>>> = {
  USAGE: 400,
  CONFIG_INVALID: 400,
  CERTIFICATE_UNUSABLE: 400,
  PICTURE_REFUSED: 400,
  NOT_FOUND: 404,
  ALREADY_EXISTS: 409,
  DEVICE_OFFLINE: 409,
  TOO_SOON: 429,
  SPOOL_FULL: 503,
  DATA_DIR_UNUSABLE: 503,
  CONFIG_UNWRITABLE: 503,
  CAMERA_UNREACHABLE: 503,
  CAMERA_TIMEOUT: 503,
  SECRET_UNREADABLE: 503,
};

/** What to answer. In English the facts themselves, as programs get them. Throws what was thrown when no person can mend it. */
export function refusalOf(thrown: unknown, language: Language = languageOf("en")): Refused {
  const status = thrown instanceof GatewayError ? STATUS[thrown.code] : undefined;
  if (!(thrown instanceof GatewayError) || status === undefined) throw thrown;
  const remedy = language.say(remedyOf(thrown.code));
  // Its message names files, which is for who sits at the machine.
  if (thrown.code === "DATA_DIR_UNUSABLE") return { status, sentence: remedy, facts: null };
  // A device may have said some of its words.
  const facts = plainText(factsOf(thrown));
  return language.tag === "en" ? { status, sentence: facts, facts: null } : { status, sentence: remedy, facts };
}

/** The message that says in plain words what a code means and what to do. */
export function remedyOf(code: ErrorCode): MessageKey {
  return REMEDIES[code];
}

/** A hint of the table speaks to who types commands; one of the thrower's own fits what was asked. */
function factsOf({ code, message, hint }: GatewayError): string {
  const sentence = `${message.charAt(0).toUpperCase()}${message.slice(1)}`;
  const ended = /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
  return hint === ERROR_CODES[code] ? ended : `${ended} ${hint}`;
}

const REMEDIES: Readonly<Record<ErrorCode, MessageKey>> = {
  CONFIG_INVALID: "error.config-invalid",
  CONFIG_UNREADABLE: "error.config-unreadable",
  CONFIG_UNWRITABLE: "error.config-unwritable",
  SECRET_UNREADABLE: "error.secret-unreadable",
  POLICY_MISSING: "error.policy-missing",
  CERTIFICATE_UNUSABLE: "error.certificate-unusable",
  PORT_IN_USE: "error.port-in-use",
  KEY_UNREADABLE: "error.key-unreadable",
  DATA_DIR_LOCKED: "error.data-dir-locked",
  DATA_DIR_UNUSABLE: "error.data-dir-unusable",
  REGISTRY_DAMAGED: "error.registry-damaged",
  BACKUP_UNUSABLE: "error.backup-unusable",
  SPOOL_FULL: "error.spool-full",
  SPOOL_FAILED: "error.spool-failed",
  SPOOL_DAMAGED: "error.spool-damaged",
  SPOOL_NEWER: "error.spool-newer",
  PROFILE_INVALID: "error.profile-invalid",
  PICTURE_REFUSED: "error.picture-refused",
  CAMERA_UNREACHABLE: "error.camera-unreachable",
  CAMERA_TIMEOUT: "error.camera-timeout",
  GPIO_UNAVAILABLE: "error.gpio-unavailable",
  DEVICE_OFFLINE: "error.device-offline",
  TOO_SOON: "error.too-soon",
  RECEIPT_INVALID: "error.receipt-invalid",
  LEDGER_INVALID: "error.ledger-invalid",
  PLATFORM_REFUSED: "error.platform-refused",
  SITE_BROKER_UNREACHABLE: "error.site-broker-unreachable",
  NOT_FOUND: "error.not-found",
  ALREADY_EXISTS: "error.already-exists",
  USAGE: "error.usage",
  INTERNAL: "error.internal",
};
