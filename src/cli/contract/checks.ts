// What a platform has to do by the contract (config/contract/openapi.yaml), one check each, in the order in which an author
// would want to mend. Each asks for itself: none depends on what another one left behind.
import { createHash } from "node:crypto";
import type { Examples } from "./example-events.ts";
import { fateOf, type PlatformDoor } from "./platform-door.ts";
import { eachIs, isGood, isRefused, OK, refused, refusedThenNew, type Verdict, wrong } from "./verdict.ts";

export type Check = {
  readonly name: string;
  /** What the contract asks for, one sentence. */
  readonly asks: string;
  run(door: PlatformDoor, examples: Examples): Promise<Verdict>;
};

const BATCH_BYTES = 262_144;
const BATCH_EVENTS = 500;

export const CHECKS: readonly Check[] = [
  {
    name: "good batch",
    asks: "one event of each type is taken: 2xx, and each id is named as accepted, or the body is empty",
    async run(door, examples) {
      const events = examples.all();
      return eachIs(events, await door.post(events), ["accepted"]);
    },
  },
  {
    name: "picture, then its event",
    asks: "a PUT of a picture is kept (2xx, empty body or JSON), and its event is accepted afterwards",
    async run(door, examples) {
      const { jpeg, event } = examples.picture();
      const put = await door.put(jpeg);
      if (!isGood(put)) return wrong(`the picture: ${put.why}`);
      return eachIs([event], await door.post([event]), ["accepted"]);
    },
  },
  {
    name: "duplicate",
    asks: "what is sent again, byte for byte, is not refused: it is named as duplicate or accepted, and kept once",
    async run(door, examples) {
      const events = examples.many(3);
      await door.post(events);
      return eachIs(events, await door.post(events), ["duplicate", "accepted"]);
    },
  },
  {
    name: "half a duplicate",
    asks: "a batch that is new in part: each id is settled for itself",
    async run(door, examples) {
      const [first, second] = [examples.many(2), examples.many(2)];
      await door.post(first);
      const answer = await door.post([...first, ...second]);
      const before = eachIs(first, answer, ["duplicate", "accepted"]);
      return before.kind === "ok" ? eachIs(second, answer, ["accepted"]) : before;
    },
  },
  {
    name: "picture again",
    asks: "a picture that is sent again is kept (2xx): the answer to the first one may have been lost",
    async run(door, examples) {
      const { jpeg } = examples.picture();
      await door.put(jpeg);
      const again = await door.put(jpeg);
      return isGood(again) ? OK : wrong(again.why);
    },
  },
  {
    name: "reordered",
    asks: "events may come in any order (live ones overtake a backlog), also with lower sequences than before",
    async run(door, examples) {
      const events = examples.many(6);
      await door.post(events.slice(3).toReversed());
      return eachIs(events.slice(0, 3), await door.post(events.slice(0, 3)), ["accepted"]);
    },
  },
  {
    name: "bad signature",
    asks: "a signature by another key, or over other bytes, is refused with 401, and nothing of it is kept",
    async run(door, examples) {
      const events = examples.many(1);
      const bad = await door.post(events, { signatures: () => `v1a,${Buffer.alloc(64, 7).toString("base64")}` });
      return refusedThenNew({ bad, events, door });
    },
  },
  {
    name: "unsigned",
    asks: "a request without signature is refused with 401",
    async run(door, examples) {
      const events = examples.many(1);
      return refusedThenNew({ bad: await door.post(events, { isUnsigned: true }), events, door });
    },
  },
  {
    name: "picture with a bad signature",
    asks: "it is refused with 401",
    async run(door, examples) {
      const { jpeg } = examples.picture();
      return refused(await door.put(jpeg, { signatures: () => `v1a,${Buffer.alloc(64, 7).toString("base64")}` }));
    },
  },
  {
    name: "old time stamp",
    asks: "a good signature that is ten minutes old is refused: somebody recorded it",
    async run(door, examples) {
      return refused(await door.post(examples.many(1), { ageS: 600 }));
    },
  },
  {
    name: "time stamp of the future",
    asks: "one that is ten minutes ahead is refused likewise",
    async run(door, examples) {
      return refused(await door.post(examples.many(1), { ageS: -600 }));
    },
  },
  {
    name: "two signatures",
    asks: "of several signatures one good one is enough: a gateway that changes its key sends two",
    async run(door, examples) {
      const events = examples.many(1);
      const other = `v1a,${Buffer.alloc(64, 9).toString("base64")}`;
      return eachIs(events, await door.post(events, { signatures: (good) => `${other} ${good}` }), ["accepted"]);
    },
  },
  {
    name: "another gateway's event",
    asks: "an event whose source is not the gateway that signed is not accepted",
    async run(door, examples) {
      const [event] = examples.many(1);
      if (event === undefined) return OK;
      const foreign = { ...event, source: "urn:hedgerow:somebody-else" };
      const answer = await door.post([foreign]);
      if (isRefused(answer) || fateOf(foreign, answer) === "refused") return OK;
      return wrong(`it said ${fateOf(foreign, answer)}: any gateway can speak for another`);
    },
  },
  {
    name: "poison",
    asks: "one event that is none among good ones: it alone is rejected for good, or the batch is answered 400 or 422",
    async run(door, examples) {
      const good = examples.many(4);
      const poison = { specversion: "1.0", id: "not-an-event" };
      const answer = await door.post([...good.slice(0, 2), poison, ...good.slice(2)]);
      if (answer.status === 400 || answer.status === 422) {
        const alone = await door.post([poison]);
        if (alone.status !== 400 && alone.status !== 422 && isGood(alone))
          return wrong("alone, the same event is taken");
        return eachIs(good, await door.post(good), ["accepted"]);
      }
      if (answer.settlement === "all") return wrong("it accepted something that is no event");
      return eachIs(good, answer, ["accepted"]);
    },
  },
  {
    name: "the same id with another body",
    asks: "an id never has two bodies: the second one is not accepted, and the first one stays",
    async run(door, examples) {
      const [event] = examples.many(1);
      if (event === undefined) return OK;
      await door.post([event]);
      const other = { ...event, data: { ...event.data, lux: 99.9 } };
      const answer = await door.post([other]);
      if (isRefused(answer) || fateOf(other, answer) === "refused") return OK;
      const why = "it did not say that the body differs; a gateway never does this, an attacker with its key might";
      return { kind: "note", why };
    },
  },
  {
    name: "a full batch",
    asks: `${BATCH_EVENTS} events in ${BATCH_BYTES} bytes are taken`,
    async run(door, examples) {
      const events = examples.many(350);
      const answer = await door.post(events, { bytes: BATCH_BYTES });
      if (answer.status === 413)
        return { kind: "note", why: "it answered 413: gateways will send halves from then on" };
      return eachIs(events, answer, ["accepted"]);
    },
  },
  {
    name: "too large",
    asks: "a batch of 1 MiB is answered 413, or taken; the connection is not left hanging",
    async run(door, examples) {
      const answer = await door.post(examples.many(1), { bytes: 1024 * 1024 });
      return answer.status === 413 || isGood(answer) ? OK : wrong(answer.why);
    },
  },
  {
    name: "not JSON",
    asks: "a signed body that is no JSON is answered 400 or 422",
    async run(door) {
      const answer = await door.post([], { body: "<html>" });
      return answer.status === 400 || answer.status === 422 ? OK : wrong(answer.why);
    },
  },
  {
    name: "picture with another digest",
    asks: "bytes whose SHA-256 is not that of the address are refused",
    async run(door, examples) {
      const other = createHash("sha256").update("something else").digest("hex");
      return refused(await door.put(examples.picture().jpeg, { sha256: other }));
    },
  },
  {
    name: "event before its picture",
    asks: "such an event is accepted, or rejected for now (permanent: false), never for good",
    async run(door, examples) {
      const { event } = examples.picture();
      const answer = await door.post([event]);
      const fate = fateOf(event, answer);
      return fate === "refused" || !isGood(answer) ? wrong(`it said ${isGood(answer) ? fate : answer.why}`) : OK;
    },
  },
  {
    name: "a wish to erase",
    asks: "it is accepted, and so is what it means and comes late: that is erased, or not kept, and never refused",
    async run(door, examples) {
      const [late, ...events] = examples.many(3);
      const wish = examples.wish();
      if (late === undefined) return OK;
      const first = eachIs([...events, wish], await door.post([...events, wish]), ["accepted"]);
      return first.kind === "ok" ? eachIs([late], await door.post([late]), ["accepted"]) : first;
    },
  },
  {
    name: "a type of tomorrow",
    asks: "a type that is not known yet does not stop the others: it is accepted, or rejected alone",
    async run(door, examples) {
      const [event, ...others] = examples.many(3);
      const later = { ...event, type: "hedgerow.something.new.v1", dataschema: "urn:hedgerow:schema:something.new.v1" };
      const answer = await door.post([later, ...others]);
      return eachIs(others, answer, ["accepted"]);
    },
  },
];
