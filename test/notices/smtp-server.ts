// A mail server on loopback for the tests of messages: the real protocol (npm smtp-server), with what goes wrong in the world.
import { once } from "node:events";
import { readFile } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { SMTPServer } from "smtp-server";

export type Taken = {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: string;
  readonly user: string | null;
  readonly isEncrypted: boolean;
  /** As it called itself. */
  readonly hello: string;
};

export type MailServer = AsyncDisposable & {
  readonly port: number;
  readonly taken: readonly Taken[];
  /** Resolves with the next message that is taken. */
  next(): Promise<Taken>;
};

type Manner = {
  readonly certificate: { readonly certFile: string; readonly keyFile: string };
  /** The one login that is let in; without it none is asked for. */
  readonly login?: { readonly user: string; readonly password: string };
  /** Answers to recipients: code and words by address, taken where there are none. */
  readonly refuse?: Readonly<Record<string, readonly [code: number, words: string]>>;
  readonly isSecure?: boolean;
  readonly hidesStartTls?: boolean;
  /** So many first recipients are told to come again later. */
  readonly greylisted?: number;
};

export async function openMailServer(manner: Manner): Promise<MailServer> {
  const { login, refuse = {}, certificate, isSecure = false, hidesStartTls = false } = manner;
  const taken: Taken[] = [];
  let waiting = Promise.withResolvers<Taken>();
  let grey = manner.greylisted ?? 0;
  const server = new SMTPServer({
    secure: isSecure,
    key: await readFile(certificate.keyFile),
    cert: await readFile(certificate.certFile),
    authOptional: login === undefined,
    disabledCommands: [...(login === undefined ? ["AUTH"] : []), ...(hidesStartTls ? ["STARTTLS"] : [])],
    allowInsecureAuth: true,
    closeTimeout: 100,
    logger: false,
    onAuth({ username, password }, _session, done) {
      if (username === login?.user && password === login?.password) done(null, { user: username });
      else done(refusal(535, "5.7.8 wrong user name or passphrase"));
    },
    onRcptTo({ address }, _session, done) {
      const refused = refuse[address];
      if (grey > 0) {
        grey -= 1;
        done(refusal(451, "4.7.1 greylisted, come again"));
      } else done(refused === undefined ? null : refusal(...refused));
    },
    onData(stream, session, done) {
      const parts: Buffer[] = [];
      stream.on("data", (part: Buffer) => parts.push(part));
      stream.on("end", () => {
        const { mailFrom, rcptTo } = session.envelope;
        const message: Taken = {
          from: mailFrom === false ? "" : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          raw: Buffer.concat(parts).toString("utf8"),
          user: typeof session.user === "string" ? session.user : null,
          isEncrypted: session.secure,
          hello: session.hostNameAppearsAs,
        };
        taken.push(message);
        waiting.resolve(message);
        waiting = Promise.withResolvers();
        done();
      });
    },
  });
  // A client that hangs up in the middle of TLS is part of what is tested.
  server.on("error", () => undefined);
  const listening = server.listen(0, "127.0.0.1");
  await once(listening, "listening");
  return {
    port: portOf(listening),
    taken,
    next: () => waiting.promise,
    [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(resolve)),
  };
}

/** A port behind which something else than mail happens. `serve`: what it does with each connection. */
export async function openOddPort(
  serve: (socket: Socket) => void,
): Promise<AsyncDisposable & { readonly port: number }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    serve(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: portOf(server),
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

/** The library reads the code from the error. */
function refusal(responseCode: number, words: string): Error {
  return Object.assign(new Error(words), { responseCode });
}

function portOf(server: Pick<Server, "address">): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return address.port;
}
