// An event that has been made and waits, taken apart so that it can be said with less.

export type Fields = Readonly<Record<string, unknown>>;
/** `attributes`: of the CloudEvent, `data` among them as it was. `cameraId`: of the entry's picture. */
export type Said = {
  readonly type: string;
  readonly cameraId: string | null;
  readonly attributes: Fields;
  readonly data: Fields;
};

/** Null where the text is no event. */
export function saidOf(body: string, entry: Pick<Said, "type" | "cameraId">): Said | null {
  const attributes = fieldsOf(parsed(body));
  const data = fieldsOf(attributes?.["data"]);
  return attributes === null || data === null ? null : { ...entry, attributes, data };
}

/** The event's JSON, its keys in the order in which they were. */
export function textOf({ attributes, data }: Said): string {
  return JSON.stringify({ ...attributes, data });
}

/** With so many letters of its cell at most. */
export function ofCell(said: Said, letters: number): Said {
  const cell = said.data["cell"];
  if (typeof cell !== "string" || cell.length <= letters) return said;
  return letters === 0 ? without(said, "cell") : withData(said, { cell: cell.slice(0, letters) });
}

const TIMES = ["time", "recordedtime", "expirytime", "from", "to"];

/**
 * All times down to the bucket; what was rounded down already may then be up to two buckets too early. A wish to erase must not
 * shrink: where it ends is rounded up.
 */
export function rounded(said: Said, bucketS: number): Said {
  const bucketMs = bucketS * 1000;
  const isWish = said.type === "hedgerow.erasure.requested.v1";
  const down = (fields: Fields): Fields => {
    const times = TIMES.filter((name) => typeof fields[name] === "string");
    return Object.fromEntries(
      times.map((name) => {
        const round = isWish && name === "to" ? Math.ceil : Math.floor;
        const ms = round(Date.parse(String(fields[name])) / bucketMs) * bucketMs;
        return [name, new Date(Number.isFinite(ms) ? ms : 0).toISOString()];
      }),
    );
  };
  return withAttributes(withData(said, down(said.data)), down(said.attributes));
}

/** Itself where nothing of it changes; so with the next two. */
export function withData(said: Said, changed: Fields): Said {
  const isSame = Object.entries(changed).every(([name, value]) => said.data[name] === value);
  return isSame ? said : { ...said, data: { ...said.data, ...changed } };
}

export function withAttributes(said: Said, changed: Fields): Said {
  const isSame = Object.entries(changed).every(([name, value]) => said.attributes[name] === value);
  return isSame ? said : { ...said, attributes: { ...said.attributes, ...changed } };
}

export function without(said: Said, name: string): Said {
  return { ...said, data: Object.fromEntries(Object.entries(said.data).filter(([each]) => each !== name)) };
}

function fieldsOf(value: unknown): Fields | null {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null; // damaged: the caller decides
  }
}
