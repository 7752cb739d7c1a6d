import { expect, test } from "vitest";
import { errno } from "./errno.ts";
import { format } from "./format.ts";

/** Formats with 64-bit arguments; text at the address 9000. */
function formatted(template: string, ...values: bigint[]): string | number {
  const source = { text: (address: number) => (address === 9000 ? "word" : template) };
  return format(source, 5000, {
    count: values.length,
    low: (index) => Number(BigInt.asUintN(32, values[index] ?? 0n)),
    high: (index) => Number(BigInt.asUintN(64, values[index] ?? 0n) >> 32n),
  });
}

test.each([
  ["%d %i", [-1n, 5n], "-1 5"],
  ["%u", [-1n], "4294967295"],
  ["%lld %ld", [-(2n ** 40n), -1n], "-1099511627776 -1"],
  ["%llu", [2n ** 64n - 1n], "18446744073709551615"],
  ["%x %#X %llx", [255n, 255n, 2n ** 33n], "ff 0XFF 200000000"],
  ["[%5d|%-5d|%05d]", [-42n, 42n, -42n], "[  -42|42   |-0042]"],
  ["%s and %6s", [9000n, 9000n], "word and   word"],
  ["%c%c", [72n, 105n], "Hi"],
  ["100%%", [], "100%"],
  ["%p", [4096n], "0x1000"],
])("%s", (template, values, wanted) => {
  expect(formatted(template, ...values)).toBe(wanted);
});

test("refuses what the kernel refuses", () => {
  expect(formatted("%d")).toBe(errno.invalid);
  expect(formatted("%f", 1n)).toBe(errno.invalid);
  expect(formatted("%d", ...Array.from({ length: 13 }, () => 1n))).toBe(errno.tooBig);
});
