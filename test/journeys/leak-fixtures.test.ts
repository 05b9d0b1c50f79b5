// Shown: identities in every field that any family has room for are in no byte that leaves or that anybody reads (promise 5):
// not on the wire to an HTTPS platform, an MQTT 5 one and an MQTT 3.1.1 one, in the log at its most talkative, on a page, in the
// API, in the metrics, in the ledger, in what the local socket says, in the buffer's file. One gateway for each policy, all
// devices at a Mosquitto of the site. A device's own words may stand on that device's own pages, for people who logged in: they
// ask there why it is not understood. `SEED` makes the identities and chooses: a sample of each family's messages, and beside the
// policy that tells all one of the others; with SOAK it is all of both.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { callGateway } from "../../src/web/local-socket.ts";
import { type FixtureLine, fixtureLines, withIdentities, withIdentitiesInstead } from "../helpers/fixture-lines.ts";
import { findIdentities, type Identity, madeUpIdentities } from "../helpers/identities.ts";
import { readAllPages } from "../helpers/page-crawl.ts";
import { seededRandom } from "../helpers/random.ts";
import { hasMosquitto } from "../helpers/site-broker.ts";
import { logInAsBoth, openTappedSite, VOLUNTEER } from "../helpers/tapped-site.ts";

const SEED = Number(process.env["SEED"] ?? Date.now() % 100_000);
const LINES_OF_FAMILY = process.env["SOAK"] === undefined ? 14 : Number.POSITIVE_INFINITY;
const SENTINEL = "zigbee2mqtt/the-last-one";

const POLICIES = {
  "all is told": {
    events: {
      timeBucketS: 1,
      motion: { mode: "each" },
      fields: { batteryPct: true, linkPct: true },
      lightOfMotionSensors: true,
    },
  },
  "motion in counts": { events: { timeBucketS: 60, motion: { mode: "counts", windowS: 1, atLeast: 2 } } },
  "as little as there is": {
    events: {
      timeBucketS: 3600,
      motion: { mode: "none" },
      light: false,
      zones: false,
      cellLetters: 0,
      pseudonyms: "monthly",
    },
  },
} as const;

const [FIRST, ...OTHERS] = Object.entries(POLICIES);
const CHOSEN = process.env["SOAK"] === undefined ? OTHERS.slice(SEED % 2).slice(0, 1) : OTHERS;

/** Where a device's own words may stand, for people who logged in: of itself, and what it is approved by (in the set-up, too). */
const OF_DEVICES = /^(?:(?:volunteer|steward) (?:\/api\/v1)?\/(?:devices|proposals)|steward \/setup\/sensor)\b/;

describe.skipIf(!hasMosquitto)("with Mosquitto (Debian package mosquitto)", () => {
  test.each([...(FIRST === undefined ? [] : [FIRST]), ...CHOSEN])(
    "no identity that any device sends leaves or is shown: %s",
    async (name, policy) => {
      console.info(`leaks over all fixtures: SEED=${SEED}`);
      const random = seededRandom(SEED);
      const said = madeUpIdentities(random);
      const given = madeUpIdentities(random);
      const { lines, devices, bridges } = await fixtureLines();
      const kit = {
        bridges,
        devices: [
          ...devices.map(({ id, profile, topic }, n) => ({
            id,
            profile,
            topic,
            name: given[n % given.length]?.writings[0] ?? "x",
            zone: `zone-${n % 4}`,
          })),
          { id: "last", profile: "zigbee2mqtt/any", topic: SENTINEL, zone: "zone-0" },
        ],
      };
      await using at = await openTappedSite(kit, policy);
      const { house } = at;
      const { steward, volunteer } = await logInAsBoth(house);

      const sample = sampleOf(lines, random);
      for (const { topic, payload } of sample) {
        await at.send(topic, payload);
        for (const ill of [withIdentities(payload, said), withIdentitiesInstead(payload, said, random)])
          if (ill !== null) await at.send(topic, ill);
      }
      // Devices of the family that nobody has taken into the kit, with an identity for a name; and one that announces itself.
      for (const [n, { writings }] of said.entries()) {
        const word = writings[0].replaceAll(/[#+/$]/g, "_");
        await at.send(`zigbee2mqtt/${word}`, JSON.stringify({ occupancy: n % 2 === 0, battery: 50 }));
        await at.send(`homeassistant/sensor/x${n}/config`, JSON.stringify({ name: word, state_topic: `x/${word}` }));
      }
      await at.send(SENTINEL, JSON.stringify({ battery: 77, illuminance: 7 }));
      await at.settled();

      const heard = new Set<string>();
      const views = (await callGateway(house.dataDir, "status", {}))?.devices ?? [];
      for (const { id, heardAt } of views)
        if (heardAt !== null) heard.add(devices.find((each) => each.id === id)?.family ?? "last");
      expect([...new Set(devices.map(({ family }) => family))].filter((family) => !heard.has(family))).toEqual([]);

      const base = `http://127.0.0.1:${house.statusPort}`;
      const pages = new Map([
        ...(await readAllPages(base, { who: "nobody" })),
        ...(await readAllPages(base, { who: "volunteer", cookie: volunteer })),
        ...(await readAllPages(base, { who: "steward", cookie: steward, doors: ["/devices/last"] })),
      ]);
      for (const path of [
        "nobody /transparency",
        "nobody /sign",
        "nobody /policy",
        "nobody /api/v1/transparency",
        "nobody /transparency/ledger.jsonl",
        "nobody /metrics",
        "steward /api/v1/status",
        "volunteer /devices",
        "steward /devices/last",
      ])
        expect([...pages.keys()]).toContain(path);
      const socket = JSON.stringify([
        await callGateway(house.dataDir, "status", {}),
        await callGateway(house.dataDir, "listDevices", {}),
        await callGateway(house.dataDir, "listUsers", {}),
      ]);
      await at.end();
      const files = await Promise.all(
        (await readdir(house.dataDir))
          .filter((file) => /^(spool|ledger)\.db/.test(file))
          .map(async (file) => [`file ${file}`, await readFile(join(house.dataDir, file))] as const),
      );
      const wires = Object.entries(at.wires()).map(([wire, bytes]) => [`wire ${wire}`, bytes] as const);

      const places = new Map<string, Buffer>([
        ...wires,
        ...files,
        ...pages,
        ["log", Buffer.from(at.log().join("\n"))],
        ["socket", Buffer.from(socket)],
      ]);
      expect(at.log().length).toBeGreaterThan(0);
      const leaks = [...places].flatMap(([place, bytes]) => [
        // What a device said.
        ...(OF_DEVICES.test(place) ? [] : findIdentities(bytes, said).map((found) => ({ place, ...found }))),
        // Who may come in: for those who may themselves.
        ...(/^(wire|nobody|file ledger)/.test(place)
          ? findIdentities(bytes, PEOPLE).map((found) => ({ place, ...found }))
          : []),
        // What people called it in the kit: for those who may log in, and nobody else.
        ...(/^(volunteer|steward|socket)/.test(place)
          ? []
          : findIdentities(bytes, given).map((found) => ({ place, ...found }))),
        ...(/^wire|^nobody/.test(place)
          ? ownIdentifiers(bytes).map((around) => ({ place, what: "an identifier", form: "of the fixtures", around }))
          : []),
      ]);
      expect(leaks).toEqual([]);

      // The search sees: the zones stand on each wire where the policy tells them, and nowhere where it does not.
      const zone: Identity[] = [{ what: "zone", writings: ["zone-1"] }];
      for (const [wire, bytes] of wires)
        expect(findIdentities(bytes, zone).length > 0, wire).toBe(name !== "as little as there is");
      for (const [wire, bytes] of wires) expect(bytes.toString("latin1"), wire).toContain("device.status.v1");
    },
  );
});

const PEOPLE: readonly Identity[] = [{ what: "account", writings: [VOLUNTEER] }];

/** Hardware addresses and the like by their form, whoever made them up: the fixtures are full of them. */
function ownIdentifiers(bytes: Buffer): string[] {
  const text = bytes.toString("latin1");
  const forms = [
    /\b(?:[0-9a-f]{2}[:-]){5}(?:[0-9a-f]{2}[:-]?[0-9a-f]{2}[:-]?)?[0-9a-f]{2}\b/gi,
    /\b0x[0-9a-f]{12,16}\b/gi,
    /\b(?!127\.0\.0\.1\b|0\.0\.0\.0\b)\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}\b/g,
    /\b[\w.+-]+@(?!test\.example\b|[a-z]+\.example\b)[\w-]+\.[\w.-]+\b/g,
  ];
  return forms.flatMap((form) =>
    Array.from(text.matchAll(form), (hit) => text.slice(Math.max(0, hit.index - 40), hit.index + 60)),
  );
}

/** So many lines of each family, in their order. */
function sampleOf(lines: readonly FixtureLine[], random: () => number): readonly FixtureLine[] {
  const families = Map.groupBy(lines, ({ family }) => family);
  return [...families.values()].flatMap((all) => {
    const from = Math.floor(random() * Math.max(1, all.length - LINES_OF_FAMILY + 1));
    return all.slice(from, from + LINES_OF_FAMILY);
  });
}
