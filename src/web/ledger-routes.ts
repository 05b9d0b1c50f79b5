// The ledger for anybody: its newest head, and its lines as a file to keep and to check (ledger/ledger-export.ts). It is told as
// far as the rest of what is public (transparency.ts): where single movements are not, up to the last midnight of the site.
import { setImmediate as yieldToOthers } from "node:timers/promises";
import type { Hono } from "hono";
import { type AppDeps, sayNo, type Sentence, type WebEnv } from "./answers.ts";
import { LOCAL_LEDGER } from "./ledger-limits.ts";

const TOO_MANY: Sentence = {
  status: 503,
  title: "One moment",
  sentence: "Others are fetching the ledger just now. Please try again in a minute.",
};
const NO_NUMBER: Sentence = { status: 400, title: "Not like this", sentence: "Write ?after= and a number." };

export function addLedger(app: Hono<WebEnv>, deps: AppDeps): void {
  const { transparency, settings } = deps;
  let open = 0;
  app.get("/api/v1/ledger/head", (c) => {
    const { publicKey } = transparency.view();
    return c.json({ publicKey, head: transparency.ledger.head() });
  });
  app.get("/transparency/ledger.jsonl", (c) => {
    const after = c.req.query("after") ?? "0";
    if (!/^\d{1,12}$/.test(after)) return sayNo(c, deps, NO_NUMBER);
    const last = transparency.ledger.upTo();
    const upTo = Math.min(Number(after) + LOCAL_LEDGER.linesAtOnce, last);
    c.header("content-type", "application/jsonl; charset=utf-8");
    c.header("content-disposition", `attachment; filename="ledger-${settings.gateway.id}.jsonl"`);
    if (upTo < last) c.header("link", `</transparency/ledger.jsonl?after=${upTo}>; rel="next"`);
    if (c.req.method === "HEAD") return c.body(null);
    if (open >= LOCAL_LEDGER.exportsAtOnce) return sayNo(c, deps, TOO_MANY);
    open++;
    const lines = transparency.ledger.exported({ after: Number(after), upTo });
    return c.body(streamOf(lines, () => open--));
  });
}

/** Reads on as the other end takes it; `ended` is called once, also when that end goes away or takes too long. */
function streamOf(lines: Generator<string, void>, ended: () => void): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let isOver = false;
  let late: NodeJS.Timeout | undefined;
  const end = (): void => {
    if (isOver) return;
    isOver = true;
    clearTimeout(late);
    lines.return();
    ended();
  };
  return new ReadableStream<Uint8Array>({
    start(controller) {
      late = setTimeout(() => {
        end();
        controller.error(new Error("the ledger was not fetched in time"));
      }, LOCAL_LEDGER.exportMs).unref();
    },
    async pull(controller) {
      // A fast reader would have the whole ledger in one go, and sensors would wait for their acknowledgements.
      await yieldToOthers();
      if (isOver) return;
      let text = "";
      while (text.length < LOCAL_LEDGER.chunkChars) {
        const { value, done } = lines.next();
        if (done === true) break;
        text += value;
      }
      if (text !== "") return controller.enqueue(encoder.encode(text));
      end();
      controller.close();
    },
    cancel: end,
  });
}
