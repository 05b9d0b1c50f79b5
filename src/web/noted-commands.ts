// Which word of the journal a command of the command line gets that came by the command socket. It says that it was done at the
// box itself: who sits there is known to the machine's own log.
import type { ChangeJournal, JournalWord } from "../core/change-journal.ts";

const WORDS: Readonly<Record<string, JournalWord>> = {
  addUser: "account-added",
  resetUser: "passphrase-renewed",
  removeUser: "account-removed",
  addToken: "token-made",
  removeToken: "token-removed",
  pairDevice: "device-added",
  addBridge: "device-added",
  approve: "device-added",
  renewCredentials: "device-login",
  revoke: "device-login",
  remove: "device-removed",
  pause: "device-paused",
  lookNow: "camera-looked",
  sendNow: "buffer-sent",
  requeue: "buffer-sent",
  rotateKey: "settings-changed",
  erase: "erased",
  addDisclosure: "disclosed",
};

/** Notes a command that was done. Of its arguments only the name of what it was about is kept. */
export function noteCommand(journal: ChangeJournal, { command, args }: { command: string; args?: unknown }): void {
  const what = Object.hasOwn(WORDS, command) ? WORDS[command] : undefined;
  if (what === undefined) return;
  const about = aboutOf(args);
  journal.note({ what, by: null, ...(about !== undefined && { about }) });
}

function aboutOf(args: unknown): string | undefined {
  if (typeof args !== "object" || args === null) return undefined;
  const named = new Map(Object.entries(args));
  return ["user", "id", "name"].map((field): unknown => named.get(field)).find((value) => typeof value === "string");
}
