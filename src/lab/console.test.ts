import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { Console, classifyDeath } from "./console.ts";

test("the emulator's own panic is told from a kernel's", () => {
  const emulator = ["[   3.1] Oops: int3: 0000 [#1] SMP", "[   3.2] Kernel panic - not syncing"];
  expect(classifyDeath(emulator, true).kind).toBe("emulator");
  expect(classifyDeath(emulator, false).kind).toBe("kernel-panic");
  const forged = ["[   3.1] Comm: Oops: int3: 0000 [#1]", "[   3.2] Kernel panic - not syncing"];
  expect(classifyDeath(forged, true).kind).toBe("kernel-panic");
  const kernel = ["BUG: kernel NULL pointer dereference", "Kernel panic - not syncing: Fatal"];
  expect(classifyDeath(kernel, true).kind).toBe("kernel-panic");
  expect(classifyDeath(["schedcpd: ready"], true).kind).toBe("gone");
});

test("a console escapes what the guest prints, joins pieces and stays bounded", async () => {
  const log = new Console();
  const stream = new PassThrough();
  log.read(stream);
  const seen = log.until(/^ready\\x1b\[31m/);
  stream.write("rea");
  stream.write("dy\x1b[31m\r\n");
  await seen;
  stream.write("x".repeat(5000));
  for (let line = 0; line < 2000; line++) stream.write(`line ${line}\n`);
  await new Promise((resolve) => stream.end(resolve));
  expect(log.tail(10_000).length).toBeLessThanOrEqual(400);
  expect(log.tail(1)).toEqual(["line 1999"]);
  for (const line of log.tail(10_000)) expect(line).toMatch(/^[\x20-\x7e]{0,400}$/);
});
