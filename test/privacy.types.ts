// What must not compile: the ways around privacy that a tired person might try. `tsc` fails if one of them begins to compile,
// since its @ts-expect-error is then without an error. Nothing here runs. Two ways compile and are stopped elsewhere: a cast of
// an object that has all properties but the #field (oxlint: no type assertions), and JSON.stringify of a frame, which takes
// anything (toJSON() throws: test/privacy/raw-frame.test.ts).
/* oxlint-disable typescript/consistent-type-assertions, typescript/no-unsafe-type-assertion, typescript/no-misused-spread -- shown here not to compile */
import { bytesOfFrame, RawFrame } from "../src/camera/raw-frame.ts";
import type { Disclosed } from "../src/privacy/disclose.ts";
import { Event } from "../src/privacy/disclose.ts";
import { RedactedImage } from "../src/privacy/redact.ts";
import type { Delivery } from "../src/forward/sink.ts";
import type { Reading } from "../src/core/reading.ts";
import type { Spool } from "../src/spool/spool.ts";

declare const frame: RawFrame;
declare const reading: Reading;
declare const event: Event;
declare const image: RedactedImage;
declare const spool: Spool;
declare const disclosed: Disclosed;

export function mustNotCompile(): void {
  // @ts-expect-error -- the spool accepts what privacy minted, not raw pixels
  void spool.append({ make: [{ event, image: { redacted: frame, expiresAtMs: 0 } }] });
  // @ts-expect-error -- nor a raw frame in place of an event
  void spool.append({ make: [{ event: frame }] });
  // @ts-expect-error -- nor a private reading
  void spool.append({ make: [{ event: reading }] });
  // @ts-expect-error -- nor a string that says it is an event
  void spool.append({ make: [{ event: '{"type":"hedgerow.motion.detected.v1"}' }] });
  // @ts-expect-error -- nor an object of the right shape: the #field makes the type nominal
  void spool.append({ make: [{ event: { content: event.content } }] });
  // @ts-expect-error -- nor what disclosure decided, before it is an event
  void spool.append({ make: [{ event: disclosed }] });

  // @ts-expect-error -- an event cannot be made outside privacy/disclose.ts: the constructor is private
  void new Event(event.content);
  // @ts-expect-error -- an image cannot be made outside privacy/redact.ts: the constructor is private
  void new RedactedImage(image.content, frame);
  // @ts-expect-error -- bytes are no image, whatever they hold
  const fromBuffer: RedactedImage = Buffer.alloc(0);
  // @ts-expect-error -- an object of the right shape is no image
  const lookAlike: RedactedImage = { content: image.content, cameraId: "gate", takenAtMs: 0 };
  // @ts-expect-error -- a cast does not make one of bytes (TS2352), as it would with a branded type
  const castImage = Buffer.alloc(0) as RedactedImage;
  // @ts-expect-error -- nor of a frame
  const castFrame = frame as RedactedImage;
  // @ts-expect-error -- nor an event of its content
  const castEvent = { ...event.content } as Event;
  // @ts-expect-error -- a copy by spreading has lost the #field
  const copied: RedactedImage = { ...image };
  // @ts-expect-error -- a subclass could mint: the private constructor forbids it
  class Forged extends RedactedImage {}
  // @ts-expect-error -- nobody writes into a minted image
  image.content.outcome = "empty";
  // @ts-expect-error -- nor exchanges its pixels
  image.content.jpeg = Buffer.alloc(0);

  // @ts-expect-error -- a frame's bytes are a #field: no property leads to them
  void frame.bytes;
  // @ts-expect-error -- and their name cannot be spelled outside the class
  void frame["#bytes"];
  // @ts-expect-error -- an event's content goes through its getter alone and cannot be exchanged
  event.content = { ...event.content };
  // @ts-expect-error -- an object with the same properties is no frame that redact() or the accessor would take
  void bytesOfFrame({ size: 3, cameraId: "gate", takenAtMs: 0 });
  // @ts-expect-error -- a frame owns its buffer: an array buffer or a string is none
  void new RawFrame({ bytes: "pixels", cameraId: "gate", takenAtMs: 0 });

  // @ts-expect-error -- a delivery names no picture that the platform could ask for again
  const delivery: Delivery = { kind: "accepted", image };

  void [fromBuffer, lookAlike, castImage, castFrame, castEvent, copied, Forged, delivery];
}
