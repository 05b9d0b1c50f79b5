// Scripts of tests that must be processes of their own, and end with the test.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";

export type Forked<T> = AsyncDisposable & {
  readonly child: ChildProcess;
  /** What it said first. */
  readonly first: T;
  /** Sends it a message and waits for its answer. */
  ask(message?: "look" | "collect"): Promise<T>;
};

/** Starts a script, able to collect its garbage when it wants to, that sends one message when it is ready, and one for each that it is sent. */
export async function forkScript<T>(script: URL, ...args: string[]): Promise<Forked<T>> {
  const child = fork(script, args, { execArgv: ["--expose-gc"], stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const isGone = once(child, "exit").then(([code]) => {
    throw new Error(`${script.pathname} ended with ${String(code)}`);
  });
  isGone.catch(() => undefined);
  const next = async (): Promise<T> => {
    const [message] = await Promise.race([once(child, "message"), isGone]);
    return message;
  };
  return {
    child,
    first: await next(),
    async ask(message = "look") {
      const answer = next();
      child.send(message);
      return answer;
    },
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exit = once(child, "exit");
      child.kill("SIGKILL");
      await exit;
    },
  };
}
