// The published AsyncAPI (config/contract/asyncapi.yaml) against the code: topics, statuses, and a schema for each type.
import { readFile } from "node:fs/promises";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { type OfflineReason, statusOf, topicsOf } from "../../src/forward/mqtt-topics.ts";
import { loadEventSchemas } from "./contract-schemas.ts";

const Channel = z.object({ address: z.string() });
const Message = <T extends z.ZodType>(payload: T) => z.object({ contentType: z.string(), payload });
const AsyncApi = z.object({
  channels: z.object({ events: Channel, snapshots: Channel, status: Channel, acknowledgements: Channel }),
  components: z.object({
    messages: z.object({
      event: Message(z.object({ oneOf: z.array(z.object({ $ref: z.string() })) })),
      status: Message(z.record(z.string(), z.json())),
    }),
  }),
});
const CONTRACT = new URL("../../config/contract/", import.meta.url);
const { channels, components } = AsyncApi.parse(parse(await readFile(new URL("asyncapi.yaml", CONTRACT), "utf8")));

test("topics are where the AsyncAPI says", () => {
  const values: Readonly<Record<string, string>> = {
    prefix: "hedgerow",
    gateway: "elm-street",
    type: "motion-detected-v1",
    sha256: "ab".repeat(32),
  };
  const filled = (address: string) => address.replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? "?");
  const topics = topicsOf({ prefix: "hedgerow", gatewayId: "elm-street" });
  expect(filled(channels.events.address)).toBe(topics.event("hedgerow.motion.detected.v1"));
  expect(filled(channels.snapshots.address)).toBe(topics.snapshot("ab".repeat(32)));
  expect(filled(channels.status.address)).toBe(topics.status);
});

test("each type that is published has its schema, and no other", async () => {
  const named = components.messages.event.payload.oneOf.map(({ $ref }) => $ref);
  const types = [...(await loadEventSchemas()).keys()];
  expect(named.toSorted()).toEqual(
    types.map((type) => `events/${type.replace("hedgerow.", "")}.schema.json`).toSorted(),
  );
});

test("a status is as published, and holds nothing else", () => {
  const schema = z.fromJSONSchema({ ...components.messages.status.payload, additionalProperties: false });
  const reasons: readonly (OfflineReason | null)[] = [null, "stopped", "resting", "lost"];
  for (const offline of reasons) {
    const status: unknown = JSON.parse(statusOf({ version: "0.1.0", offline }));
    expect(schema.safeParse(status).error).toBeUndefined();
  }
  expect(schema.safeParse({ state: "asleep" }).success).toBe(false);
  expect(schema.safeParse({ state: "online", address: "192.0.2.1" }).success).toBe(false);
});
