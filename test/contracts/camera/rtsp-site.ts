// An RTSP camera for the contract suite: a server of our own that a real decoder reads, behind a login with SHA-256 digest.
import { openRtspCamera } from "../../../src/camera/rtsp-camera.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { type Behaviour, lacksFfmpeg, serveRtspCamera } from "../../helpers/rtsp-server.ts";
import { type CameraKind, type Elsewhere, type Illness, makeScene, PASSWORD, USER } from "./harness.ts";

const ILL: Readonly<Partial<Record<Illness, (elsewhere: Elsewhere) => Behaviour>>> = {
  "never answers": () => () => true,
  "hangs in the header": () =>
    before("DESCRIBE", ({ socket }) => socket.write("RTSP/1.0 200 OK\r\nContent-Type: application/s")),
  "hangs at byte 10,000": () =>
    before("playing", ({ socket }) => socket.write(`$\0${String.fromCharCode(0x40, 0)}${"\0".repeat(9996)}`, "latin1")),
  "sends one byte a second": () =>
    before("playing", ({ socket }) => {
      socket.write("$\0\x40\0", "latin1");
      const timer = setInterval(() => socket.write("\0"), 1000);
      socket.once("close", () => clearInterval(timer));
    }),
  "sends a body without end": () =>
    before("DESCRIBE", ({ socket }) =>
      pour(socket, "a=x:y\r\n", "RTSP/1.0 200 OK\r\nCSeq: 2\r\nContent-Length: 999999999\r\n\r\n"),
    ),
  "sends a header without end": () =>
    before("DESCRIBE", ({ socket }) => pour(socket, "X-More: yes\r\n", "RTSP/1.0 200 OK\r\n")),
  "names a length that is too long": () =>
    before("DESCRIBE", ({ say }) => say("200 OK", { "Content-Length": "4000" }, "v=0\r\n")),
  "redirects thirty times": () => before("DESCRIBE", ({ say }, uri) => say("302 Found", { Location: `${uri}1` })),
  "redirects to another host": redirected,
  "redirects to loopback": redirected,
  "redirects to file://": () => before("DESCRIBE", ({ say }) => say("302 Found", { Location: "file:///etc/passwd" })),
  refuses: () => before("OPTIONS", ({ say }) => say("404 Not Found")),
  "does not know our password": () =>
    before("DESCRIBE", ({ socket }) => {
      socket.write('RTSP/1.0 401 Unauthorized\r\nCSeq: 3\r\nWWW-Authenticate: Digest realm="cam", nonce="x"\r\n\r\n');
    }),
  "is gone in the middle": () =>
    before("playing", ({ socket }) => {
      socket.end("$\0\x04\0some of a picture", "latin1");
    }),
  "sends no picture but text": () => before("playing", ({ socket }) => socket.write("<html>no picture</html>")),
  "sends nothing and ends": () => before("connected", ({ socket }) => socket.destroy()),
};

export const rtspKind: CameraKind = {
  name: "rtsp with digest",
  lacks: lacksFfmpeg,
  illnesses: Object.keys(ILL).filter((name): name is Illness => name in ILL),
  async openSite() {
    const scene = await makeScene(0);
    const server = await serveRtspCamera({
      picture: scene.jpeg,
      door: { user: USER, password: PASSWORD, schemes: ["SHA-256", "MD5"] },
    });
    return {
      open: async ({ grabMs }) =>
        openRtspCamera({
          id: "cam",
          url: server.url,
          credentials: `${USER}:${PASSWORD}`,
          clock: systemClock,
          grabMs,
          isWarm: false,
        }),
      show: (picture) => server.show(picture),
      async fall(ill, elsewhere) {
        server.behave(ILL[ill]?.(elsewhere) ?? (() => false));
      },
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  },
};

function redirected({ host, port }: Elsewhere): Behaviour {
  return before("DESCRIBE", ({ say }) => say("302 Found", { Location: `rtsp://${host}:${port}/stream1` }));
}

/** Does this instead, at the first request of a method, or when a client has come or has been told that it plays. */
function before(when: string, act: (at: Parameters<Behaviour>[1], uri: string) => void): Behaviour {
  return (request, at) => {
    const isNow = typeof request === "string" ? request === when : request.method === when;
    if (isNow) act(at, typeof request === "string" ? "" : request.uri);
    return isNow;
  };
}

/** As much as the other end takes, without end. */
function pour(socket: Parameters<Behaviour>[1]["socket"], piece: string, first: string): void {
  const more = piece.repeat(1000);
  socket.write(first);
  const go = (): void => {
    while (!socket.destroyed && socket.write(more)) continue;
  };
  socket.on("drain", go);
  go();
}
