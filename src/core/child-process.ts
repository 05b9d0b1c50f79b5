// The one door to child processes: a Node of our own, with nothing of the parent's environment and bounded memory; and
// programs of the system, such as gpiomon.
import { spawn } from "node:child_process";
import { readlinkSync } from "node:fs";
import type { Readable, Writable } from "node:stream";

export type Child = {
  readonly pid: number | undefined;
  readonly input: Writable;
  readonly output: Readable;
  /** Settles once, when the process is gone or could not be started; says how, for a log. Never rejects. */
  readonly ended: Promise<string>;
  /** SIGKILL: a child that hangs in native code hears nothing else. May be called again. */
  kill(): void;
  /** Whether the system keeps it from every network and from this machine's own ports; true only on the kernel's word. */
  isOffline(): boolean;
};

/**
 * The child dies with its parent where setpriv can do that (BusyBox's cannot): else a program would hold on to its device
 * after a `kill -9` of the gateway, and the redactor to a picture.
 */
const LEASH = `
if setpriv --pdeathsig KILL true 2>/dev/null; then exec setpriv --pdeathsig KILL "$@"; fi
exec "$@"`;

const LIMIT = `
ulimit -c 0 || :
ulimit -f 0 || :
ulimit -d "$1" || :
shift`;

/**
 * The limits are set by the shell that becomes the child: no core dump (I1); no byte into any file, be it in /dev/shm or in
 * memory alone (memfd), which native code could do behind Node's back; bounded private memory (RLIMIT_DATA counts what
 * native code allocates too, which Node's own limit does not); a network of its own in which there is nothing, not even a
 * loopback that is up; and the leash, set last, since the kernel forgets it when a process enters a user namespace. A limit
 * that the system does not know is left out: some forbid namespaces to users, and in one not even root reads what only root's
 * privilege opens. `isOffline` tells. Not shut: sockets that are files, and a large file that is there and writable, mapped.
 */
const CONFINE = `${LIMIT}
program=$1
if setpriv --pdeathsig KILL true 2>/dev/null; then set -- setpriv --pdeathsig KILL "$@"; fi
if unshare -Un test -x "$program" 2>/dev/null; then exec unshare -Un "$@"; fi
exec "$@"`;

/**
 * What a child needs not to make one heap per thread and to give memory back, in huge pages where the system has them (a
 * picture's tensors are 200 MB of fresh pages, a quarter of the detector's time); no secret of the parent's environment.
 * VIPS_DISC_THRESHOLD: libvips unpacks a picture of more than 100 MB into a temporary file unless told otherwise, and raw
 * pixels are never written (I1); the memory limit is what bounds it here.
 */
const ENVIRONMENT = {
  PATH: "/usr/bin:/bin",
  MALLOC_ARENA_MAX: "2",
  MALLOC_TRIM_THRESHOLD_: "4194304",
  GLIBC_TUNABLES: "glibc.malloc.hugetlb=1",
  VIPS_DISC_THRESHOLD: "16g",
};

const NODE_OPTIONS = [
  "--max-old-space-size=256",
  // May read files and load native libraries; may write none, start no process and no thread of JavaScript.
  "--permission",
  "--allow-fs-read=*",
  "--allow-addons",
  "--no-warnings",
  // SIGUSR1 would open a debugger's port.
  "--disable-sigusr1",
];

/**
 * Huge pages and a large young generation cost tens of MiB that are used in part; and what waits to be collected is collected
 * when asked for.
 */
const FRUGAL = { environment: { GLIBC_TUNABLES: "" }, options: ["--max-semi-space-size=2", "--expose-gc"] };

/**
 * Starts a script in a confined Node: pipes for input and output, errors to nowhere, since they could carry payloads.
 * `isFrugal`: less memory is worth more than time. `path`: where setpriv and unshare are looked for, as in PATH.
 */
export function startConfined({
  script,
  args = [],
  memoryBytes,
  isFrugal = false,
  path = ENVIRONMENT.PATH,
}: {
  readonly script: string;
  readonly args?: readonly string[];
  readonly memoryBytes: number;
  readonly isFrugal?: boolean;
  readonly path?: string;
}): Child {
  const options = [...NODE_OPTIONS, ...(isFrugal ? FRUGAL.options : [])];
  const command = [process.execPath, ...options, script, ...args];
  const child = spawn("/bin/sh", ["-c", CONFINE, "sh", String(Math.floor(memoryBytes / 1024)), ...command], {
    stdio: ["pipe", "pipe", "ignore"],
    env: { ...ENVIRONMENT, ...(isFrugal && FRUGAL.environment), PATH: path },
  });
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) =>
      resolve(signal === null ? `it ended with code ${code}` : `it was ended by ${signal}`),
    );
  });
  // A write to a child that has just died fails here; `ended` tells the story.
  child.stdin.on("error", () => child.kill("SIGKILL"));
  return {
    pid: child.pid,
    input: child.stdin,
    output: child.stdout,
    ended,
    kill: () => child.kill("SIGKILL"),
    isOffline: () => hasOwnNetwork(child.pid),
  };
}

function hasOwnNetwork(pid: number | undefined): boolean {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`) !== readlinkSync("/proc/self/ns/net");
  } catch {
    // Gone, or no Linux: not known is not proven.
    return false;
  }
}

/** A program of the system. `output`: what it prints. `ended`: as of `Child`, with the last line it complained with. */
export type RunningProgram = Pick<Child, "pid" | "output" | "ended" | "kill">;

/** Characters of a complaint that are kept: a sentence. */
const COMPLAINT_CHARS = 300;

/**
 * Starts a program by its name, with its words as they are. `path`: where it is looked for, as in PATH. `memoryBytes`: of one
 * that holds pixels: it may allocate so much, and leaves no core file (I1). It keeps the network, since a stream comes by it.
 */
export function startProgram({
  command,
  memoryBytes,
  path = ENVIRONMENT.PATH,
}: {
  readonly command: readonly [string, ...string[]];
  readonly memoryBytes?: number;
  readonly path?: string;
}): RunningProgram {
  const limits =
    memoryBytes === undefined ? [LEASH, "sh"] : [LIMIT + LEASH, "sh", String(Math.floor(memoryBytes / 1024))];
  const child = spawn("/bin/sh", ["-c", ...limits, ...command], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: path, LC_ALL: "C" },
  });
  let complaint = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    complaint = (complaint + text).slice(-COMPLAINT_CHARS);
  });
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) => {
      const how = signal === null ? `it ended with code ${code}` : `it was ended by ${signal}`;
      const last = complaint.trim().split("\n").at(-1) ?? "";
      resolve(last === "" ? how : `${how}: ${last}`);
    });
  });
  return { pid: child.pid, output: child.stdout, ended, kill: () => child.kill("SIGKILL") };
}

/** Runs a program to its end, or kills it. Resolves with what it printed; rejects with an Error that says how it ended. */
export async function runProgram({
  timeoutMs,
  outputBytesMax,
  ...start
}: Parameters<typeof startProgram>[0] & {
  readonly timeoutMs: number;
  readonly outputBytesMax: number;
}): Promise<string> {
  const program = startProgram(start);
  const late = setTimeout(() => program.kill(), timeoutMs);
  try {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of program.output) {
      chunks.push(Buffer.from(chunk));
      bytes += chunk.length;
      if (bytes > outputBytesMax) program.kill();
    }
    const how = await program.ended;
    if (how !== "it ended with code 0" && !how.startsWith("it ended with code 0:"))
      throw new Error(`${start.command[0]}: ${how}`);
    return Buffer.concat(chunks).toString("utf8");
  } finally {
    clearTimeout(late);
    program.kill();
  }
}
