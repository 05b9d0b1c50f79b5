// The demo's camera as a program: JPEG snapshots over HTTP with basic authentication, as many a cheap camera has it. The first
// line of standard input is {"port", "user", "password"}; it prints one JSON line when it listens and ends when the input closes.
import { timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { z } from "zod";
import { announce, readInstructions } from "./first-line.ts";
import { openStreetScene } from "./street-scene.ts";

const Config = z.strictObject({
  port: z.int().min(0).max(65_535),
  user: z.string().min(1),
  password: z.string().min(1),
});

const { config, lines } = await readInstructions(Config);
const scene = await openStreetScene();
let served = 0;

const server = createServer((request, response) => {
  answer(request, response).catch((thrown: unknown) => {
    process.stderr.write(`camera: ${String(thrown)}\n`);
    response.destroy();
  });
});
server.listen(config.port, "127.0.0.1");
await once(server, "listening");
const address = server.address();
announce({ camera: `http://127.0.0.1:${typeof address === "object" ? address?.port : config.port}/snapshot.jpg` });

for await (const _line of lines) continue;
server.close();
server.closeAllConnections();

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (!isAllowed(request.headers.authorization)) {
    response.writeHead(401, { "www-authenticate": 'Basic realm="camera"' }).end();
    return;
  }
  if (request.url !== "/snapshot.jpg" || request.method !== "GET") {
    response.writeHead(404).end();
    return;
  }
  const jpeg = await scene(served++);
  response
    .writeHead(200, { "content-type": "image/jpeg", "content-length": jpeg.length, "cache-control": "no-store" })
    .end(jpeg);
}

function isAllowed(authorization: string | undefined): boolean {
  const given = Buffer.from(authorization ?? "");
  const wanted = Buffer.from(`Basic ${Buffer.from(`${config.user}:${config.password}`).toString("base64")}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}
