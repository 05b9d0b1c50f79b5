// `hedgerow ledger verify`: whether an exported ledger is whole and genuine, in words that say what that proves and what not.
import type { Command } from "commander";
import { z } from "zod";
import { GatewayError } from "../core/errors.ts";
import { readSmallFile } from "../core/small-file.ts";
import type { Book } from "../ledger/ledger-book.ts";
import { type CheckedExport, checkExport, isPublicKeyText, keyIdOf, type Place } from "../ledger/ledger-check.ts";
import { exportLines } from "../ledger/ledger-export.ts";
import { HeadRecord, isSignedBy, type LedgerHead } from "../ledger/ledger-head.ts";
import { bodyDigest, isPublicKind } from "../ledger/ledger-line.ts";
import { LEDGER_LIMITS } from "../ledger/ledger-limits.ts";
import { callerPath, CONFIG_OPTION } from "./config-file.ts";
import type { WithBook } from "./ledger.ts";
import { linesOf } from "./ledger-lines.ts";
import type { Print } from "./print.ts";

type Options = {
  readonly publicKey?: string;
  readonly against?: string;
  readonly config?: string;
  readonly json?: true;
};

/** As `/api/v1/ledger/head` answers, and a bare head. */
const SavedHead = z.union([HeadRecord, z.object({ head: HeadRecord }).transform(({ head }) => head)]);

export function addVerify(ledger: Command, { print, withBook }: { print: Print; withBook: WithBook }): void {
  ledger
    .command("verify")
    .description("check that no line was changed, taken out or put in; needs no gateway but the file")
    .argument("[file...]", "an exported ledger, or its parts in order; otherwise the gateway's own")
    .option("--public-key <base64>", "the gateway's key as the association tells it; otherwise the one in the file")
    .option("--against <file>", "an older export or a head that you kept: shows that it is the beginning of this one")
    .option(...CONFIG_OPTION)
    .option("--json", "answer as JSON")
    .action(async (files: string[], { publicKey, against, config, json }: Options) => {
      if (publicKey !== undefined && !isPublicKeyText(publicKey))
        throw new GatewayError("USAGE", `${JSON.stringify(publicKey)} is no public key`, {
          hint: "Copy the whole key from hedgerow key show, or from the transparency page.",
        });
      const kept = against === undefined ? null : await keptIn(callerPath(against));
      const asked = { key: publicKey, ...(kept !== null && { place: kept.place }) };
      const parts =
        files.length > 0
          ? await checkedFiles(files.map(callerPath), asked)
          : [await withBook(config, ({ book, ...signer }) => checkedBook(book, signer, asked))];
      const all = joined(parts);
      if (kept !== null) compare(kept, all);
      if (json === true) return print(JSON.stringify(answerOf(all)));
      for (const line of wordsFor(all, { isKeyGiven: publicKey !== undefined, kept })) print(line);
    });
}

type Asked = NonNullable<Parameters<typeof checkExport>[1]>;

async function checkedFiles(paths: readonly string[], asked: Asked): Promise<CheckedExport[]> {
  const parts: CheckedExport[] = [];
  for (const path of paths) parts.push(await checkExport(linesOf(path), asked));
  return parts;
}

/** As a stranger checks it, and then what strangers cannot see: the bodies of private lines. */
async function checkedBook(
  book: Book,
  signer: Parameters<typeof exportLines>[2],
  asked: Asked,
): Promise<CheckedExport> {
  const { number: upTo } = book.tip();
  const checked = await checkExport(withoutEnds(exportLines(book, { after: 0, upTo }, signer)), asked);
  for (let at = checked.from.number; at < upTo; at += LEDGER_LIMITS.rowsAtOnce) {
    for (const { line, body, salt } of book.rowsBetween(at, upTo, LEDGER_LIMITS.rowsAtOnce)) {
      if (isPublicKind(line.kind) || body === null || bodyDigest({ body, salt }) === line.digest) continue;
      throw new GatewayError("LEDGER_INVALID", `line ${line.number} was changed: it says something else`);
    }
  }
  return checked;
}

function* withoutEnds(lines: Iterable<string>): Generator<string, void> {
  for (const line of lines) yield line.slice(0, -1);
}

/** Parts that follow each other, as one. */
function joined(parts: readonly CheckedExport[]): CheckedExport {
  const [first, ...others] = parts;
  if (first === undefined) throw new GatewayError("USAGE", "there is nothing to verify");
  let all = first;
  for (const part of others) {
    if (part.gateway !== all.gateway) throw invalid("the files are of different gateways");
    if (part.from.number !== all.to.number || part.from.link !== all.to.link)
      throw invalid(`a part begins after line ${part.from.number}, which is not where the one before it ends`);
    const kinds = new Map(all.kinds);
    for (const [kind, count] of part.kinds) kinds.set(kind, (kinds.get(kind) ?? 0) + count);
    all = {
      ...part,
      from: all.from,
      kinds,
      withoutBody: all.withoutBody + part.withoutBody,
      proven: Math.max(all.proven, part.proven),
      restarts: [...all.restarts, ...part.restarts],
      heads: [...all.heads, ...part.heads],
      at: all.at ?? part.at,
    };
  }
  return all;
}

/** What somebody kept of before. `head`: where it is a head alone, whose signature is still to be checked. */
type Kept = {
  readonly place: number;
  readonly link: string;
  readonly gateway: string;
  readonly head: LedgerHead | null;
};

async function keptIn(path: string): Promise<Kept> {
  const file = await readSmallFile(path, { bytesMax: LEDGER_LIMITS.headBytes });
  const head = file.kind === "bytes" ? headIn(file.bytes.toString("utf8")) : undefined;
  if (head !== undefined) return { place: head.number, link: head.digest, gateway: head.gateway, head };
  const { to, gateway } = await checkExport(linesOf(path));
  return { place: to.number, link: to.link, gateway, head: null };
}

function headIn(text: string): LedgerHead | undefined {
  try {
    return SavedHead.safeParse(JSON.parse(text)).data;
  } catch {
    // Several lines: an export.
    return undefined;
  }
}

function compare({ place, link, gateway, head }: Kept, all: CheckedExport): void {
  if (gateway !== all.gateway) throw invalid("what you kept is of another gateway");
  if (head !== null && ![all.key, ...all.keys].some((key) => keyIdOf(key) === head.keyId && isSignedBy(head, key)))
    throw invalid("the head that you kept was changed, or signed by another key");
  if (place > all.to.number)
    throw invalid(`this ledger ends at line ${all.to.number}; what you kept reached line ${place}: its end is cut off`);
  if (place < all.from.number)
    throw new GatewayError(
      "USAGE",
      `this file begins after line ${all.from.number}; what you kept ends at line ${place}`,
      {
        hint: "Fetch the ledger from that line on, and name both files.",
      },
    );
  if (all.at !== link)
    throw invalid(`line ${place} is not the one of what you kept: what lies before it was changed since`);
}

function answerOf({ gateway, key, from, to, kinds, withoutBody, proven, restarts, heads }: CheckedExport): object {
  const lines = Object.fromEntries(kinds);
  return {
    gateway,
    key,
    from: placeOf(from),
    to: placeOf(to),
    lines,
    withoutBody,
    proven,
    restarts,
    heads: heads.length,
  };
}

function placeOf({ number, link }: Place): object {
  return { number, digest: link };
}

function wordsFor(
  { gateway, key, from, to, kinds, withoutBody, proven, restarts, heads }: CheckedExport,
  { isKeyGiven, kept }: { isKeyGiven: boolean; kept: Kept | null },
): string[] {
  const days = heads.flatMap(({ day }) => day ?? []);
  const span = `lines ${from.number + 1} to ${to.number}`;
  return [
    to.number === from.number
      ? `The ledger of ${gateway} holds no line here.`
      : `The ledger of ${gateway}, ${span}, is whole: none was changed, taken out or put in.`,
    ...[...kinds].map(([kind, count]) => `  ${kind.padEnd(14)} ${count}`),
    `Its last line is ${to.number}, ${to.link}.`,
    `Signed by the key ${key}${days.length > 0 ? `, last for ${days.at(-1)}` : ""}.`,
    ...(proven < to.number
      ? [
          `That key stands for the lines up to ${proven}. Those after it are signed by another, which it did not announce: ask the association.`,
        ]
      : []),
    ...(isKeyGiven
      ? []
      : ["It is the key that the file itself names: compare it with the one that the association tells you."]),
    ...(from.number > 0 ? [`What stood before line ${from.number + 1} this file does not tell.`] : []),
    ...(withoutBody > 0 ? [`Of ${withoutBody} old lines it is no longer kept what they say.`] : []),
    ...restarts.map((number) => `Line ${number} says that the chain was broken there, and names the last head before.`),
    kept === null
      ? "What came after the last line, and whether there is a second ledger, no file can tell: keep it, and compare the next one with --against."
      : `What you kept, up to line ${kept.place}, is its beginning.`,
  ];
}

function invalid(what: string): GatewayError {
  return new GatewayError("LEDGER_INVALID", what);
}
