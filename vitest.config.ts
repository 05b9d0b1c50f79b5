// Five sets: unit is the inner loop (two minutes on two cores); whole, `*.whole.test.ts`, starts the real redactor, the real detector
// or a program of ours; journeys drive the gateway as processes, and the page in chromium; contracts hold the doors to their
// standards; cameras, what ill cameras do. The last two mostly wait: test/run runs cameras beside whole, contracts beside journeys.
import { defineConfig } from "vitest/config";

// Journeys start hundreds of our processes: reading and compiling the same files anew was a third of all their work.
process.env["NODE_COMPILE_CACHE"] ??= new URL("out/compile-cache", import.meta.url).pathname;

const WHOLE = "test/**/*.whole.test.ts";
const CAMERAS = "test/contracts/camera/**/*.test.ts";
const CONTRACTS = "test/contracts/**/*.test.ts";
const JOURNEYS = "test/journeys/**/*.test.ts";

const IS_SOAK = process.env["SOAK"] !== undefined;
// A soak kills hundreds of times.
const PATIENT_MS = IS_SOAK ? 3_600_000 : 180_000;

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: [WHOLE, CONTRACTS, JOURNEYS],
          testTimeout: 20_000,
          // Vitest alone leaves one core free, which on two cores is half of them.
          maxWorkers: "100%",
        },
      },
      {
        test: {
          name: "cameras",
          include: [CAMERAS],
          testTimeout: PATIENT_MS,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "whole",
          include: [WHOLE],
          exclude: [CONTRACTS, JOURNEYS],
          // A picture takes half a second, where other work has the cores ten times that; what is bounded checks its own bound.
          testTimeout: 60_000,
          // One by one: what is started here uses all cores, and bounds on its time are checked.
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "contracts",
          include: [CONTRACTS],
          exclude: [CAMERAS],
          testTimeout: PATIENT_MS,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "journeys",
          include: [JOURNEYS],
          testTimeout: PATIENT_MS,
          hookTimeout: 120_000,
          // They wait half of their time; a soak looks at restarts by the clock.
          maxWorkers: IS_SOAK ? 1 : 2,
        },
      },
    ],
  },
});
