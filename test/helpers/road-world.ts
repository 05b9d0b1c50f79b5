// The road of the model: the real spool on a real disk and a real pump for each sink, between a clock that a test moves and
// platforms that outlive every crash. A crash is a copy of the files at that moment; what was open on them is abandoned.
import { cpSync, existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Board } from "../../src/core/board.ts";
import { silentLog } from "../../src/core/log.ts";
import { openPump, type Pump } from "../../src/forward/pump.ts";
import type { RedactedImage } from "../../src/privacy/redact.ts";
import type { Spool } from "../../src/spool/spool.ts";
import { fakeTime } from "./fake-time.ts";
import { armFault, disarmFaults } from "./faulty-sqlite.ts";
import { RoadBook } from "./road-book.ts";
import { RoadHands } from "./road-hands.ts";
import { RoadPlatform } from "./road-platform.ts";
import { SINKS, type SinkId, type Step } from "./road-steps.ts";
import { openTestSpool } from "./test-spool.ts";

const HOUR_MS = 3_600_000;
const RESERVE_BYTES = 16_384;
/** What a step may take that waits for the disk; on a full one it would wait for ever. */
const PATIENCE_MS = 25;

/** One process's worth of open things. */
type House = { isAlive: boolean; readonly spool: Spool; readonly pumps: ReadonlyMap<string, Pump> };

export class RoadWorld {
  readonly #root: string;
  readonly #time = fakeTime();
  readonly #hands: RoadHands;
  readonly #platforms = new Map(SINKS.map((id) => [id, new RoadPlatform(id)] as const));
  readonly #waits = new Set<{ readonly dueMs: number; readonly resolve: () => void }>();
  readonly #abandoned: Promise<unknown>[] = [];
  readonly #book: RoadBook;
  #copies = 0;
  #freeBytes = RESERVE_BYTES;
  #house: House | null = null;

  /** `root`: an empty folder. `fresh`: a data directory as a first start leaves it. `images`: pictures to choose from. */
  constructor({ root, fresh, images }: { root: string; fresh: string; images: readonly RedactedImage[] }) {
    this.#root = root;
    const { clock } = this.#time;
    this.#book = new RoadBook(this.#platforms, clock);
    this.#hands = new RoadHands({ spool: () => this.#now.spool, images, book: this.#book, clock });
    copyFiles(fresh, this.#dataDir);
  }

  get #dataDir(): string {
    return join(this.#root, String(this.#copies));
  }

  get #now(): House {
    if (this.#house === null) throw new Error("the house is not open");
    return this.#house;
  }

  async open(sinkIds: readonly SinkId[]): Promise<void> {
    if (existsSync(join(this.#dataDir, "images.gone"))) this.#setPictures(true);
    this.#book.opens(this.#dataDir, sinkIds);
    const { clock } = this.#time;
    const freeBytes = async () => this.#freeBytes;
    const how = { sinkIds, clock, reserveFreeBytes: RESERVE_BYTES, freeBytes };
    // A fault may meet the start, too; the next one finds the disk well.
    const spool = await openTestSpool(this.#dataDir, how).catch(() => openTestSpool(this.#dataDir, how));
    const pumps = new Map<string, Pump>();
    const house: House = { isAlive: true, spool, pumps };
    for (const id of sinkIds) {
      const sink = this.#platforms.get(id)?.sink({
        offered: (entries) => this.#book.offered(id, entries),
        isAlive: () => house.isAlive,
      });
      if (sink === undefined) throw new Error("unreachable");
      const wait = (ms: number, signal: AbortSignal) => this.#wait(ms, signal);
      const needs = { spool, sink, clock, board: new Board(), log: silentLog, random: () => 0.5, wait };
      pumps.set(id, openPump({ ...needs, limits: { pumpStopMs: 1 } }, new AbortController().signal));
    }
    this.#house = house;
    this.#book.opened(this.#dataDir);
  }

  async take(step: Step): Promise<void> {
    const house = this.#now;
    const { spool, pumps } = house;
    switch (step.do) {
      case "append":
        await this.#patiently(
          this.#hands.append(step, () => house.isAlive),
          step.awaits,
        );
        break;
      case "manner":
        this.#platforms.get(step.sink)?.behave(step.manner);
        break;
      case "resume":
        pumps.get(step.sink)?.resume();
        break;
      case "pass":
        this.#pass(step.minutes * 60_000);
        break;
      case "set":
        this.#book.clockSet();
        this.#time.set(step.minutes * 60_000);
        break;
      case "housekeeping":
        await this.#patiently(this.#hands.keepHouse(), step.awaits);
        break;
      case "evict":
        await this.#patiently(this.#hands.erase(step.every), true);
        break;
      case "tighten": {
        const ms = step.hours * HOUR_MS;
        const onDisk = this.#book.onDisk();
        this.#book.tightens(ms);
        const shortened = spool.shortenRetention({ eventsMs: ms, picturesMs: { cam: ms } });
        const tightened = shortened.then(() => house.isAlive && this.#book.tightened(ms, onDisk));
        await this.#patiently(tightened, true);
        break;
      }
      case "room":
        this.#freeBytes = step.isThere ? RESERVE_BYTES : 0;
        await this.#patiently(spool.lookAtDisk(), true);
        break;
      case "fault":
        this.#arm(step);
        break;
      case "pictures":
        this.#setPictures(step.areWritable);
        break;
      case "turn":
        await turn(step.turns);
        break;
      case "crash":
        await turn(step.turns);
        await this.#crash(step.sinks);
        break;
      case "restart":
        await this.#restart(step.sinks);
        break;
    }
    // The gateway ends when its disk has refused a write, and its supervisor starts it anew.
    if (this.#now.spool.condition() === "failed") await this.#restart([...this.#now.pumps.keys()].filter(isSinkId));
    this.#book.check();
  }

  /** Heals everything, sends all that waits to every sink, and gives what does not add up, in sentences. */
  async finish(): Promise<readonly string[]> {
    disarmFaults(this.#dataDir);
    this.#setPictures(true);
    this.#freeBytes = RESERVE_BYTES;
    for (const platform of this.#platforms.values()) platform.behave("accept");
    await this.#restart([...SINKS]);
    for (let tries = 0; this.#book.waiting() > 0 && tries < 400; tries++) {
      await this.#patiently(this.#hands.keepHouse(), true);
      for (const pump of this.#now.pumps.values()) pump.resume();
      this.#pass(1000);
      await sleep(2);
    }
    this.#book.check();
    return this.#book.verdict();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#house !== null) this.#abandon(this.#house);
    this.#house = null;
    await Promise.all(this.#abandoned);
    this.#book.close();
  }

  /** A disk that refuses says so to its caller; here it is what happens next that counts. */
  async #patiently(work: Promise<unknown>, awaits: boolean): Promise<void> {
    const done = work.catch(() => undefined);
    this.#abandoned.push(done);
    if (awaits) await Promise.race([done, sleep(PATIENCE_MS)]);
  }

  #arm({ fault, statements }: Step & { do: "fault" }): void {
    const dataDir = this.#dataDir;
    // What a program writes after a refused fsync without opening anew is not on the disk, whatever it is told (fsyncgate).
    const onFailed = () => copyFiles(dataDir, `${dataDir}.at-fault`);
    armFault(dataDir, { fault, statements, onFailed });
  }

  /** From here on nothing of the old house is believed: not its acknowledgements, and not what it would still send. */
  async #crash(sinkIds: readonly SinkId[]): Promise<void> {
    const house = this.#now;
    house.isAlive = false;
    const from = this.#dataDir;
    this.#copies++;
    disarmFaults(from);
    copyFiles(existsSync(`${from}.at-fault`) ? `${from}.at-fault` : from, this.#dataDir);
    this.#abandon(house);
    await this.open(sinkIds);
  }

  async #restart(sinkIds: readonly SinkId[]): Promise<void> {
    const house = this.#now;
    await this.#close(house);
    house.isAlive = false;
    rmSync(`${this.#dataDir}.at-fault`, { recursive: true, force: true });
    await this.open(sinkIds);
  }

  /** Pumps first, as in the gateway; one that waits for a full disk ends with the spool. */
  async #close({ spool, pumps }: House): Promise<void> {
    const closing = Promise.all([...pumps.values()].map((pump) => pump[Symbol.asyncDispose]()));
    await Promise.race([closing, sleep(PATIENCE_MS)]);
    await spool[Symbol.asyncDispose]();
    await closing;
  }

  #abandon(house: House): void {
    house.isAlive = false;
    this.#abandoned.push(this.#close(house).catch(() => undefined));
  }

  #wait(ms: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      this.#waits.add({ dueMs: this.#time.clock.monotonicMs() + ms, resolve });
      signal.addEventListener("abort", () => resolve(), { once: true });
    });
  }

  #pass(ms: number): void {
    this.#time.pass(ms);
    for (const wait of this.#waits) {
      if (wait.dueMs > this.#time.clock.monotonicMs()) continue;
      this.#waits.delete(wait);
      wait.resolve();
    }
  }

  #setPictures(areWritable: boolean): void {
    const [there, gone] = [join(this.#dataDir, "images"), join(this.#dataDir, "images.gone")];
    if (areWritable === existsSync(gone)) renameSync(areWritable ? gone : there, areWritable ? there : gone);
  }
}

/** As a crash leaves them: the shared memory of SQLite does not outlive its processes. */
function copyFiles(from: string, to: string): void {
  cpSync(from, to, { recursive: true, filter: (path) => !path.endsWith("-shm") });
}

function isSinkId(id: string): id is SinkId {
  return SINKS.some((each) => each === id);
}

/** Turns of the event loop, with everything that is due in each. */
async function turn(turns: number): Promise<void> {
  for (let n = 0; n < turns; n++) await new Promise((resolve) => setImmediate(resolve));
}
