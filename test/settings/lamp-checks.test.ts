// Shown here: a kit that wants its lamps watched hears what the watch lacks; a warning, since everything else works.
import { expect, test } from "vitest";
import { said } from "../helpers/settings-folder.ts";

const gateway = (cell: string): string =>
  `gateway: { id: elm-street${cell} }\nplatform: [{ id: main, kind: https, url: 'https://platform.example' }]\n`;
const lamp = (id: string, more = ""): string =>
  `  - { id: ${id}, profile: tasmota/relay, topic: ${id}, zone: path${more} }\n`;
const watched = ", lamp: { litWhen: night }";

test.each([
  ["one", lamp("a", watched), "a"],
  ["three", lamp("a", watched) + lamp("b", watched) + lamp("c", watched), "a and 2 more"],
])("lamps without the site's cell are said not to be watched: %s", async (_, devices, which) => {
  const kit = `devices:\n${devices}`;
  expect(await said({ gateway: gateway(""), kit })).toEqual({
    mistakes: [],
    warnings: [`gateway.yaml:1:1 lamps are not watched (${which}): add cell, the site's geohash, such as cell: u09tun`],
  });
  expect(await said({ gateway: gateway(", cell: u09tun"), kit })).toEqual({ mistakes: [], warnings: [] });
});

test("a light sensor that names what is no watched lamp is told at that name", async () => {
  const sensor = ", watches: [a, b, gone]";
  const kit = `devices:\n${lamp("a", watched)}${lamp("b")}${lamp("s", sensor)}`;
  expect(await said({ gateway: gateway(", cell: u09tun"), kit })).toEqual({
    mistakes: [],
    warnings: [
      "kit.yaml:4:73 s is said to see the light of b, which is not watched; write lamp: { litWhen: night } at b, or remove it here",
      "kit.yaml:4:76 s is said to see the light of gone, but there is no such device; add it under devices, or remove it here",
    ],
  });
});

test("a device called new is told that its page is the one that adds devices", async () => {
  const { mistakes, warnings } = await said({ kit: `devices:\n${lamp("new")}` });
  expect([mistakes, warnings]).toEqual([[], [expect.stringContaining("give it another id")]]);
});
