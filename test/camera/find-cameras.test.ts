// Cameras that answer in the network: real UDP on loopback, where a responder says what cameras and what strangers say.
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { expect, test } from "vitest";
import { CAMERA_LIMITS } from "../../src/camera/camera-limits.ts";
import { answerOf, findCameras } from "../../src/camera/find-cameras.ts";
import { systemClock } from "../../src/core/clock.ts";

/** As ONVIF cameras write it; `scopes`: what stands between. */
function answer(scopes: string, more = ""): Buffer {
  return Buffer.from(`<?xml version="1.0"?>${more}<SOAP-ENV:Envelope><SOAP-ENV:Body><wsdd:ProbeMatches><wsdd:ProbeMatch>
<wsdd:Types>dn:NetworkVideoTransmitter</wsdd:Types>
<wsdd:Scopes MatchBy="x">${scopes}</wsdd:Scopes>
<wsdd:XAddrs>http://192.168.1.20/onvif/device_service</wsdd:XAddrs></wsdd:ProbeMatch></wsdd:ProbeMatches></SOAP-ENV:Body></SOAP-ENV:Envelope>`);
}

const SCOPES =
  "onvif://www.onvif.org/type/video_encoder onvif://www.onvif.org/name/Front%20door onvif://www.onvif.org/hardware/DS-2CD";

/** Answers each question with these, one after the other. */
async function respond(answers: readonly Buffer[]) {
  const asked: string[] = [];
  const socket = createSocket("udp4");
  socket.on("message", (bytes, { port, address }) => {
    asked.push(bytes.toString("utf8"));
    for (const each of answers) socket.send(each, port, address);
  });
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const find = (stop = new AbortController().signal, waitMs = 300) =>
    findCameras(
      {
        clock: systemClock,
        waitMs,
        to: { host: "127.0.0.1", port: socket.address().port },
        from: ["127.0.0.1"],
        isOfNetwork: (address) => address === "127.0.0.1",
      },
      stop,
    );
  return { asked, find, [Symbol.dispose]: () => void socket.close() };
}

test("a camera that answers is found once, by where its answer came from, with its name and model", async () => {
  using network = await respond([answer(SCOPES), answer(SCOPES)]);
  // Long enough for a busy machine: an answer that comes later is none.
  expect(await network.find(undefined, 1500)).toEqual([{ address: "127.0.0.1", name: "Front door", model: "DS-2CD" }]);
  expect(network.asked[0]).toContain("discovery/Probe");
  expect(network.asked[0]).toContain("NetworkVideoTransmitter");
});

test("what is no answer of a camera finds nothing", async () => {
  const large = Buffer.concat([answer(SCOPES), Buffer.alloc(CAMERA_LIMITS.findAnswerBytes, 32)]);
  using network = await respond([Buffer.from([0xff, 0, 0xfe]), Buffer.from("<a>"), large]);
  expect(await network.find()).toEqual([]);
});

test("an answer from outside the local network is dropped", async () => {
  const socket = createSocket("udp4");
  socket.on("message", (_, { port, address }) => socket.send(answer(SCOPES), port, address));
  socket.bind(0, "127.0.0.1");
  await once(socket, "listening");
  const to = { host: "127.0.0.1", port: socket.address().port };
  // Loopback is none of this network: the program's own rule, which no test replaces here.
  const found = await findCameras(
    { clock: systemClock, waitMs: 300, to, from: ["127.0.0.1"] },
    new AbortController().signal,
  );
  socket.close();
  expect(found).toEqual([]);
});

test("who goes away ends the search, and its socket", async () => {
  using network = await respond([]);
  const stop = new AbortController();
  const finding = network.find(stop.signal, 60_000);
  await expect.poll(() => network.asked.length).toBeGreaterThan(0);
  stop.abort(new Error("gone"));
  await expect(finding).rejects.toThrow("gone");
});

test("a machine without a network, or with an address that is gone, finds nothing", async () => {
  const stop = new AbortController().signal;
  expect(await findCameras({ clock: systemClock, waitMs: 1, from: [] }, stop)).toEqual([]);
  expect(await findCameras({ clock: systemClock, waitMs: 1, from: ["192.0.2.77"] }, stop)).toEqual([]);
});

test.each([
  ["a definition of its own", answer(SCOPES, '<!DOCTYPE a [<!ENTITY b "c">]>')],
  ["an entity", answer(SCOPES, "<!ENTITY b SYSTEM 'file:///etc/passwd'>")],
  ["another's service", Buffer.from("<ProbeMatch><Types>print:Device</Types></ProbeMatch>")],
])("an answer with %s is none of a camera", (_, bytes) => {
  expect(answerOf(bytes)).toBeNull();
});

test.each([
  ["markup and quotes", "onvif://www.onvif.org/name/%3Cb%3E%22x%22", " b  x ".trim()],
  ["characters that cannot be seen or turn the direction", "onvif://www.onvif.org/name/a%E2%80%AEb%00c", "a b c"],
  ["a broken escape", "onvif://www.onvif.org/name/100%", "100%"],
  ["no end", `onvif://www.onvif.org/name/${"n".repeat(500)}`, "n".repeat(CAMERA_LIMITS.foundNameChars)],
])("a name with %s is plain and short", (_, scopes, name) => {
  expect(answerOf(answer(scopes))).toEqual({ name, model: "" });
});
