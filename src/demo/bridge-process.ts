// The demo's Zigbee bridge before anybody gave it a login, as a program: a small page as such a bridge has, on which one types the
// user name and the password that the gateway's page shows; then it speaks for its three sensors. The first line of standard input
// is {"port", "broker"}; a later line `motion` makes somebody walk through the gate. It prints one JSON line when it listens.
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { html } from "hono/html";
import { z } from "zod";
import { announce, readInstructions } from "./first-line.ts";
import { STYLE } from "./platform-page.ts";
import { openSimulatedZigbee, type SimulatedZigbee } from "./simulated-zigbee.ts";

const Config = z.strictObject({ port: z.int().min(0).max(65_535), broker: z.url({ protocol: /^mqtts?$/ }) });
const FORM_BYTES = 4096;

const { config, lines } = await readInstructions(Config);
type Speaking = { readonly zigbee: SimulatedZigbee; readonly stop: AbortController; readonly user: string };
const bridge: { speaking: Speaking | null; turn: Promise<unknown> } = { speaking: null, turn: Promise.resolve() };

const server = createServer((request, response) => {
  answer(request, response).catch((thrown: unknown) => {
    process.stderr.write(`bridge: ${String(thrown)}\n`);
    response.destroy();
  });
});
server.listen(config.port, "127.0.0.1");
server.on("error", (thrown) => {
  announce({ failed: "code" in thrown ? thrown.code : thrown.message });
  process.exit(1);
});
await once(server, "listening");
const address = server.address();
announce({ bridge: `http://127.0.0.1:${typeof address === "object" ? address?.port : config.port}/` });

for await (const line of lines) if (line.trim() === "motion") bridge.speaking?.zigbee.walkThroughGate();
server.close();
server.closeAllConnections();
await end();

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url === "/style.css") return void response.writeHead(200, { "content-type": "text/css" }).end(STYLE);
  if (request.method === "POST") {
    const form = new URLSearchParams(await bodyOf(request));
    bridge.turn = bridge.turn.then(() =>
      begin({ username: form.get("user") ?? "", password: form.get("password") ?? "" }),
    );
    await bridge.turn;
    return void response.writeHead(303, { location: "/" }).end();
  }
  const headers = {
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": "default-src 'none'; style-src 'self'; form-action 'self'",
  };
  response.writeHead(200, headers).end(String(await page()));
}

async function begin(login: { readonly username: string; readonly password: string }): Promise<void> {
  await end();
  const stop = new AbortController();
  const zigbee = openSimulatedZigbee({ broker: config.broker, login }, stop.signal);
  bridge.speaking = { zigbee, stop, user: login.username };
}

async function end(): Promise<void> {
  const last = bridge.speaking;
  bridge.speaking = null;
  last?.stop.abort();
  await last?.zigbee[Symbol.asyncDispose]();
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) {
    parts.push(Buffer.from(part));
    if (Buffer.concat(parts).length > FORM_BYTES) throw new Error("the form is too long");
  }
  return Buffer.concat(parts).toString("utf8");
}

function page() {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Zigbee bridge (simulated)</title>
        <link rel="stylesheet" href="/style.css" />
      </head>
      <body>
        <header>
          <h1>Zigbee bridge (simulated)</h1>
          <p>It speaks for two motion sensors and a light sensor, below the topic <code>zigbee2mqtt</code>, once it has a login.</p>
          <p>Server: <code>${config.broker}</code></p>
        </header>
        <main>
          ${bridge.speaking === null ? html`<p>It has no login yet.</p>` : html`<p role="status">It speaks as <code>${bridge.speaking.user}</code>.</p>`}
          <form method="post">
            <p><label>User name<br /><input name="user" required autocomplete="off" /></label></p>
            <p><label>Password<br /><input name="password" required autocomplete="off" /></label></p>
            <button>Save</button>
          </form>
        </main>
      </body>
    </html>`;
}
