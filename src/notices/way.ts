// One way by which a message reaches people: the port that mail.ts and push.ts implement.
import type { NoticeFailure, NoticeWayKind, TroubleGroup } from "../core/notices-commands.ts";

/** `id`: the same for the same message, whatever way and however often it is tried. `page`: where the local page is found; null where nobody said. */
export type Message = {
  readonly id: string;
  readonly atMs: number;
  readonly what: "needs-a-hand" | "all-well" | "test";
  readonly troubles: readonly TroubleGroup[];
  readonly subject: string;
  readonly text: string;
  readonly page: string | null;
};

/** `isSent`: a server took it, if only for some of its readers; then `failure` says what of the others. */
export type Handed = { readonly isSent: boolean; readonly failure: NoticeFailure | null };

export type Way = {
  /** Stable while its address stays, and safe to show. */
  readonly id: string;
  readonly kind: NoticeWayKind;
  readonly host: string;
  /** Tries once, within its own bound. One call at a time. Throws nothing for what a network, a server or a file does. */
  send(message: Message, stop: AbortSignal): Promise<Handed>;
};

export function failed(failure: NoticeFailure): Handed {
  return { isSent: false, failure };
}
