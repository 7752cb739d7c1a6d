import fc from "fast-check";
import { expect, test } from "vitest";
import { fromLine, toLine } from "./wire.ts";

const typedArray = fc.oneof(fc.uint8Array(), fc.int32Array(), fc.float64Array({ noNaN: true }));

test("what goes over comes out, typed arrays too, in one line", () => {
  fc.assert(
    fc.property(fc.json(), typedArray, (json, array) => {
      const message = { text: "a\nb", value: JSON.parse(json), array, nested: [{ array }] };
      const line = toLine(message);
      expect(line).not.toContain("\n");
      expect(fromLine(line)).toEqual(message);
    }),
  );
});

test("a Buffer, and a view into a larger one, go over as their own bytes", () => {
  const whole = Buffer.from([1, 2, 3, 4, 5, 6]);
  expect(fromLine(toLine({ a: whole.subarray(1, 4) }))).toEqual({ a: new Uint8Array([2, 3, 4]) });
});

test.each([
  "",
  "{",
  '{"$array":"Uint8Array"}',
  '{"$array":"Function","data":"AAAA"}',
  '{"$array":"constructor","data":"AAAA"}',
  '{"$array":"Int32Array","data":"AAAA"}',
])("%j is no message", (line) => {
  expect(() => fromLine(line)).toThrow(SyntaxError);
});
