// The local command socket: how a command on this machine acts while the gateway runs. One line of JSON there, one back.
// Whoever may enter dataDir (mode 0700) may command: there is no password on it, and no way to it from the network.
import { once } from "node:events";
import { chmod, rm } from "node:fs/promises";
import { createServer, connect as connectSocket, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { ZodError } from "zod";
import type { ChangeJournal } from "../core/change-journal.ts";
import type { Commands, Credentials } from "../core/commands.ts";
import { ERROR_CODES, type ErrorCode, GatewayError, messageOf, systemCodeOf } from "../core/errors.ts";
import { LIMITS } from "../core/limits.ts";
import type { Log } from "../core/log.ts";
import { noteCommand } from "./noted-commands.ts";
import type { PairingLinks } from "./pairing-links.ts";
import { addressIn, SOCKET_NAME } from "./local-address.ts";
import { boundsOf } from "./local-limits.ts";
import { type Answer, type Ask, type CommandName, parseAnswer, perform, Reply, Request } from "./local-protocol.ts";

/** `links`: logins made here get a one-time link, which ends with them; without it they get none. `journal`: where what was done is noted. */
type Deps = {
  readonly dataDir: string;
  readonly commands: Commands;
  readonly log: Log;
  readonly links?: Pick<PairingLinks, "make" | "forget">;
  readonly journal?: ChangeJournal;
};

/**
 * Opens `dataDir/command.sock`, mode 0600. A file left by a gateway that died is replaced; throws DATA_DIR_LOCKED when one
 * answers there, DATA_DIR_UNUSABLE when the socket cannot be made. Ends on `stop` or dispose.
 */
export async function openLocalSocket(
  { dataDir, commands: plain, log, links, journal }: Deps,
  stop: AbortSignal,
): Promise<AsyncDisposable> {
  const commands = links === undefined ? plain : withLinks(plain, links);
  const address = await addressIn(dataDir);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", (cause) => log.debug({ cause: messageOf(cause) }, "command socket broke off"));
    socket.setTimeout(LIMITS.commandMs, () => socket.destroy());
    void serve(socket, { commands, log, journal });
  });
  server.maxConnections = LIMITS.commandClients;
  try {
    await removeStale(address.path, dataDir);
    server.listen(address.path);
    await once(server, "listening");
    await chmod(address.path, 0o600);
  } catch (cause) {
    await address.end();
    if (cause instanceof GatewayError) throw cause;
    throw new GatewayError("DATA_DIR_UNUSABLE", `cannot open ${join(dataDir, SOCKET_NAME)}: ${messageOf(cause)}`, {
      cause,
    });
  }
  const close = async (): Promise<void> => {
    await end(server, sockets);
    await address.end();
  };
  let closed: Promise<void> | undefined;
  const closeOnce = () => (closed ??= close());
  stop.addEventListener("abort", () => void closeOnce(), { once: true });
  return { [Symbol.asyncDispose]: closeOnce };
}

/**
 * Asks the gateway that runs on this data directory. Null when none runs. Throws the GatewayError that the command threw
 * there, USAGE for arguments it refuses, INTERNAL when it does not answer within its bound (local-limits.ts), DATA_DIR_UNUSABLE when
 * this user may not enter the directory.
 */
export async function callGateway<N extends CommandName>(
  dataDir: string,
  command: N,
  args: Ask<N>,
): Promise<Answer<N> | null> {
  const address = await addressIn(dataDir).catch((cause: unknown) => {
    if (systemCodeOf(cause) === "ENOENT") return null;
    throw closedOr(cause, dataDir);
  });
  if (address === null) return null;
  try {
    const socket = await connect(address.path).catch((cause: unknown) => {
      throw closedOr(cause, dataDir);
    });
    if (socket === null) return null;
    const reply = await converse(socket, JSON.stringify({ command, args }), boundsOf(command));
    if (!reply.ok) throw new GatewayError(codeOf(reply.code), reply.message, { hint: reply.hint });
    return parseAnswer(command, reply.answer);
  } finally {
    await address.end();
  }
}

function withLinks(commands: Commands, links: Pick<PairingLinks, "make" | "forget">): Commands {
  const linked = (kind: "device" | "bridge", credentials: Credentials): Credentials => ({
    ...credentials,
    link: links.make({ kind, credentials, owner: null }).link,
  });
  return {
    ...commands,
    pairDevice: async (ask) => linked("device", await commands.pairDevice(ask)),
    replaceDevice: async (ask) => {
      const made = await commands.replaceDevice(ask);
      // What announced itself is set up already.
      return "proposal" in ask ? made : linked("device", made);
    },
    addBridge: async (ask) => linked("bridge", await commands.addBridge(ask)),
    renewCredentials: async (ask) => {
      const credentials = await commands.renewCredentials(ask);
      // A camera's login is typed into its own page, on a computer.
      return ask.kind === "camera" ? credentials : linked(ask.kind, credentials);
    },
    revoke: async (ask) => {
      await commands.revoke(ask);
      if (ask.kind !== "camera") links.forget({ kind: ask.kind, id: ask.id });
    },
    remove: async (ask) => {
      await commands.remove(ask);
      links.forget(ask);
    },
  };
}

type Serving = { readonly commands: Commands; readonly log: Log; readonly journal: ChangeJournal | undefined };

async function serve(socket: Socket, { commands, log, journal }: Serving): Promise<void> {
  const line = await readLine(socket, LIMITS.commandBytes);
  if (line === null || socket.destroyed) return;
  // Whoever hung up waits for nothing any more: a camera need not be asked for them.
  const gone = new AbortController();
  socket.on("close", () => gone.abort());
  const reply = await replyTo(line, { commands, socket, journal, stop: gone.signal });
  if (socket.destroyed) return;
  if (!reply.ok && reply.code === "INTERNAL") log.error({ cause: reply.message }, "a command failed");
  socket.end(`${JSON.stringify(reply)}\n`);
}

async function replyTo(
  line: string,
  { commands, socket, journal, stop }: Omit<Serving, "log"> & { socket: Socket; stop: AbortSignal },
): Promise<Reply> {
  try {
    const request = Request.parse(JSON.parse(line));
    socket.setTimeout(boundsOf(request.command).ms);
    const answer = await perform(commands, request, stop);
    if (answer === undefined) return refusal("USAGE", "the running gateway does not know this command");
    if (journal !== undefined) noteCommand(journal, request);
    return { ok: true, answer };
  } catch (thrown) {
    if (thrown instanceof GatewayError)
      return { ok: false, code: thrown.code, message: thrown.message, hint: thrown.hint };
    if (thrown instanceof ZodError || thrown instanceof SyntaxError)
      return refusal("USAGE", "the running gateway does not understand these arguments");
    return refusal("INTERNAL", messageOf(thrown));
  }
}

function refusal(code: ErrorCode, message: string): Reply {
  return { ok: false, code, message, hint: ERROR_CODES[code] };
}

async function converse(
  socket: Socket,
  line: string,
  { ms, answerBytes }: ReturnType<typeof boundsOf>,
): Promise<Reply> {
  try {
    socket.setTimeout(ms, () => socket.destroy());
    socket.write(`${line}\n`);
    const answer = await readLine(socket, answerBytes);
    const reply = Reply.safeParse(answer === null ? null : JSON.parse(answer));
    if (reply.success) return reply.data;
    throw new GatewayError("INTERNAL", "the running gateway did not answer the command", {
      hint: "Try again; if this repeats, restart the gateway.",
    });
  } finally {
    socket.destroy();
  }
}

/** One line of at most so many bytes, or null when the other end closes, breaks off, is too slow or says too much. */
function readLine(socket: Socket, bytesMax: number): Promise<string | null> {
  const { promise, resolve } = Promise.withResolvers<string | null>();
  const parts: string[] = [];
  let length = 0;
  socket.setEncoding("utf8");
  socket.on("data", (part: string) => {
    // Only the new part is searched: a picture comes in hundreds of them.
    const at = part.indexOf("\n");
    parts.push(at >= 0 ? part.slice(0, at) : part);
    length += part.length;
    if (at >= 0) resolve(parts.join(""));
    else if (length > bytesMax) socket.destroy();
  });
  socket.on("close", () => resolve(null));
  socket.on("end", () => resolve(null));
  return promise;
}

/** A connection, or null when nobody listens. */
async function connect(path: string): Promise<Socket | null> {
  const socket = connectSocket(path);
  try {
    await once(socket, "connect", { signal: AbortSignal.timeout(LIMITS.commandMs) });
    socket.on("error", () => socket.destroy());
    return socket;
  } catch (thrown) {
    socket.destroy();
    const code = systemCodeOf(thrown);
    if (code === "ENOENT" || code === "ECONNREFUSED") return null;
    throw thrown;
  }
}

/** An error for a person when this user may not enter the directory; else the cause itself. */
function closedOr(cause: unknown, dataDir: string): unknown {
  const code = systemCodeOf(cause);
  if (code !== "EACCES" && code !== "EPERM") return cause;
  return new GatewayError("DATA_DIR_UNUSABLE", `this user may not enter the gateway's data directory ${dataDir}`, {
    hint: "Use sudo: sudo hedgerow, and the rest as before.",
    cause,
  });
}

async function removeStale(path: string, dataDir: string): Promise<void> {
  const other = await connect(path);
  if (other !== null) {
    other.destroy();
    throw new GatewayError("DATA_DIR_LOCKED", `another gateway answers on ${join(dataDir, SOCKET_NAME)}`);
  }
  await rm(path, { force: true });
}

async function end(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, "close");
  server.close();
  for (const socket of sockets) socket.destroy();
  await closed;
}

function codeOf(code: string): ErrorCode {
  return Object.keys(ERROR_CODES).find((each): each is ErrorCode => each === code) ?? "INTERNAL";
}
