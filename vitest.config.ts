// Two groups of tests: the units, which may run at the same time, then those that boot guests
// (test/lab, and any file named *.lab.test.ts), one after the other, for they share the machine.

import { defineConfig } from "vitest/config";

const lab = ["test/lab/**/*.test.ts", "{src,test}/**/*.lab.test.ts"];

export default defineConfig({
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["{src,test}/**/*.test.ts"],
          exclude: lab,
          testTimeout: 20_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: "lab",
          include: lab,
          testTimeout: 180_000,
          hookTimeout: 300_000,
          fileParallelism: false,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
