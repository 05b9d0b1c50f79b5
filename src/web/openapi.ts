// The API as an OpenAPI 3.1 document, made from the same table as the page /api and from the schemas that the routes parse with.
//
// Decision: a refusal stays {"error": sentence}, and is no problem detail of RFC 9457: the contract (interfaces §5) has named it
// so since the first version, programs tell refusals apart by their status, and a second form would have to be kept beside it.
import { z } from "zod";
import { API_ANSWERS } from "./api-answers.ts";
import { described, exampleOf } from "./api-fields.ts";
import type { Operation, Who } from "./api-operations.ts";

/** JSON Schema, draft 2020-12. */
export type JsonSchema = { readonly [key: string]: unknown };
export type OpenApi = { readonly openapi: "3.1.1"; readonly [key: string]: unknown };

const COOKIE = "login";
const TOKEN = "token";
const PRIVATE = "Only in the network of the house. No status is kept by caches; it changes with each message.";
const VERSIONS =
  "Names that stand here keep their meaning in /api/v1; fields and paths may be added. What would break a program gets a /api/v2 beside it.";

/** `id`: of the gateway, or undefined where the document is of none. */
export function openApiOf(operations: readonly Operation[]): OpenApi {
  const paths: Record<string, Record<string, unknown>> = {};
  for (const operation of operations) {
    const path = (paths[operation.path] ??= {});
    path[operation.method.toLowerCase()] = operationOf(operation);
  }
  return {
    openapi: "3.1.1",
    info: { title: "Hedgerow gateway", version: "1", description: `${PRIVATE} ${VERSIONS}` },
    servers: [{ url: "/" }],
    paths,
    components: {
      securitySchemes: {
        [COOKIE]: { type: "apiKey", in: "cookie", name: "hedgerow-session", description: "From POST /api/v1/login." },
        [TOKEN]: { type: "http", scheme: "bearer", description: "A steward makes it on the page People." },
      },
      schemas: { Error: schemaOf(API_ANSWERS.error) },
    },
  };
}

/** As JSON Schema: `input`: what may be sent, nothing beside it; else what is answered, to which a later version may add fields. */
export function schemaOf(schema: z.ZodType, io: "input" | "output" = "output"): JsonSchema {
  const { $schema: _, ...made } = z.toJSONSchema(schema, {
    io,
    reused: "inline",
    unrepresentable: "any",
    override: ({ jsonSchema }) => {
      if (io === "output" && jsonSchema.additionalProperties === false) delete jsonSchema.additionalProperties;
    },
  });
  return described(made);
}

/** What is answered to who is refused, by status: the operation's own, and those that the door gives. */
export function refusalsOf({ who, path, body, refusals = {} }: Operation): ReadonlyMap<number, string> {
  const door: readonly (readonly [number, string, boolean])[] = [
    [400, "The body is not as above.", body !== undefined],
    [401, "There is no login.", who !== "anybody"],
    [403, "Only a steward may.", who === "steward"],
    [404, "There is none of this id.", path.includes("{id}")],
  ];
  const all = new Map(door.flatMap(([status, why, isSo]) => (isSo ? [[status, why] as const] : [])));
  for (const [status, why] of Object.entries(refusals)) all.set(Number(status), why);
  return new Map([...all].toSorted(([one], [other]) => one - other));
}

/** An example of the body of an answer, as text; null for a body that is no text. */
export function exampleAnswer({ answer }: Operation): string | null {
  return "schema" in answer ? JSON.stringify(exampleOf(schemaOf(answer.schema)), null, 2) : null;
}

function operationOf(operation: Operation): JsonSchema {
  const { method, path, summary, about, query = {}, body, answer } = operation;
  const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => ({
    name,
    in: "path",
    required: true,
    schema: { type: "string" },
  }));
  const asked = Object.entries(query).map(([name, description]) => ({
    name,
    in: "query",
    description,
    schema: { type: "string" },
  }));
  return {
    operationId: `${method.toLowerCase()}${path.replaceAll(/[^A-Za-z0-9]+(.)/g, (_, letter: string) => letter.toUpperCase()).replaceAll(/\W/g, "")}`,
    summary,
    ...(about !== undefined && { description: about }),
    tags: [groupOf(path)],
    security: securityOf(operation),
    ...(named.length + asked.length > 0 && { parameters: [...named, ...asked] }),
    ...(body !== undefined && {
      requestBody: {
        required: !isEmpty(body.example),
        content: { "application/json": { schema: schemaOf(body.schema, "input"), example: body.example } },
      },
    }),
    responses: {
      200: {
        description: "about" in answer ? answer.about : "Done, or what was asked for.",
        content:
          "schema" in answer
            ? {
                "application/json": {
                  schema: schemaOf(answer.schema),
                  example: exampleOf(schemaOf(answer.schema)),
                },
              }
            : { [answer.type]: { schema: { type: "string" } } },
      },
      ...Object.fromEntries([...refusalsOf(operation)].map(([status, why]) => [status, refusal(why)])),
      default: refusal("Refused; the sentence says why."),
    },
  };
}

function refusal(description: string): JsonSchema {
  return { description, content: { "application/json": { schema: { $ref: "#/components/schemas/Error" } } } };
}

const OPEN: readonly Who[] = ["anybody"];

function securityOf({ who, token }: Operation): readonly JsonSchema[] {
  if (OPEN.includes(who)) return [];
  const login = [{ [COOKIE]: [] }, ...(token === undefined ? [] : [{ [TOKEN]: [] }])];
  return who === "here-or-login" ? [{}, ...login] : login;
}

/** The subject that a path belongs to. */
const SUBJECTS: Readonly<Record<string, string>> = {
  stream: "status",
  history: "status",
  families: "devices",
  proposals: "devices",
  "dead-letters": "buffer",
  sinks: "buffer",
  receipts: "transparency",
  ledger: "transparency",
  disclosures: "erasing",
  erase: "erasing",
  metrics: "monitoring",
  healthz: "monitoring",
  readyz: "monitoring",
  setup: "login",
  logout: "login",
};

/** "devices" of "/api/v1/devices/{id}/pause". */
export function groupOf(path: string): string {
  const first = /^\/(?:api\/v1\/)?([a-z-]+)/.exec(path)?.[1] ?? "";
  return Object.hasOwn(SUBJECTS, first) ? (SUBJECTS[first] ?? first) : first;
}

function isEmpty(example: object): boolean {
  return Object.keys(example).length === 0;
}
