// Words of the association that want to be more than words: the name of the site, who answers for the data, what a camera is for,
// who approved what is announced; and those in addresses. On every page, to who looks after the box and to a passer-by.
import { expect, test } from "vitest";
import { SCHEMAS } from "../../src/settings/schema.ts";
import { readAllPages } from "../helpers/page-crawl.ts";
import { openPeopleSite } from "../helpers/people-site.ts";
import { testStanding, testWebPolicy } from "../helpers/test-web.ts";

const HOSTILE = `"><img src=x onerror=alert(1)>'{x}</script><b>&lt;`;
const ASKED = encodeURIComponent(HOSTILE);
const DOORS = [
  "/cameras/gate-cam",
  "/cameras/gate-cam/edit/rules",
  "/setup/policy",
  "/setup/site",
  "/transparency/record",
  `/login?next=${ASKED}`,
  `/devices?filter=${ASKED}`,
  `/people/journal?by=${ASKED}`,
  `/history?device=${ASKED}`,
  `/cameras/new/source?address=${ASKED}&then=//evil.example`,
];

test("markup in the association's own words and in addresses stays text, on every page, and leads nowhere else", async () => {
  const before = testWebPolicy();
  const purpose = { en: HOSTILE, ar: HOSTILE };
  const cameras = Object.fromEntries(
    Object.entries(before.cameras).map(([id, camera]) => [id, { ...camera, purpose }]),
  );
  const policy = { ...before, controller: { name: HOSTILE, contact: HOSTILE }, cameras };
  const looser = { ...policy, events: { ...policy.events, fields: { batteryPct: true, linkPct: true } } };
  const announced = { policy: looser, sha256: "c".repeat(64), hoursLeft: 3, approvedBy: [HOSTILE] };
  const standing = { ...testStanding(policy)(), announced };
  const settings = {
    ...SCHEMAS.gateway.parse({ gateway: { id: "elm-street", name: HOSTILE } }),
    status: { host: "127.0.0.1", port: 0 },
  };
  await using page = await openPeopleSite({ settings, policy, policyStanding: () => standing });
  const found: string[] = [];
  let shown = 0;
  for (const who of ["steward", ""]) {
    const cookie = `${who === "" ? "" : `${page.as(who).cookie}; `}hedgerow-language=ar`;
    for (const [way, bytes] of await readAllPages(page.url, { who, cookie, doors: DOORS })) {
      const text = bytes.toString();
      if (!/content-type","text\/html/.test(text)) continue;
      shown += text.split("onerror=alert(1)").length - 1;
      for (const mark of ["<img src=x", "</script><b>", '"//evil', "=//evil"])
        if (text.includes(mark)) found.push(`${way}: ${mark}`);
    }
  }
  expect(found).toEqual([]);
  // Else nothing of it was shown at all, and the test would prove nothing.
  expect(shown).toBeGreaterThan(200);
  expect(page.board.get("web.failed")).toBe(0);
});
