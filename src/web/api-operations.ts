// What the API can be asked: each route with who may, what is sent and what is answered. The page /api and openapi.json are made
// from it; test/web/openapi.test.ts holds it against the routes that there are, so none is without its description.
import type { z } from "zod";
import { API_ANSWERS } from "./api-answers.ts";
import { CHANGES } from "./api-changes.ts";

/** anybody: no login. login: a volunteer or a steward. steward: a steward alone. here-or-login: also without a login, on the gateway itself. */
export type Who = "anybody" | "login" | "steward" | "here-or-login";

/** `schema`: of a JSON body; `type` and `about` of any other. */
export type Answer = { readonly schema: z.ZodType } | { readonly type: string; readonly about: string };

/** `path`: with `{id}` for what varies. `token`: what a program's token must be allowed to. `query`, `refusals`: by name and by status, each with a sentence. */
export type Operation = {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly who: Who;
  readonly summary: string;
  readonly about?: string;
  readonly token?: "status" | "metrics" | "switch";
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: { readonly schema: z.ZodType; readonly example: Readonly<Record<string, unknown>> };
  readonly answer: Answer;
  readonly refusals?: Readonly<Record<number, string>>;
};

const json = (schema: z.ZodType): Answer => ({ schema });

const LOOKING: readonly Operation[] = [
  {
    method: "GET",
    path: "/api/v1/status",
    who: "login",
    token: "status",
    summary: "How everything is",
    about: "Devices, cameras, buffer, platforms, counters. Times are ISO 8601 in UTC; null where there is none yet.",
    answer: json(API_ANSWERS.status),
  },
  {
    method: "GET",
    path: "/api/v1/stream",
    who: "login",
    token: "status",
    summary: "The status as it changes",
    about:
      "Server-sent events named `status`, each with the JSON of /api/v1/status: one at once, then after changes, at most about one a second.",
    query: { brief: "events named `changed` without the JSON, for who looks for themselves" },
    answer: { type: "text/event-stream", about: "Events until the other end goes away or the login ends." },
    refusals: { 503: "As many pages are open as may be." },
  },
  {
    method: "GET",
    path: "/api/v1/history",
    who: "login",
    summary: "How everything was, for 31 days",
    about: "States from a time on; null: not known. Never what a sensor sensed, nor how often.",
    answer: json(API_ANSWERS.history),
  },
  {
    method: "GET",
    path: "/api/v1/devices",
    who: "login",
    summary: "Devices with their topics",
    answer: json(API_ANSWERS.devices),
  },
  {
    method: "GET",
    path: "/api/v1/devices/{id}/heard",
    who: "login",
    summary: "A device’s last messages, and what became of each",
    about: "The newest first. No value of a message stands here that is not a reading.",
    answer: json(API_ANSWERS.heard),
  },
  { method: "GET", path: "/api/v1/bridges", who: "login", summary: "Bridges", answer: json(API_ANSWERS.bridges) },
  {
    method: "GET",
    path: "/api/v1/families",
    who: "login",
    summary: "Kinds of devices that can be added",
    answer: json(API_ANSWERS.families),
  },
  {
    method: "GET",
    path: "/api/v1/proposals",
    who: "login",
    summary: "What announced itself and waits for approval",
    answer: json(API_ANSWERS.proposals),
  },
  {
    method: "GET",
    path: "/api/v1/cameras/{id}",
    who: "login",
    summary: "One camera, and what was agreed of it",
    answer: json(API_ANSWERS.camera),
  },
  {
    method: "GET",
    path: "/cameras/{id}/last.jpg",
    who: "login",
    summary: "A camera’s last redacted picture",
    answer: { type: "image/jpeg", about: "Faces were painted over on the gateway." },
    refusals: { 404: "There is no picture of this camera." },
  },
  {
    method: "GET",
    path: "/api/v1/dead-letters",
    who: "login",
    summary: "What platforms rejected for good",
    answer: json(API_ANSWERS.deadLetters),
  },
  {
    method: "GET",
    path: "/api/v1/disclosures",
    who: "steward",
    summary: "Who was given what, by hand",
    answer: json(API_ANSWERS.disclosures),
  },
  {
    method: "GET",
    path: "/api/v1/notices",
    who: "steward",
    summary: "Messages to who looks after the kit",
    about: "The ways they go by, what hinders them, and the last ones.",
    answer: json(API_ANSWERS.notices),
  },
  {
    method: "GET",
    path: "/api/v1/policy",
    who: "login",
    summary: "What was agreed, and what is announced",
    answer: json(API_ANSWERS.standing),
  },
  {
    method: "GET",
    path: "/api/v1/transparency",
    who: "anybody",
    summary: "What anybody may know",
    about: "As of the last midnight, or of the edge of the policy’s time bucket where each movement is told.",
    answer: json(API_ANSWERS.transparency),
  },
  {
    method: "GET",
    path: "/api/v1/receipts",
    who: "anybody",
    summary: "Signed receipts of redactions",
    query: { sha256: "only those of this picture: 64 hexadecimal digits in lower case" },
    answer: json(API_ANSWERS.receipts),
    refusals: { 400: "The sha256 is none." },
  },
  {
    method: "GET",
    path: "/api/v1/ledger/head",
    who: "anybody",
    summary: "The newest signed head of the ledger",
    answer: json(API_ANSWERS.ledgerHead),
  },
  {
    method: "GET",
    path: "/transparency/ledger.jsonl",
    who: "anybody",
    summary: "The ledger’s lines, to keep and to check",
    query: { after: "begin behind the line of this number" },
    answer: { type: "application/jsonl", about: "One line of JSON each; a `link` header names what follows." },
    refusals: { 400: "The number is none.", 503: "Others are fetching the ledger just now." },
  },
  {
    method: "GET",
    path: "/metrics",
    who: "here-or-login",
    token: "metrics",
    summary: "Numbers for Prometheus",
    about: "Text format 0.0.4. No device and no camera is named, only how many are how.",
    answer: { type: "text/plain", about: "Each family with its HELP and TYPE." },
  },
  {
    method: "GET",
    path: "/healthz",
    who: "anybody",
    summary: "Whether the program answers",
    answer: { type: "text/plain", about: "`ok`, also while the gateway waits for its disk." },
  },
  {
    method: "GET",
    path: "/readyz",
    who: "anybody",
    summary: "Whether the gateway works",
    answer: { type: "text/plain", about: "`ready`" },
    refusals: { 503: "It is stopping, or waits for its disk." },
  },
];

/** In the order of the page: what is looked at, then what is changed. */
export const OPERATIONS: readonly Operation[] = [...LOOKING, ...CHANGES];

/** The same path as the router writes it: `/api/v1/devices/:id/heard`. */
export function routeOf({ path }: Pick<Operation, "path">): string {
  return path.replaceAll(/\{(\w+)\}/g, ":$1");
}
