// What can be changed through the API, each with its body and an example; the other half of api-operations.ts.
import { SetUpAsk, LogInAsk } from "./api-asks.ts";
import { API_ANSWERS } from "./api-answers.ts";
import type { Operation } from "./api-operations.ts";
import { RequeueAsk } from "./buffer-routes.ts";
import { DisclosureAsk } from "./disclosures-routes.ts";
import { EraseAsk } from "./erase-routes.ts";
import { DEVICE_CHANGES } from "./device-api.ts";
import { ASKS } from "./forms.ts";
import { ApproveAsk } from "./policy-routes.ts";

const DONE = { schema: API_ANSWERS.done };
const WRONG_PASSPHRASE = "short or one that everybody tries";
const nothing = { schema: ASKS.nothing, example: {} };

/** A change that takes no body. */
function plain(path: string, summary: string, more: Partial<Operation> = {}): Operation {
  return { method: "POST", path, who: "steward", summary, body: nothing, answer: DONE, ...more };
}

export const CHANGES: readonly Operation[] = [
  {
    method: "POST",
    path: "/api/v1/setup",
    who: "anybody",
    summary: "The first login, with the one-time code",
    body: { schema: SetUpAsk, example: { code: "ABCD2345", passphrase: "correct horse battery" } },
    answer: { schema: API_ANSWERS.entered },
    refusals: {
      400: `The passphrase is ${WRONG_PASSPHRASE}.`,
      401: "The code is wrong.",
      409: "The gateway is set up already.",
      429: "Too many attempts at once.",
    },
  },
  {
    method: "POST",
    path: "/api/v1/login",
    who: "anybody",
    summary: "Log in",
    about: "Answers with the cookie that all that follows needs.",
    body: { schema: LogInAsk, example: { user: "steward", passphrase: "correct horse battery" } },
    answer: { schema: API_ANSWERS.entered },
    refusals: { 401: "User name or passphrase is wrong.", 429: "Too many attempts at once." },
  },
  { method: "POST", path: "/api/v1/logout", who: "anybody", summary: "Log out", answer: DONE },
  {
    method: "POST",
    path: "/api/v1/devices",
    who: "steward",
    summary: "Add a device",
    about: "Answers with its login, once: only a hash of the password is kept. `link` shows it once more, once.",
    body: { schema: ASKS.pair, example: { profile: "tasmota/switch-pir", zone: "porch", name: "Porch motion" } },
    answer: { schema: API_ANSWERS.credentials },
    refusals: { 409: "There is one of this name or topic already." },
  },
  plain("/api/v1/devices/{id}/credentials", "A new login for a device", {
    about: "The old one ends at once.",
    answer: { schema: API_ANSWERS.credentials },
  }),
  plain("/api/v1/devices/{id}/revoke", "End a device’s login"),
  plain("/api/v1/devices/{id}/remove", "Take a device out of the kit"),
  plain("/api/v1/devices/{id}/pause", "Do not use a device’s readings for now"),
  plain("/api/v1/devices/{id}/resume", "Use a device’s readings again"),
  {
    method: "POST",
    path: "/api/v1/devices/{id}/change",
    who: "steward",
    summary: "Another name or zone for a device",
    body: { schema: DEVICE_CHANGES.change, example: { name: "Porch motion", zone: "porch" } },
    answer: DONE,
  },
  {
    method: "POST",
    path: "/api/v1/devices/{id}/replace",
    who: "steward",
    summary: "Another thing takes a device’s place",
    about: "Id, name, zone, what it triggers and its history stay; the old login ends at once.",
    body: { schema: DEVICE_CHANGES.replace, example: { profile: "tasmota/switch-pir" } },
    answer: { schema: API_ANSWERS.credentials },
    refusals: { 409: "There is one of this topic already." },
  },
  {
    method: "POST",
    path: "/api/v1/devices/{id}/switch",
    who: "steward",
    token: "switch",
    summary: "Switch a lamp",
    about: "The ledger has a line of who asked.",
    body: { schema: ASKS.switch, example: { isOn: true } },
    answer: DONE,
    refusals: { 400: "It is no lamp.", 409: "It cannot be reached.", 429: "Two seconds have not passed." },
  },
  plain("/api/v1/notices/test", "Send a test message by each way", {
    answer: { schema: API_ANSWERS.noticeTests },
    refusals: { 400: "No way is set up.", 429: "A test is under way." },
  }),
  plain("/api/v1/notices/pause", "Send no messages for now"),
  plain("/api/v1/notices/resume", "Send messages again"),
  {
    method: "POST",
    path: "/api/v1/bridges",
    who: "steward",
    summary: "Add a bridge",
    body: { schema: ASKS.bridge, example: { family: "zigbee2mqtt", base: "zigbee2mqtt" } },
    answer: { schema: API_ANSWERS.credentials },
    refusals: { 409: "There is one already." },
  },
  plain("/api/v1/bridges/{id}/credentials", "A new login for a bridge", {
    answer: { schema: API_ANSWERS.credentials },
  }),
  plain("/api/v1/bridges/{id}/revoke", "End a bridge’s login"),
  plain("/api/v1/bridges/{id}/remove", "Take a bridge out of the kit"),
  {
    method: "POST",
    path: "/api/v1/proposals/{id}/approve",
    who: "steward",
    summary: "Make a device of what announced itself",
    body: { schema: ASKS.approve, example: { zone: "porch", name: "Porch motion" } },
    answer: { schema: API_ANSWERS.approved },
    refusals: { 409: "There is one of this name already." },
  },
  plain("/api/v1/proposals/{id}/dismiss", "Do not show it again until the next start"),
  plain("/api/v1/cameras/{id}/test", "Look once, for your eyes alone", {
    about: "The redacted picture is kept nowhere and sent nowhere.",
    answer: { schema: API_ANSWERS.cameraTest },
    refusals: { 400: "The camera was not agreed on.", 429: "It takes a picture just now." },
  }),
  plain("/api/v1/cameras/{id}/look", "Take a picture now", {
    about: "As if a sensor had asked for it. Answers when it is on the disk, or with the reason why not.",
    answer: { schema: API_ANSWERS.looked },
    refusals: { 400: "The camera was not agreed on." },
  }),
  plain("/api/v1/sinks/{id}/send", "Try a platform again at once"),
  {
    method: "POST",
    path: "/api/v1/dead-letters/requeue",
    who: "steward",
    summary: "Send what was rejected once more",
    about: "Those of `ids`, or of one platform, or all.",
    body: { schema: RequeueAsk, example: { sinkId: "main" } },
    answer: { schema: API_ANSWERS.requeued },
    refusals: { 503: "The disk is full." },
  },
  {
    method: "POST",
    path: "/api/v1/erase",
    who: "steward",
    summary: "Erase what is held, and ask the platforms to",
    about: "With `dryRun` nothing is erased, and `held` says what would be. Times in ISO 8601, or a day.",
    body: { schema: EraseAsk, example: { cameras: ["gate-cam"], from: "2026-11-20", dryRun: true } },
    answer: { schema: API_ANSWERS.erased },
    refusals: { 400: "Nothing is named, or a time is none.", 429: "Another erasure is at work." },
  },
  {
    method: "POST",
    path: "/api/v1/disclosures",
    who: "steward",
    summary: "Enter who was given what",
    body: {
      schema: DisclosureAsk,
      example: { to: "The person concerned", what: "Events of one day", ground: "data-subject" },
    },
    answer: { schema: API_ANSWERS.disclosure },
  },
  {
    method: "POST",
    path: "/api/v1/policy/approve",
    who: "steward",
    summary: "Approve what is announced",
    about: "Two stewards end its notice. `missing`: how many approvals it still takes.",
    body: { schema: ApproveAsk, example: { sha256: "9f2c".repeat(16) } },
    answer: { schema: API_ANSWERS.policyApproved },
    refusals: { 404: "No such policy is announced.", 409: "You have approved it already." },
  },
];
