// Topic filters as MQTT 3.1.1 defines them, and what may be a device's own topic.
import fc from "fast-check";
import { expect, test } from "vitest";
import { covers, matches, topicMistake } from "../../src/core/topics.ts";

// The examples of MQTT 3.1.1, 4.7.1 and 4.7.2.
test.each([
  ["sport/tennis/player1/#", "sport/tennis/player1", true],
  ["sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true],
  ["sport/#", "sport", true],
  ["#", "sport/tennis", true],
  ["sport/tennis/+", "sport/tennis/player1", true],
  ["sport/tennis/+", "sport/tennis/player1/ranking", false],
  ["sport/+", "sport", false],
  ["sport/+", "sport/", true],
  ["+/+", "/finance", true],
  ["/+", "/finance", true],
  ["+", "/finance", false],
  ["#", "$SYS/monitor", false],
  ["+/monitor/Clients", "$SYS/monitor/Clients", false],
  ["$SYS/#", "$SYS/monitor", true],
  ["a/b", "A/b", false],
])("%s on %s: %s", (filter, topic, expected) => {
  expect(matches(filter, topic)).toBe(expected);
});

test.each([
  ["a/#", "a/b/#", true],
  ["a/#", "a/+/c", true],
  ["a/#", "a", true],
  ["a/+", "a/+", true],
  ["a/+", "a/#", false],
  ["a/+", "+/b", false],
  ["a/b", "a/+", false],
  ["a/b", "#", false],
])("%s covers %s: %s", (allowed, asked, expected) => {
  expect(covers(allowed, asked)).toBe(expected);
});

test("what a covering filter allows holds for each topic that the asked one reaches", () => {
  const level = fc.constantFrom("a", "b", "+");
  const filter = fc
    .tuple(fc.array(level, { minLength: 1, maxLength: 4 }), fc.boolean())
    .map(([levels, isOpen]) => [...levels, ...(isOpen ? ["#"] : [])].join("/"));
  const topic = fc
    .array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 6 })
    .map((levels) => levels.join("/"));
  fc.assert(
    fc.property(
      filter,
      filter,
      topic,
      (allowed, asked, topic) => !covers(allowed, asked) || !matches(asked, topic) || matches(allowed, topic),
    ),
  );
});

test.each(["", "a/+", "a/#", "+", "$SYS/x", "a\u0000b", "a\nb", "a\u0085", "\ud800", "x".repeat(513)])(
  "%j is no topic of a device",
  (topic) => {
    expect(topicMistake(topic)).not.toBeNull();
  },
);

test.each(["a", "zigbee2mqtt/Detecteur mouvement", "Сад/🚪", "a b/c.d", "/leading"])(
  "%j may be a device's topic",
  (topic) => {
    expect(topicMistake(topic)).toBeNull();
  },
);
