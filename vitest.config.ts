// Four sets: unit is the inner loop (two minutes on two cores); whole, `*.whole.test.ts`, starts the real redactor, the real detector
// or a program of ours; journeys drive the gateway as processes, and the page in chromium, and hold each port to its contract;
// cameras, what ill cameras do, which is mostly waiting: test/run runs it beside unit, and the contracts beside the journeys.
import { defineConfig } from "vitest/config";

// Journeys start hundreds of our processes: reading and compiling the same files anew was a third of all their work.
process.env["NODE_COMPILE_CACHE"] ??= new URL("out/compile-cache", import.meta.url).pathname;

const WHOLE = "test/**/*.whole.test.ts";
const CAMERAS = "test/contracts/camera/**/*.test.ts";
const JOURNEYS = ["test/journeys/**/*.test.ts", "test/contracts/**/*.test.ts"];

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "cameras",
          include: [CAMERAS],
          testTimeout: process.env["SOAK"] === undefined ? 180_000 : 3_600_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: [WHOLE, ...JOURNEYS],
          testTimeout: 20_000,
          // Vitest alone leaves one core free, which on two cores is half of them.
          maxWorkers: "100%",
        },
      },
      {
        test: {
          name: "whole",
          include: [WHOLE],
          exclude: JOURNEYS,
          // A picture takes half a second, where other work has the cores ten times that; what is bounded checks its own bound.
          testTimeout: 60_000,
          // One by one: what is started here uses all cores, and bounds on its time are checked.
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "journeys",
          include: JOURNEYS,
          exclude: [CAMERAS],
          // A soak kills hundreds of times.
          testTimeout: process.env["SOAK"] === undefined ? 180_000 : 3_600_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
