// The receiver's page: what has arrived, for people who watch the demo. No script; it reloads itself.
import { html } from "hono/html";
import type { CloudEvent, Picture, PlatformStore } from "./platform-store.ts";

/** A page of the latest events and pictures; everything that came from outside is escaped by `html`. */
export function platformPage(of: {
  store: PlatformStore;
  refused: ReadonlyMap<string, number>;
  isAway: boolean;
  nowMs: number;
}) {
  const { store, isAway, nowMs } = of;
  const { events, duplicates, conflicts, snapshots } = store.stats();
  const refused = [...of.refused.values()].reduce((sum, n) => sum + n, 0);
  const figures = Object.entries({
    Events: events,
    Pictures: snapshots,
    Repeats: duplicates,
    Conflicts: conflicts,
    Refused: refused,
  });
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="refresh" content="3" />
        <title>Community platform</title>
        <link rel="stylesheet" href="/style.css" />
      </head>
      <body>
        <header>
          <h1>Community platform</h1>
          <p>The reference receiver: each request's ed25519 signature is checked, each event is kept once.</p>
          <p class="${isAway ? "badge away" : "badge"}">${isAway ? "Away: answers 503" : "Receiving"}</p>
        </header>
        <main>
          <dl>
            ${figures.map(([name, n]) => html`<div><dt>${name}</dt><dd>${n}</dd></div>`)}
          </dl>
          <h2>Redacted pictures</h2>
          <div class="pictures">${pictures(store)}</div>
          <h2>Latest events</h2>
          ${table(store)}
        </main>
        <footer>Loaded ${new Date(nowMs).toISOString()}; reloads every 3 seconds.</footer>
      </body>
    </html>`;
}

function pictures(store: PlatformStore) {
  const latest = store.pictures().slice(-6).toReversed();
  if (latest.length === 0) return html`<p>None yet.</p>`;
  return latest.map(
    ({ sha256, jpeg }: Picture) => html`<figure>
      <a href="/v1/snapshots/${sha256}"><img src="/v1/snapshots/${sha256}" alt="A redacted picture" loading="lazy" /></a>
      <figcaption>${sha256.slice(0, 12)}… · ${Math.round(jpeg.length / 1024)} KiB</figcaption>
    </figure>`,
  );
}

function table(store: PlatformStore) {
  const latest = store.events().slice(-40).toReversed();
  if (latest.length === 0) return html`<p>None yet.</p>`;
  return html`<div class="scroll">
    <table>
      <thead>
        <tr><th scope="col">No.</th><th scope="col">Time</th><th scope="col">What</th><th scope="col">Who</th><th scope="col">Details</th></tr>
      </thead>
      <tbody>
        ${latest.map(row)}
      </tbody>
    </table>
  </div>`;
}

function row(event: CloudEvent) {
  const { receipt: _receipt, clock: _clock, sha256: _sha256, ...details } = event.data;
  return html`<tr>
    <td>${Number(event.sequence)}</td>
    <td><time datetime="${event.time}">${event.time.slice(0, 19).replace("T", " ")}</time></td>
    <td>${event.type.replace(/^hedgerow\.|\.v1$/g, "")}</td>
    <td>${event.subject.slice(0, 18)}</td>
    <td><code>${JSON.stringify(details).slice(0, 240)}</code></td>
  </tr>`;
}

export const STYLE = `
:root { color-scheme: light dark; --ink: #16241c; --paper: #f7f9f6; --card: #fff; --line: #d5ded6; --leaf: #1f6b3f; --alarm: #a3341f; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eee8; --paper: #111814; --card: #1a231d; --line: #2e3b33; --leaf: #7fcf9d; --alarm: #f0937f; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem clamp(1rem, 4vw, 3rem); max-width: 76rem; font: 1rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
h1 { margin: 0; font-size: 1.6rem; } h2 { margin: 2rem 0 .75rem; font-size: 1.15rem; } header p { margin: .25rem 0; }
.badge { display: inline-block; padding: .1rem .7rem; border: 2px solid var(--leaf); border-radius: 1rem; color: var(--leaf); font-weight: 600; }
.badge.away { border-color: var(--alarm); color: var(--alarm); }
dl { display: flex; flex-wrap: wrap; gap: .75rem; margin: 1.5rem 0 0; }
dl div { flex: 1 1 7rem; padding: .75rem 1rem; background: var(--card); border: 1px solid var(--line); border-radius: .6rem; }
dt { font-size: .85rem; } dd { margin: 0; font-size: 1.7rem; font-weight: 650; font-variant-numeric: tabular-nums; }
.pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: 1rem; }
figure { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: .6rem; overflow: hidden; }
img { display: block; width: 100%; aspect-ratio: 16 / 9; object-fit: cover; } figcaption { padding: .4rem .75rem; font-size: .85rem; }
.scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: .6rem; }
table { width: 100%; border-collapse: collapse; font-size: .9rem; } th, td { padding: .45rem .75rem; text-align: left; border-bottom: 1px solid var(--line); white-space: nowrap; }
td:last-child { white-space: normal; overflow-wrap: anywhere; } code { font-size: .82rem; } footer { margin: 2rem 0 0; font-size: .85rem; }
`;
