// Three sets: unit is the inner loop (under a minute); journeys drive the whole program as processes; browser needs chromium.
import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/journeys/**", "test/contracts/**"],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: "journeys",
          include: ["test/journeys/**/*.test.ts", "test/contracts/**/*.test.ts"],
          // A soak kills hundreds of times.
          testTimeout: process.env["SOAK"] === undefined ? 180_000 : 3_600_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
