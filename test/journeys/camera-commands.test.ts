// A new user sets up two cameras with the command line alone, an RTSP one with a login and an HTTPS one with a certificate of
// its own: what is refused and why, what it takes, the masks; without a gateway and through a running one.
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import sharp from "sharp";
import { expect, test } from "vitest";
import { z } from "zod";
import { addCamera } from "../../src/cli/camera.ts";
import { GatewayError } from "../../src/core/errors.ts";
import { makeCertificates } from "../helpers/certificates.ts";
import { openHouse, type TestHouse } from "../helpers/gateway-process.ts";
import { serveSnapshotCamera } from "../helpers/http-cameras.ts";
import { lacksFfmpeg, serveRtspCamera } from "../helpers/rtsp-server.ts";
import { samplePhotograph } from "../helpers/sample-photographs.ts";

const PASSWORD = "made-up-word-9";
const POLICY = `# agreed in May
version: 1
controller: { name: Test Association, contact: privacy@test.example }
cameras:
  gate-cam:          # over the gate
    purpose: { en: "See whether the gate was left open" }
    until: 2099-06-30   # the last day

  # the porch was agreed on later
  porch-cam: { purpose: { en: "See parcels" }, until: 2099-06-30 }
`;

const Tested = z.object({
  outcome: z.string(),
  detail: z.string().nullable(),
  hint: z.string().nullable(),
  boxes: z.array(z.array(z.number())),
  width: z.number().nullable(),
  ms: z.record(z.string(), z.number()),
  stream: z.unknown(),
});
const Failed = z.object({ code: z.number(), stdout: z.string(), stderr: z.string() });

/** What a command printed and how it ended, whichever it was. */
async function call(house: TestHouse, ...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  try {
    return { code: 0, stdout: await house.hedgerow(...args, "--config", house.config), stderr: "" };
  } catch (thrown) {
    return Failed.parse(thrown);
  }
}

/** The same of `camera mask` and `camera list`, in this process: a program of its own each time costs half a second. */
async function here(
  { config }: TestHouse,
  ...args: string[]
): Promise<{ code: number; stdout: string; stderr: string }> {
  const lines: string[] = [];
  const program = new Command().exitOverride();
  addCamera(program, (line) => void lines.push(line), false);
  try {
    await program.parseAsync([...args, "--config", config], { from: "user" });
    return { code: 0, stdout: lines.join("\n"), stderr: "" };
  } catch (thrown) {
    if (!(thrown instanceof GatewayError)) throw thrown;
    return { code: 1, stdout: lines.join("\n"), stderr: thrown.code };
  }
}

async function tested(house: TestHouse, id: string): Promise<z.infer<typeof Tested>> {
  const { stdout, stderr } = await call(house, "camera", "test", id, "--json");
  expect(stdout + stderr).not.toContain(PASSWORD);
  return Tested.parse(JSON.parse(stdout));
}

/** The sample photograph with faces, 960 wide. */
async function photograph(): Promise<Buffer> {
  return sharp(await samplePhotograph("sample1"))
    .resize(960)
    .jpeg()
    .toBuffer();
}

async function openSite() {
  await using stack = new AsyncDisposableStack();
  const picture = await photograph();
  const rtsp = stack.use(
    await serveRtspCamera({
      picture,
      hasSound: true,
      door: { user: "viewer", password: PASSWORD, schemes: ["SHA-256", "MD5"] },
    }),
  );
  const kit = (https: object): object => ({
    cameras: [
      {
        id: "gate-cam",
        zone: "gate",
        source: { kind: "rtsp", url: rtsp.url, credentialsFile: "gate.cred" },
        schedule: { at: ["03:00"] },
      },
      { id: "porch-cam", name: "Porch", zone: "porch", source: https, schedule: { at: ["03:00"] } },
      { id: "back-cam", zone: "yard", source: { kind: "rtsp", url: rtsp.url }, schedule: { at: ["03:00"] } },
    ],
  });
  const house = stack.use(await openHouse({ kit: kit({ kind: "file", path: "none.jpg" }) }));
  const { certFile, keyFile } = await makeCertificates(house.directory);
  const [cert, key] = await Promise.all([readFile(certFile, "utf8"), readFile(keyFile, "utf8")]);
  const https = stack.use(await serveSnapshotCamera({ picture, tls: { cert, key } }));
  const setHttps = (more: object): Promise<void> =>
    writeFile(
      join(house.directory, "kit.yaml"),
      JSON.stringify(kit({ kind: "http-snapshot", url: https.url, ...more })),
    );
  await setHttps({});
  await writeFile(join(house.directory, "gate.cred"), `viewer:${PASSWORD}\n`, { mode: 0o600 });
  await writeFile(join(house.directory, "policy.yaml"), POLICY);
  const owned = stack.move();
  return { house, rtsp, https, setHttps, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

test.skipIf(lacksFfmpeg !== null)("a new user looks through two cameras and is told each next step", async () => {
  await using site = await openSite();
  const { house, https, rtsp, setHttps } = site;

  // Not in the policy: refused, the lines to agree on printed.
  const refused = await call(house, "camera", "test", "back-cam");
  expect(refused.code).toBe(1);
  expect(refused.stdout).toMatch(/below `cameras:` in .*policy\.yaml:\n\n {2}back-cam:\n {4}purpose: .*\n {6}en: ""\n/);
  expect(refused.stderr).toContain("POLICY_MISSING");
  expect(rtsp.asked).toEqual([]);

  // The RTSP camera: what its stream is, each step, and the redacted picture where it was asked for.
  const out = join(house.directory, "look.jpg");
  const said = await call(house, "camera", "test", "gate-cam", "--out", out);
  expect(said.stdout).toMatch(
    /^camera +gate-cam, rtsp\nstream +h264, 960 x \d+, .*it has sound, which is never asked for$/m,
  );
  expect(said.stdout).toMatch(/^picture +\d+ kB after \d+ ms$/m);
  expect(said.stdout).toMatch(/^detect +\d+ ms$/m);
  expect(said.stdout).toMatch(
    /^result +\d+ places painted over, and a known face put into the picture was found; 960 x \d+$/m,
  );
  expect(said.stdout + said.stderr).not.toContain(PASSWORD);
  expect(await sharp(out).metadata()).toMatchObject({ format: "jpeg", width: 960 });
  expect(rtsp.asked.map(({ uri }) => uri).filter((uri) => uri.endsWith("/sound"))).toEqual([]);

  // The HTTPS camera: its certificate is nobody's; the command says what to write, and then it works.
  const untrusted = await tested(house, "porch-cam");
  expect(untrusted).toMatchObject({ outcome: "withheld", detail: expect.stringContaining("not trusted") });
  const pinned = /certSha256: ([0-9a-f]{64})/.exec(untrusted.hint ?? "")?.[1];
  expect(pinned).toBe(https.certSha256);
  await setHttps({ certSha256: pinned });
  const trusted = await tested(house, "porch-cam");
  expect(trusted).toMatchObject({ outcome: "redacted", width: 960, stream: null });
  expect(trusted.boxes.length).toBeGreaterThan(0);
});

test.skipIf(lacksFfmpeg !== null)("a mask is found on the editor's picture, added, seen and removed", async () => {
  await using site = await openSite();
  const { house } = site;
  const svg = join(house.directory, "gate.svg");
  const corners = "0.5,0.5 1,0.5 1,1 0.5,1";
  const add = ["camera", "mask", "gate-cam", "--add", "neighbour <window>", "--polygon", corners];

  expect((await here(house, "camera", "mask", "gate-cam")).stdout).toContain("--picture gate-cam.svg");
  expect(await call(house, ...add)).toMatchObject({ code: 0, stdout: expect.stringContaining("systemctl restart") });
  const policy = await readFile(join(house.directory, "policy.yaml"), "utf8");
  expect(policy.split("\n").filter((line) => !line.includes("mask") && !line.includes("neighbour"))).toEqual(
    POLICY.split("\n"),
  );
  expect((await here(house, ...add)).stderr).toContain("ALREADY_EXISTS");
  expect((await here(house, "camera", "mask", "gate-cam")).stdout).toMatch(
    /neighbour <window> +25\.0 % +0\.5,0\.5 1,0\.5/,
  );

  expect((await call(house, "camera", "mask", "gate-cam", "--picture", svg)).code).toBe(0);
  const drawn = await readFile(svg, "utf8");
  expect(drawn).toContain("neighbour &lt;window&gt;");
  for (const tenth of [1, 5, 9]) expect(drawn).toContain(`>0.${tenth}</text>`);
  const [, base64 = ""] = /data:image\/jpeg;base64,([A-Za-z0-9+/=]+)"/.exec(drawn) ?? [];
  const jpeg = sharp(Buffer.from(base64, "base64"));
  const { width, height } = await jpeg.metadata();
  const corner = { left: Math.ceil(width * 0.55), top: Math.ceil(height * 0.55), width: 200, height: 100 };
  // stats() looks at what goes in, so the corner is cut out first.
  const masked = await sharp(await jpeg.extract(corner).png().toBuffer()).stats();
  expect(Math.max(...masked.channels.map(({ stdev }) => stdev))).toBeLessThan(2);
  await sharp(Buffer.from(drawn)).png().toBuffer();

  expect((await here(house, "camera", "mask", "gate-cam", "--remove", "neighbour <window>")).code).toBe(0);
  expect((await here(house, "camera", "mask", "gate-cam", "--remove", "neighbour <window>")).stderr).toContain(
    "NOT_FOUND",
  );
  expect(JSON.parse((await here(house, "camera", "mask", "gate-cam", "--json")).stdout)).toEqual([]);
});

test.skipIf(lacksFfmpeg !== null)(
  "through the running gateway a look counts for nothing and keeps nothing",
  async () => {
    await using site = await openSite();
    const { house } = site;
    const before = z.array(z.object({ id: z.string(), state: z.string() }));
    const list = async () => before.parse(JSON.parse((await here(house, "camera", "list", "--json")).stdout));
    expect((await list()).map(({ id, state }) => `${id} ${state}`)).toEqual([
      "gate-cam not-running",
      "porch-cam not-running",
      "back-cam no-policy",
    ]);
    const gateway = await house.start();
    expect((await tested(house, "gate-cam")).outcome).toBe("redacted");
    const refused = await call(house, "camera", "test", "back-cam");
    expect(refused.stdout).toContain("  back-cam:\n");
    const status = JSON.parse((await call(house, "status", "--json")).stdout);
    expect(status).toMatchObject({
      cameras: [{ id: "gate-cam", takenToday: 0, lastSnapshotAt: null }, {}, {}],
      counters: { "camera.tested": 1 },
    });
    expect(Object.keys(status.counters).filter((name) => name.startsWith("snapshot.made"))).toEqual([]);
    const { stdout } = await call(house, "doctor");
    expect(stdout).toMatch(/ok +the gateway runs, since/);
    expect(stdout).toMatch(/ok +port \d+ for MQTT: the gateway listens/);
    expect(stdout).toMatch(/ok +camera gate-cam answers/);
    expect(await gateway.end("SIGTERM")).toBe(0);
  },
);
