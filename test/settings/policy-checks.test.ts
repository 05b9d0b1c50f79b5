// Shown: rules of the policy that do nothing, forbid more than somebody meant or do not fit the kit are told, each at its place,
// with what to write instead; and what is right is not complained of.
import { expect, test } from "vitest";
import { KIT, POLICY, said } from "../helpers/settings-folder.ts";

const GATE = "cameras: { gate: { purpose: { en: Look }, until: 2999-01-01 } }\n";
const CAMERA =
  "cameras: [{ id: gate, zone: gate-zone, source: { kind: file, path: still.jpg }, schedule: { at: ['12:00'] } }]\n";
const CELL =
  "gateway: { id: elm-street, cell: u09tun }\nplatform: [{ id: main, kind: https, url: 'https://platform.example' }]\n";

test.each([
  ["languages: [en, tlh]", /:3:17 there are no words in the language tlh, so it reads English; there are .*\buk\b/],
  [
    "changes: { noticeHours: 0 }",
    /:3:25 with 0 hours of notice a looser policy holds before anybody could read of it; write/,
  ],
  [
    "events: { timeBucketS: 60, motion: { mode: counts, windowS: 90 } }",
    /:3:61 motion is counted over 120 s, since 90 s are no whole number of events\.timeBucketS, which is 60; write 120$/,
  ],
  ["events: { perDay: { motion: 5 } }", /:3:29 events\.perDay\.motion has no effect, since with mode none no motion/],
  [
    "events: { light: false, perDay: { light.level: 5 } }",
    /:3:\d+ events\.perDay\.light\.level has no effect, since with light: f/,
  ],
  [
    "events: { light: false, perDay: { light.state: 5 } }",
    /:3:\d+ events\.perDay\.light\.state has no effect, since with light: f/,
  ],
  [
    "events: { light: false, lightOfMotionSensors: true }",
    /:3:\d+ events\.lightOfMotionSensors has no effect, since with light/,
  ],
  [
    "quiet: { hours: [{ between: ['09:00', '09:00'] }] }",
    /:3:18 from 09:00 to 09:00 is the whole day, so nothing .* two different/,
  ],
  [
    "quiet: { zones: [pth] }",
    /:3:18 no device and no camera of the kit is in the quiet zone pth; did you mean path\?$/,
  ],
  [
    "quiet: { zones: [attic] }",
    /:3:18 no device and no camera .* quiet zone attic; add it to a device or camera, or remove it here$/,
  ],
])("%s is a warning", async (rule, sentence) => {
  const { mistakes, warnings } = await said({ policy: `${POLICY}${rule}\n` });
  expect(mistakes).toEqual([]);
  expect(warnings).toEqual([expect.stringMatching(sentence)]);
  expect(warnings[0]).toMatch(/^policy\.yaml:/);
});

test.each([
  "languages: [en, de-AT, ES]",
  "events: { motion: { mode: each }, perDay: { motion: 5, light.level: 5 } }",
  "quiet: { zones: [path], hours: [{ between: ['22:00', '06:00'] }] }",
  "quiet: { hours: [{ between: [sunset, sunrise] }] }",
  "events: { cellLetters: 3 }\nchanges: { noticeHours: 1 }",
])("%s is nothing to complain of", async (rule) => {
  expect(await said({ gateway: CELL, policy: `${POLICY}${rule}\n` })).toEqual({ mistakes: [], warnings: [] });
});

test("quiet hours by the sun without a place are a mistake: nobody would know when they are", async () => {
  const { mistakes } = await said({
    policy: `${POLICY}quiet: { hours: [{ between: ['22:00', '06:00'] }, { between: [sunset, '06:00'] }] }\n`,
  });
  expect(mistakes).toEqual([
    expect.stringMatching(
      /^policy\.yaml:3:\d+ these hours go by the sun, but .*; write gateway\.cell, or times such as/,
    ),
  ]);
});

test("letters of a cell that gateway.yaml does not have are none: the strictest there is", async () => {
  expect(await said({ policy: `${POLICY}events: { cellLetters: 6 }\n` })).toEqual({ mistakes: [], warnings: [] });
});

test("a camera in a quiet zone never looks, which is a warning where the policy names it", async () => {
  const policy = `${POLICY}quiet: { zones: [gate-zone] }\n${GATE}`;
  expect(await said({ policy, kit: `${KIT}${CAMERA}` })).toEqual({
    mistakes: [],
    warnings: [
      "policy.yaml:4:12 camera gate is in the quiet zone gate-zone, so it never looks; remove it here, or gate-zone under quiet.zones",
    ],
  });
  const elsewhere = policy.replace("[gate-zone]", "[path]");
  expect(await said({ policy: elsewhere, kit: `${KIT}${CAMERA}` })).toEqual({ mistakes: [], warnings: [] });
});

test.each([
  [
    "{}",
    "en",
    /camera gate has no purpose in a language of the policy \(en\), and a camera without .* such as en: See/,
  ],
  ["{ fr: Voir }", "en, es", /camera gate has no purpose in a language of the policy \(en, es\), and a camera/],
  ["{ en: ' ' }", "en", /camera gate has no purpose in a language of the policy \(en\)/],
])("a camera with the purpose %s in a policy of %s is a mistake", async (purpose, languages, sentence) => {
  const cameras = `cameras: { gate: { purpose: ${purpose}, until: 2999-01-01 } }\n`;
  const { mistakes, warnings } = await said({
    policy: `${POLICY}languages: [${languages}]\n${cameras}`,
    kit: `${KIT}${CAMERA}`,
  });
  expect(mistakes).toEqual([expect.stringMatching(sentence)]);
  expect(mistakes[0]).toMatch(/^policy\.yaml:4:29 /);
  expect(warnings).toEqual([]);
});

test("a purpose that lacks one of the languages is a warning that names it", async () => {
  const { mistakes, warnings } = await said({
    policy: `${POLICY}languages: [uk, en, fr]\n${GATE}`,
    kit: `${KIT}${CAMERA}`,
  });
  expect(mistakes).toEqual([]);
  expect(warnings).toEqual([
    "policy.yaml:4:29 the purpose of camera gate is not written in uk, which languages names",
    "policy.yaml:4:29 the purpose of camera gate is not written in fr, which languages names",
  ]);
});
