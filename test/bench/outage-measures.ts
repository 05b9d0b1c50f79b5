// What the outage benchmark reads of processes and directories, and how it sums up waits.
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { connectAsync } from "mqtt";

/** Bytes that a process has caused to be sent to the disk (proc(5), io, write_bytes). */
export async function writtenBytes(pid: number | undefined): Promise<number> {
  return Number(/^write_bytes: (\d+)/m.exec(await readFile(`/proc/${pid}/io`, "utf8"))?.[1] ?? Number.NaN);
}

/** The most memory a process has had resident, in MiB (proc(5), VmHWM in KiB). */
export async function peakMiB(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  return Math.round(Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
}

/** Bytes of files in a directory whose names match; 0 where there is none. */
export async function bytesIn(directory: string, name = /.*/): Promise<number> {
  const names = await readdir(directory).catch(() => []);
  const sizes = names.filter((each) => name.test(each)).map(async (each) => (await stat(join(directory, each))).size);
  return (await Promise.all(sizes)).reduce((sum, bytes) => sum + bytes, 0);
}

export const rounded = (n: number, digits = 1): number => Math.round(n * 10 ** digits) / 10 ** digits;

export function percentiles(waits: readonly number[]) {
  const sorted = waits.toSorted((a, b) => a - b);
  const at = (share: number) => rounded(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  return { count: sorted.length, p50Ms: at(0.5), p99Ms: at(0.99), maxMs: at(1) };
}

export type Live = {
  /** The message of this number has arrived. */
  arrived(number: number): void;
  /** Sends no more, waits for what is under way (a minute at most), and sums up; `missing`: what never arrived. */
  end(): Promise<ReturnType<typeof percentiles> & { readonly missing: number }>;
};

/** A sensor that reports numbers from 1 at a steady pace during the drain; what becomes of each is timed from its publish. */
export async function sendLive(to: {
  readonly port: number;
  readonly topic: string;
  readonly username?: string;
  readonly password?: string;
  readonly perSecond: number;
}): Promise<Live> {
  const { port, topic, perSecond, ...login } = to;
  const client = await connectAsync(`mqtt://127.0.0.1:${port}`, { clientId: "live", ...login });
  const sentAt = new Map<number, number>();
  const waits: number[] = [];
  let newest = 0;
  let allArrived = (): void => undefined;
  const send = () => {
    sentAt.set(++newest, performance.now());
    client.publish(topic, JSON.stringify({ illuminance: newest, battery: 90 }), { qos: 1 });
  };
  const timer = setInterval(send, 1000 / perSecond);
  return {
    arrived(number) {
      const at = sentAt.get(number);
      if (at !== undefined) waits.push(performance.now() - at);
      sentAt.delete(number);
      if (sentAt.size === 0) allArrived();
    },
    async end() {
      clearInterval(timer);
      const rest = new Promise<void>((resolve) => {
        allArrived = resolve;
        if (sentAt.size === 0) resolve();
      });
      await Promise.race([rest, new Promise((resolve) => setTimeout(resolve, 60_000).unref())]);
      client.end(true);
      return { ...percentiles(waits), missing: sentAt.size };
    },
  };
}
