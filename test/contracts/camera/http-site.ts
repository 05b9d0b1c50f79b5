// HTTP cameras for the contract suite: one picture for a request and MJPEG, behind basic and digest, with TLS and without.
import { readFile } from "node:fs/promises";
import type { HttpCameraDeps } from "../../../src/camera/http-camera.ts";
import { openHttpSnapshotCamera } from "../../../src/camera/http-snapshot.ts";
import { openMjpegCamera } from "../../../src/camera/mjpeg.ts";
import { systemClock } from "../../../src/core/clock.ts";
import { makeCertificates } from "../../helpers/certificates.ts";
import {
  type HttpCameraOptions,
  type HttpCameraServer,
  type HttpIllness,
  serveMjpegCamera,
  serveSnapshotCamera,
} from "../../helpers/http-cameras.ts";
import { tempDir } from "../../helpers/temp-dir.ts";
import { type CameraKind, type Elsewhere, type Illness, makeScene, PASSWORD, USER } from "./harness.ts";

const ILL: Readonly<Partial<Record<Illness, (elsewhere: Elsewhere) => HttpIllness>>> = {
  "never answers": () => ({ kind: "silent" }),
  "hangs in the header": () => ({ kind: "hangs-in-header" }),
  "hangs at byte 10,000": () => ({ kind: "hangs-at-10000" }),
  "sends one byte a second": () => ({ kind: "one-byte-a-second" }),
  "sends a body without end": () => ({ kind: "endless-body" }),
  "sends a header without end": () => ({ kind: "endless-header" }),
  "names a length that is too long": () => ({ kind: "wrong-length", by: 1000 }),
  "redirects thirty times": () => ({ kind: "redirects", to: "/once/more" }),
  "redirects to another host": ({ host, port }) => ({ kind: "redirects", to: `http://${host}:${port}/` }),
  "redirects to loopback": ({ host, port }) => ({ kind: "redirects", to: `http://${host}:${port}/` }),
  "redirects to file://": () => ({ kind: "redirects", to: "file:///etc/passwd" }),
  refuses: () => ({ kind: "refuses" }),
  "is gone in the middle": () => ({ kind: "gone-in-the-middle" }),
  "sends a picture that is too large": () => ({ kind: "too-large" }),
  "sends no picture but text": () => ({ kind: "text" }),
  "sends nothing and ends": () => ({ kind: "ends-at-once" }),
};
const WRONG: Illness = "does not know our password";

const BASIC = { user: USER, password: PASSWORD, scheme: "basic" } as const;
const DIGEST = { user: USER, password: PASSWORD, scheme: "digest", algorithm: "SHA-256" } as const;
const OLD_DIGEST = { ...DIGEST, algorithm: null } as const;

const SNAPSHOTS = [
  kindOf("http-snapshot with basic", openHttpSnapshotCamera, (made) => serveSnapshotCamera({ ...made, login: BASIC })),
  kindOf("http-snapshot with digest", openHttpSnapshotCamera, (made) =>
    serveSnapshotCamera({ ...made, login: DIGEST }),
  ),
  kindOf("http-snapshot with TLS, pinned", openHttpSnapshotCamera, async (made) =>
    serveSnapshotCamera({ ...made, login: DIGEST, tls: await ownCertificate() }),
  ),
];
const STREAMS = [
  kindOf("mjpeg with digest", openMjpegCamera, (made) => serveMjpegCamera({ ...made, login: OLD_DIGEST })),
  kindOf("mjpeg without lengths", openMjpegCamera, (made) =>
    serveMjpegCamera({ ...made, login: BASIC, form: "boundaries" }),
  ),
];

export const httpKinds: readonly CameraKind[] = [...shared(SNAPSHOTS), ...shared(STREAMS)];

/** Forms of one kind share its illnesses between them, each of which takes its bound; with SOAK=1 each has them all. */
function shared(forms: readonly CameraKind[]): readonly CameraKind[] {
  if (process.env["SOAK"] !== undefined) return forms;
  return forms.map((form, nth) => ({
    ...form,
    illnesses: form.illnesses.filter((ill, n) => ill === WRONG || n % forms.length === nth),
  }));
}

function kindOf(
  name: string,
  openIt: (deps: HttpCameraDeps) => ReturnType<typeof openMjpegCamera>,
  serve: (made: HttpCameraOptions) => Promise<HttpCameraServer>,
): CameraKind {
  return {
    name,
    lacks: null,
    illnesses: [...Object.keys(ILL).filter((ill): ill is Illness => ill in ILL), WRONG],
    async openSite() {
      const { jpeg } = await makeScene(0);
      const server = await serve({ picture: jpeg });
      const { url, certSha256 } = server;
      const credentials = `${USER}:${PASSWORD}`;
      return {
        open: async ({ grabMs }) => openIt({ id: "cam", url, credentials, certSha256, clock: systemClock, grabMs }),
        async show(picture) {
          server.relock({ password: PASSWORD });
          server.show(picture);
        },
        async fall(ill, elsewhere) {
          if (ill === WRONG) server.relock({ password: "another" });
          const sick = ILL[ill]?.(elsewhere);
          if (sick !== undefined) server.fall(sick);
        },
        [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
      };
    },
  };
}

async function ownCertificate(): Promise<{ readonly cert: string; readonly key: string }> {
  await using directory = await tempDir();
  const { certFile, keyFile } = await (await makeCertificates(directory.path)).issue("cam", "self");
  return { cert: await readFile(certFile, "utf8"), key: await readFile(keyFile, "utf8") };
}
