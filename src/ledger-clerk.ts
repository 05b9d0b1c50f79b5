// The ledger's clerk: carries over what spool.db notes for the ledger, about once a second and at the end, and has it say who
// the policy and the recipients are. The ledger first, then the spool forgets: a crash between the two finds the note again, and
// the ledger knows that it has it. So no line is lost and none stands twice.
import { setTimeout as sleep } from "node:timers/promises";
import type { Board } from "./core/board.ts";
import { messageOf } from "./core/errors.ts";
import type { Log } from "./core/log.ts";
import type { Ledger } from "./ledger/ledger.ts";
import { LEDGER_LIMITS } from "./ledger/ledger-limits.ts";
import type { Spool } from "./spool/spool.ts";

const TICK_MS = 1000;

/** `policySha256`: of the policy in force, `moved`: its rules against the last one, where that is known. `recipients`: the platforms that data goes to. `tickMs`, `notesWaiting`: smaller in tests. */
type Deps = {
  readonly ledger: Pick<Ledger, "notePolicy" | "noteRecipients" | "noteErased" | "carry" | "turn">;
  readonly spool: Pick<Spool, "ledgerNotes" | "told" | "counters">;
  readonly policySha256: string;
  readonly moved?: { readonly tighter: number; readonly looser: number } | null;
  readonly recipients: readonly object[];
  readonly board: Board;
  readonly log: Log;
  readonly tickMs?: number;
  readonly notesWaiting?: number;
};

export type LedgerClerk = AsyncDisposable & {
  /** Why the ledger cannot be written, in words for a log; null while it can. */
  trouble(): string | null;
};

/** Has done one round when it resolves: a changed policy stands in the ledger before anything is sent under it. */
export async function openLedgerClerk(deps: Deps, stop: AbortSignal): Promise<LedgerClerk> {
  const closing = new AbortController();
  const clerk = new Clerk(deps, AbortSignal.any([closing.signal, stop]));
  await clerk.round();
  const running = clerk.run();
  return {
    trouble: () => clerk.trouble,
    async [Symbol.asyncDispose]() {
      closing.abort();
      await running;
      await clerk.round();
    },
  };
}

class Clerk {
  trouble: string | null = null;
  readonly #deps: Deps;
  readonly #stop: AbortSignal;
  /** Still on its way to the disk: on a full one it waits. */
  #telling: Promise<void> | null = null;

  constructor(deps: Deps, stop: AbortSignal) {
    this.#deps = deps;
    this.#stop = stop;
  }

  async run(): Promise<void> {
    const { tickMs = TICK_MS } = this.#deps;
    while (!this.#stop.aborted) {
      await sleep(tickMs, undefined, { signal: this.#stop }).catch(() => undefined); // aborted: the loop ends
      if (!this.#stop.aborted) await this.round();
    }
  }

  async round(): Promise<void> {
    const { ledger, spool, policySha256, moved = null, recipients, log } = this.#deps;
    try {
      ledger.notePolicy(policySha256, moved);
      ledger.noteRecipients(recipients);
      ledger.noteErased(spool.counters()["picture.erased"] ?? 0);
      this.#carry();
      await ledger.turn();
      if (this.trouble !== null) log.info("the ledger can be written again");
      this.trouble = null;
    } catch (cause) {
      if (this.trouble === null) log.error({ cause: messageOf(cause) }, "the ledger cannot be written; notes wait");
      this.trouble = messageOf(cause);
      this.#giveWay();
    }
  }

  /** All that waits, unless what was carried is still being forgotten: then it is offered again, and would be again. */
  #carry(): void {
    const { ledger, spool, board, log } = this.#deps;
    if (this.#telling !== null) return;
    const notes = spool.ledgerNotes(LEDGER_LIMITS.notesAtOnce);
    const last = notes.at(-1);
    if (last === undefined) return;
    const unknown = ledger.carry(notes);
    if (unknown.length > 0) {
      board.count("ledger.note-refused", unknown.length);
      log.error(
        { kinds: [...new Set(unknown.map(({ kind }) => kind))] },
        "notes of kinds that the ledger does not know",
      );
    }
    this.#tell(last.number);
  }

  #tell(upTo: number): void {
    const { spool, log } = this.#deps;
    this.#telling = spool
      .told(upTo)
      .catch((cause: unknown) => log.warn({ cause: messageOf(cause) }, "notes are offered to the ledger once more"))
      .finally(() => {
        this.#telling = null;
      });
  }

  /** While the ledger refuses, what waits is bounded: the oldest go, counted. */
  #giveWay(): void {
    const { spool, board, notesWaiting = LEDGER_LIMITS.notesWaiting } = this.#deps;
    if (this.#telling !== null) return;
    const notes = spool.ledgerNotes(notesWaiting + LEDGER_LIMITS.notesAtOnce);
    const last = notes.at(notes.length - notesWaiting - 1);
    if (notes.length <= notesWaiting || last === undefined) return;
    board.count("ledger.note-lost", notes.length - notesWaiting);
    this.#tell(last.number);
  }
}
