import { expect, test } from "vitest";
import { runCommand } from "./command.ts";

test("finds the system's programs though the user's PATH lacks their directory", async () => {
  const { stdout } = await runCommand("sh", ["-c", 'echo "$PATH"'], {
    environment: { PATH: "/usr/bin:/bin" },
  });
  expect(stdout).toBe("/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin\n");
});

test("a program that is not there is named, one that fails is quoted", async () => {
  await expect(runCommand("schedcp-no-such-program", [])).rejects.toMatchObject({
    code: "missing-program",
    details: { program: "schedcp-no-such-program" },
  });
  await expect(runCommand("sh", ["-c", "echo first >&2; exit 3"])).rejects.toMatchObject({
    message: "sh ended with 3: first",
  });
});

test("its process group ends with the signal and with the time limit", async () => {
  const started = performance.now();
  const stop = new AbortController();
  const sleeping = runCommand("sh", ["-c", "sleep 60 & wait"], { signal: stop.signal });
  stop.abort(new Error("enough"));
  await expect(sleeping).rejects.toThrow("enough");
  await expect(runCommand("sleep", ["60"], { timeoutMs: 20 })).rejects.toThrow("SIGKILL");
  expect(performance.now() - started).toBeLessThan(10_000);
});
