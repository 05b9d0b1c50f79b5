// The page /api: what programs can ask, who may, with an example of each body and answer and a line to try it. The words of the
// API itself are English for everybody, and marked so.
import type { Language } from "../languages/say.ts";
import { OPERATIONS, type Operation, type Who } from "./api-operations.ts";
import { type Html, html } from "./html.ts";
import { exampleAnswer, groupOf, refusalsOf } from "./openapi.ts";
import { sentence } from "./sentence.ts";

const WHO: Readonly<Record<Who, string>> = {
  anybody: "anybody",
  login: "volunteers and stewards",
  steward: "stewards",
  "here-or-login": "programs on the gateway itself, volunteers and stewards",
};

/** `address`: of the gateway as the reader found it, such as http://192.168.1.5:8080. */
export function apiPage({ address, language }: { readonly address: string; readonly language: Language }): Html {
  const groups = Map.groupBy(OPERATIONS, ({ path }) => groupOf(path));
  const people = { html: html`<a href="/people/tokens">${language.say("api.people-link")}</a>` };
  const file = { html: html`<a href="/api/openapi.json">openapi.json</a>` };
  return html`<h1>${language.say("api.title")}</h1>
<p class="lead">${language.say("api.lead")}</p>
<p>${sentence(language, "api.token", { people })}</p>
<p>${sentence(language, "api.file", { file })}</p>
<div class="api" lang="en" dir="ltr">
<section><h2>How it answers</h2>
<ul>
<li>Bodies are JSON, sent as <code>application/json</code>. Times are ISO 8601 in UTC.</li>
<li>A refusal is <code>{"error": "…"}</code> with a sentence in English, and a status that programs go by: 400 not as described, 401 no login, 403 not yours to do, 404 not there, 405 with the methods that there are, 409 not as things stand, 413 too large, 421 asked under a foreign name, 429 too soon, 503 not now.</li>
<li>A token is sent as <code>authorization: Bearer …</code>. Without one a program logs in as people do, and keeps the cookie:
<pre class="scroll" tabindex="0"><code>${login(address)}</code></pre></li>
<li>Names keep their meaning in <code>/api/v1</code>. Fields and paths may be added: pass over what you do not know.</li>
</ul></section>
<nav aria-label="Groups"><ul class="groups">${[...groups.keys()].map((group) => html`<li><a href="#${group}">${group}</a></li>`)}</ul></nav>
${[...groups].map(([group, operations]) => html`<section id="${group}"><h2>${group}</h2>${operations.map((each) => oneOperation(each, address))}</section>`)}
</div>`;
}

function oneOperation(operation: Operation, address: string): Html {
  const { method, path, who, summary, about, token, query = {}, body, answer } = operation;
  const example = exampleAnswer(operation);
  return html`<article class="card card-text">
<h3>${summary}</h3>
<p class="ask"><code><b>${method}</b> ${path}</code></p>
${about === undefined ? null : html`<p>${about}</p>`}
<dl class="facts-list">
<dt>Who may</dt><dd>${WHO[who]}${token === undefined ? null : html`, and programs with a token for <b>${token}</b>`}</dd>
${Object.entries(query).map(([name, why]) => html`<dt><code>?${name}=</code></dt><dd>${why}</dd>`)}
${[...refusalsOf(operation)].map(([status, why]) => html`<dt>${status}</dt><dd>${why}</dd>`)}
</dl>
<pre class="scroll" tabindex="0"><code>${curl(operation, address)}</code></pre>
${body === undefined || Object.keys(body.example).length === 0 ? null : html`<details><summary>What is sent</summary><pre class="scroll" tabindex="0"><code>${JSON.stringify(body.example, null, 2)}</code></pre></details>`}
${example === null ? ("about" in answer ? html`<p class="muted">Answers <code>${answer.type}</code>: ${answer.about}</p>` : null) : html`<details><summary>What is answered, with made-up values</summary><pre class="scroll" tabindex="0"><code>${example}</code></pre></details>`}
</article>`;
}

function login(address: string): string {
  const asked = `${address}/api/v1/login`;
  return `curl -c login.txt --json '{"user": "steward", "passphrase": "…"}' ${asked}`;
}

/** A line to try it with; `{id}` is for the reader to fill in. */
function curl({ method, path, who, token, body }: Operation, address: string): string {
  const as = who === "anybody" ? "" : token === undefined ? " -b login.txt" : " -H 'authorization: Bearer YOUR-TOKEN'";
  const isEmpty = body === undefined || Object.keys(body.example).length === 0;
  const sent = method === "GET" ? "" : isEmpty ? " -X POST" : ` --json '${JSON.stringify(body.example)}'`;
  const filled = path.replace("{id}", path.includes("camera") ? "gate-cam" : path.includes("sinks") ? "main" : "ID");
  return `curl${as}${sent} ${address}${filled}`;
}
