// What holds the house together: imports, doors, dead files, banned words, docs. Every rule bites on a planted breach.
import { posix } from "node:path";
import { expect, test } from "vitest";
import { parseSource, parseTree, readTree, type SourceFile, type Tree } from "./helpers/source-tree.ts";

/** Rooms, and what each may import beside itself: a room or one file of it, `:types` if only its types; * is everything. */
const ROOMS: Readonly<Record<string, string>> = {
  core: "",
  profiles: "core",
  settings: "core profiles",
  registry: "core settings/schema.ts settings/kit-schema.ts settings/camera-schema.ts",
  languages: "core",
  policy: "core languages settings/schema.ts",
  normalise: "core settings/schema.ts:types",
  ingest: "core registry settings/schema.ts:types",
  camera: "core settings/schema.ts:types settings/camera-schema.ts:types",
  privacy: "core settings/schema.ts:types camera/raw-frame.ts",
  ledger: "core privacy:types",
  history: "core spool:types",
  spool: "core privacy:types privacy/disclose.ts privacy/redact.ts ledger", // asks the minted classes at run time too
  forward: "core spool settings/schema.ts:types settings/platform-schema.ts:types",
  notices: "core languages settings/schema.ts:types",
  web: "core settings registry profiles languages policy spool:types ledger:types",
  cli: "*",
  demo: "*",
};
/** The files above the rooms; no room but cli and demo imports them. */
const HALL = `main gateway gateway-commands housekeeping policy-change eviction tombstones event-road event-maker
  event-batch snapshot-road camera-kit camera-lane camera-watch camera-commands approvals device-changes lamps
  platforms ledger-clerk disk-wait conservation-watch policy-in-force erasing erasure-wish erasure-holdings
  erasure-telling disclosure-log cameras camera-trials noticing site reopening kit-lookup examining`.split(/\s+/);

/** Outside things and who may load them (first match counts): a file; a room, that is one file of it; `room/*`, any. */
const DOORS: readonly (readonly [RegExp, string])[] = [
  [/^aedes/, "ingest"],
  [/^mqtt$/, "ingest forward demo/*"],
  [/^(onoff|epoll)$/, "ingest/gpio-onoff.ts"],
  [/^node:child_process$/, "core/child-process.ts demo"],
  [/^sharp$/, "privacy demo/*"],
  [/^ffmpeg$/, "camera"],
  [/^(onnxruntime-|@tensorflow)/, "privacy"],
  [/^node:sqlite$/, "core/database.ts"],
  [/^(undici|node:dgram)$/, "core/http-client.ts camera/find-cameras.ts"],
  [/^(@hono\/node-server|ws$|node:https?$|node:http2)/, "web ingest demo/*"],
  [/^hono/, "web/* demo/*"],
  [/^node:(net|tls|dns)\b/, "ingest web/* core/peer-check.ts camera/rtsp-sockets.ts demo/*"],
  [/^(lowdb|intl-messageformat)/, "registry languages"],
  [/^yaml$/, "core/yaml.ts"],
  [/^uqr$/, "core/qr.ts"],
  [/^nodemailer/, "notices/mail.ts"],
  [/^suncalc$/, "normalise"],
  [/^(@peculiar\/x509|reflect-metadata)$/, "web"],
  [/^pino/, "core/log.ts"],
  [/^(commander|cli-progress)$/, "main.ts cli/*"],
  [/^node:(?!(buffer|crypto|events|fs|os|path|process|readline|stream|timers|url|util|zlib)(\/|$))/, "none demo/*"],
];

/** Banned: under which path :: pattern (`raw`: comments and strings too) :: but not where the path holds :: write instead */
const WORDS = String.raw`
src/  :: \bbytesOfFrame\b :: src/privacy/ src/camera/raw-frame.ts :: nothing: raw pixels are read in src/privacy alone (I1)
src/  :: \bas\s+(any|unknown)\b :: :: parse at the edge, and the type follows
src/  :: \bconsole\. :: src/main.ts src/cli/ src/demo/ :: core/log.ts, or a count on the board
src/  :: \b(Date|performance)\.now\(|\bnew Date\(\) :: src/core/clock.ts src/demo/ :: clock.nowMs(), with the Clock as an argument
src/  :: \bMath\.random\( :: src/demo/ :: randomness as an argument
src/  :: \bcatch\s*(\([^)]*\))?\s*\{\s*\} :: :: decide, count it, or let it rise
src/  :: raw \.catch\(\s*\(\w*\)\s*=>\s*(\{\s*\}|undefined|null)\s*\)(?!.*// \S) :: :: decide, or say after // who hears of it
src/  :: (?<!\bclear\w+\([\s\S]*)\bset(Interval|Timeout)\((?![\s\S]*(clear\1\(|signal|unref\()) :: :: a clear or unref too: what is started is stopped
src/  :: \bprocess\.exit\( :: src/main.ts src/cli/run.ts -child.ts -process.ts :: process.exitCode, and close what is open
src/  :: \bprocess\.env\b :: src/main.ts src/cli/ src/demo/ src/settings/ src/core/child-process.ts :: an argument
src/  :: (?<![.\w])fetch\(|\bnew (WebSocket|EventSource)\( :: src/core/http-client.ts src/demo/ :: core/http-client.ts
src/  :: \b(writeFile|appendFile)(Sync)?\(|\bcreateWriteStream\( :: src/core/durable-file.ts src/cli/ src/demo/ :: writeDurably
src/  :: \brequire\(|\bcreateRequire\b|\bgetBuiltinModule\b :: src/demo/ :: import
src/  :: \bimport(\.meta\.resolve)?\((?!\s*") :: :: the path in quotes, so that this test can follow it
src/  :: \bexport \* :: :: no barrel: import from the file that has it
      :: raw \b(TODO|FIXME|XXX|HACK)\b(?!\([^)]{8,}\)) :: test/house :: TODO(the reason it waits), or do it
      :: raw (oxlint|eslint)-disable(?!.* -- .)|biome-ignore|@ts-(ignore|nocheck|expect-error) :: test/house test/privacy.types.ts :: the cure, or the reason after " -- "
test/ :: \b(test|it|describe)\.only\( :: :: all of them; run one with -t
test/ :: \bvi\.(mock|doMock|hoisted|stubGlobal)\( :: :: a fake made by hand and passed in
test/ :: raw "node:timers/promises" :: test/house journeys/ contracts/ helpers/ bench/ fuzz/ soak :: a wait for the event, not for time
`
  .trim()
  .split("\n")
  .map((row) => {
    const [under = "", pattern = "", but = "", instead = ""] = row.split("::").map((cell) => cell.trim());
    const isRaw = pattern.startsWith("raw ");
    return { under, isRaw, pattern: new RegExp(pattern.slice(isRaw ? 4 : 0), "g"), but: but.split(" "), instead };
  });

/** A breach reads `path:line what to do`. */
const RULES: Readonly<Record<string, (files: readonly SourceFile[], tree: Tree) => string[]>> = {
  room: (files) =>
    inSource(files).flatMap(({ path }) => {
      const isListed = Object.hasOwn(ROOMS, roomOf(path)) || HALL.includes(roomOf(path).replace(".ts", ""));
      const isNamed = !/[^a-z0-9./-]|[/-](utils?|helpers?|managers?|data|common|misc|index)(\.ts|\/)/.test(path);
      return [
        ...(isListed ? [] : [`${path}:1 no such room; the rooms stand in src/README.md`]),
        ...(isNamed ? [] : [`${path}:1 name it in kebab-case, after what it holds`]),
      ];
    }),
  table: (files) =>
    inSource(files).flatMap((file) =>
      file.imports
        .filter(({ from, isType }) => from.startsWith("src/") && !mayImport(file.path, from, isType))
        .map(({ from, at }) => `${place(file, at)} ${roomOf(file.path)} may not import ${from}`),
    ),
  door: (files) => {
    const opened = new Map<string, string>();
    return inSource(files).flatMap((file) =>
      file.imports.flatMap(({ from, isType, at }) => {
        const doors = DOORS.find(([thing]) => thing.test(from))?.[1];
        if (doors === undefined || isType) return []; // a type loads nothing
        const path = file.path.slice("src/".length);
        const door =
          doors.split(" ").find((each) => each === path || each.split("/")[0] === roomOf(file.path)) ?? "none";
        if (door === path || door.endsWith("/*")) return [];
        const first = (door !== "none" && opened.get(`${doors}: ${door}`)) || path;
        opened.set(`${doors}: ${door}`, first);
        if (door !== "none" && !door.includes("/") && first === path) return [];
        return [`${place(file, at)} ${from} has one door: ${first === path ? doors : first}`];
      }),
    );
  },
  dead: (files, tree) => {
    const byPath = new Map(files.map((file) => [file.path, file]));
    const leads = (from: string): string[] => [...tree.keys()].filter((path) => posix.matchesGlob(path, from));
    const reached = new Set(["src/main.ts"]);
    for (const path of reached)
      for (const { from } of byPath.get(path)?.imports ?? []) for (const to of leads(from)) reached.add(to);
    return [...tree.keys()]
      .filter((path) => path.startsWith("src/") && !path.endsWith("README.md") && tree.has("src/main.ts"))
      .filter((path) => !reached.has(path))
      .map((path) => `${path}:1 nothing leads here from src/main.ts: use it or delete it`);
  },

  shape: (files) =>
    files.flatMap(({ path, text }) => [
      ...(text.trimEnd().split("\n").length > 250 ? [`${path}:251 over 250 lines: split by reason to open it`] : []),
      ...(/^(#!.*\n)?\/\/ \S/.test(text) ? [] : [`${path}:1 begin with a sentence of why one opens this file`]),
    ]),

  word: (files) =>
    files.flatMap((file) =>
      WORDS.filter(
        ({ under, but }) => file.path.startsWith(under) && !but.some((at) => at && file.path.includes(at)),
      ).flatMap(({ isRaw, pattern, instead }) => {
        const hits = (isRaw ? file.text : file.code).matchAll(pattern);
        const said = (hit: RegExpExecArray): string => `instead of ${hit[0].slice(0, 20)} write: ${instead}`;
        return Array.from(hits, (hit) => `${place(file, hit.index)} ${said(hit)}`);
      }),
    ),

  errors: (files, tree) => {
    const codes = [...(tree.get("src/core/errors.ts") ?? "").matchAll(/^ {2}([A-Z_]+):\s+"(.*)",$/gm)];
    const rows = codes.map(([, code, remedy]) => `| \`${code}\` | ${remedy} |`);
    const written: readonly string[] = (tree.get("README.md") ?? "").match(/^\| `[A-Z_]+` \|.*$/gm) ?? [];
    const used = inSource(files).filter(({ path }) => path !== "src/core/errors.ts");
    return [
      ...rows.filter((row) => !written.includes(row)).map((row) => `README.md:1 the error table lacks ${row}`),
      ...written.filter((row) => !rows.includes(row)).map((row) => `README.md:1 core/errors.ts does not say ${row}`),
      ...codes
        .filter(([, code]) => !used.some(({ text }) => text.includes(`"${code}"`)))
        .map(([, code]) => `src/core/errors.ts:1 nobody throws ${code}`),
    ];
  },

  docs: (files, tree) => {
    const words = (text: string, form: RegExp): string[] => Array.from(text.matchAll(form), (match) => match[1] ?? "");
    const listed = new Set(words(tree.get("README.md") ?? "", /^\| `hedgerow ([a-z]+)/gm));
    const cli = files.filter(({ path }) => path.startsWith("src/cli/"));
    const commands = new Set(cli.flatMap(({ text }) => words(text, /\bprogram\s*\.command\("([a-z]+)/g)));
    const map = tree.get("src/README.md");
    const named = [...Object.keys(ROOMS).map((room) => `${room}/`), ...HALL.map((name) => `${name}.ts`)];
    const readme = tree.get("README.md") ?? "    npm ci && npm run demo \n    test/run ";
    return [
      ...named.filter((name) => map?.includes(`\`${name}\``) === false).map((name) => `src/README.md:1 lacks ${name}`),
      ...((map?.trimEnd().split("\n").length ?? 0) > 120 ? ["src/README.md:121 over 120 lines"] : []),
      ...["npm ci && npm run demo", "test/run"]
        .filter((command) => !readme.includes(`    ${command} `))
        .map((command) => `README.md:1 lacks the command ${command}`),
      ...[...commands].filter((word) => !listed.has(word)).map((word) => `README.md:1 lacks hedgerow ${word}`),
      ...[...listed].filter((word) => !commands.has(word)).map((word) => `README.md:1 nobody adds hedgerow ${word}`),
      ...[...tree].filter(([path]) => path.endsWith(".md")).flatMap(([path, text]) => brokenLinks(tree, path, text)),
    ];
  },
};

test("the house keeps its rules", () => {
  const tree = readTree(posix.join(import.meta.dirname, ".."));
  const rooms = new Set([...tree.keys()].filter((path) => path.startsWith("src/")).map(roomOf));
  const missing = [...Object.keys(ROOMS), ...HALL.map((name) => `${name}.ts`)].filter((room) => !rooms.has(room));
  expect(missing, "rooms without a file").toEqual([]);
  expect([...tree.keys()].filter((path) => path.endsWith(".ts")).length, "files found").toBeGreaterThan(60);
  expect(breachesOf(tree)).toEqual([]);
});

const planted = [...readTree(posix.join(import.meta.dirname, "fixtures/house"))];

test.each(planted)("a planted breach is found: %s", (_, text) => {
  const [expected = "", ...trees] = text.split(/^(?==== )/m);
  const found = breachesOf(parseTree(trees.join(""))).map((breach) => breach.split(" ", 2).join(" "));
  expect(found).toEqual(expected.trim().split("\n").filter(Boolean).toSorted());
});

test("every rule, every banned word and every door has its planted breach", () => {
  expect(new Set(planted.map(([path]) => path.split(".")[0]))).toEqual(new Set([...Object.keys(RULES), "none"]));
  const files = planted.flatMap(([, text]) => [...parseTree(text)]).map((file) => parseSource(...file));
  const isHit = (pattern: RegExp, isRaw: boolean): boolean =>
    files.some(({ text, code }) => (isRaw ? text : code).search(pattern) >= 0);
  expect(WORDS.filter(({ pattern, isRaw }) => !isHit(pattern, isRaw))).toEqual([]);
  const imported = new Set(files.flatMap(({ imports }) => imports.map(({ from }) => from)));
  expect(DOORS.filter(([thing]) => ![...imported].some((from) => thing.test(from)))).toEqual([]);
});

/** All breaches of a tree, each with the name of its rule before it, sorted. */
function breachesOf(tree: Tree): string[] {
  const files = [...tree].filter(([path]) => path.endsWith(".ts")).map(([path, text]) => parseSource(path, text));
  const found = Object.entries(RULES).flatMap(([name, rule]) => rule(files, tree).map((breach) => `${name} ${breach}`));
  return found.toSorted();
}

function inSource(files: readonly SourceFile[]): SourceFile[] {
  return files.filter(({ path }) => path.startsWith("src/"));
}

/** `src/spool/spool.ts` → spool; `src/main.ts` → main.ts. */
function roomOf(path: string): string {
  return path.split("/")[1] ?? "";
}

function mayImport(path: string, from: string, isType: boolean): boolean {
  const entries = ROOMS[roomOf(path)] ?? "*";
  if (entries === "*" || roomOf(from) === roomOf(path)) return true;
  return entries.split(" ").some((entry) => {
    const [what = "", types] = entry.split(":");
    return (types === undefined || isType) && (what === roomOf(from) || `src/${what}` === from);
  });
}

function place({ path, text }: SourceFile, at: number): string {
  return `${path}:${text.slice(0, at).split("\n").length}`;
}

function brokenLinks(tree: Tree, path: string, text: string): string[] {
  const links = [...text.matchAll(/\]\(([^)#\s]+)|(?:src|srcset)="([^"]+)"/g)].map((link) => link[1] ?? link[2] ?? "");
  const isThere = (to: string): boolean => [...tree.keys()].some((known) => known === to || known.startsWith(`${to}/`));
  return links
    .filter((link) => !/^(https?|mailto):/.test(link))
    .filter((link) => !isThere(posix.join(posix.dirname(path), link).replace(/\/$/, "")))
    .map((link) => `${path}:1 leads nowhere: ${link}`);
}
