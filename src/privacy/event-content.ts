// What an event holds, before the spool gives it its id and its sequence.

/** For the policy's `evictFirst`; `house` (tombstones, status, withheld) is never evicted. */
export type EventClass = "snapshot" | "light.level" | "light.state" | "motion" | "house";

/** CloudEvents attributes but `id` and `sequence`, which the spool adds in its transaction (I6). */
export type EventContent = {
  readonly class: EventClass;
  readonly expiresAtMs: number;
  readonly attributes: {
    readonly source: string;
    readonly type: string;
    readonly subject: string;
    readonly time: string;
    readonly recordedtime: string;
    readonly expirytime: string;
    readonly dataschema: string;
    readonly dataclassification: "public" | "internal";
    readonly dataref?: string;
    readonly data: Readonly<Record<string, unknown>>;
  };
};
