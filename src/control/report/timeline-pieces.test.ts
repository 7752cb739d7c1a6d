import fc from "fast-check";
import { expect, test } from "vitest";
import type { Trace } from "../../contract/measurement.ts";
import { type Piece, timelinePieces } from "./timeline-pieces.ts";

function traceOf(timeline: Trace["timeline"], makespanMs: number): Trace {
  return { entries: ["a", "b", "c"], waits: [], timeline, dropped: 0, makespanMs };
}

/** Segments that follow each other on each of a few CPUs: [cpu, entry, pid, pause, length]. */
const timelines = fc
  .array(
    fc.tuple(
      fc.nat(3),
      fc.nat(2),
      fc.nat(5),
      fc.oneof(fc.nat(30), fc.nat(20_000)),
      fc.oneof(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 50_000 })),
    ),
    { minLength: 1, maxLength: 400 },
  )
  .map((steps) => {
    const nowUs = [0, 0, 0, 0];
    return steps.map(([cpu, entry, pid, pause, length]): Trace["timeline"][number] => {
      const startUs = (nowUs[cpu] ?? 0) + pause;
      nowUs[cpu] = startUs + length;
      return [cpu, entry, pid, startUs, startUs + length];
    });
  });

function timeByEntry(pieces: readonly Piece[]): number[] {
  const sums = [0, 0, 0];
  const add = (entry: number, us: number) => {
    sums[entry] = (sums[entry] ?? 0) + us;
  };
  for (const piece of pieces) {
    const us = piece.endUs - piece.startUs;
    if (piece.kind === "solo") add(piece.entry, us);
    else for (const [entry, part] of piece.shares) add(entry, part * us);
  }
  return sums;
}

test("no entry loses time, and none gains more than the pauses that were closed", () => {
  fc.assert(
    fc.property(timelines, (timeline) => {
      const horizonUs = Math.max(...timeline.map(([, , , , endUs]) => endUs));
      const { lanes, columns } = timelinePieces(traceOf(timeline, horizonUs / 1000), horizonUs);
      const drawn = timeByEntry([...lanes.values()].flat());
      const closedUs = (timeline.length * horizonUs) / columns / 4;
      for (const entry of [0, 1, 2]) {
        const ran = timeline.filter(([, of]) => of === entry);
        const us = ran.reduce((sum, [, , , startUs, endUs]) => sum + endUs - startUs, 0);
        expect(drawn[entry]).toBeGreaterThanOrEqual(us * 0.9999 - 0.01);
        expect(drawn[entry]).toBeLessThanOrEqual(us * 1.0001 + closedUs + 0.01);
      }
    }),
  );
});

test("pieces of a lane follow each other", () => {
  fc.assert(
    fc.property(timelines, (timeline) => {
      const horizonUs = Math.max(...timeline.map(([, , , , endUs]) => endUs));
      for (const pieces of timelinePieces(traceOf(timeline, 1), horizonUs).lanes.values()) {
        for (const [index, piece] of pieces.entries()) {
          expect(piece.startUs).toBeGreaterThanOrEqual((pieces[index - 1]?.endUs ?? 0) - 0.01);
        }
      }
    }),
  );
});

test("a minority among very short segments keeps its share", () => {
  const timeline = Array.from({ length: 20_000 }, (_, index): Trace["timeline"][number] => [
    0,
    index % 10 === 0 ? 1 : 0,
    index % 40,
    index * 50,
    index * 50 + 50,
  ]);
  const pieces = timelinePieces(traceOf(timeline, 1000), 1e6).lanes.get(0) ?? [];
  expect(pieces.length).toBeGreaterThan(100);
  expect(pieces.length).toBeLessThan(400);
  for (const piece of pieces) {
    expect(piece.kind === "mixture" && piece.shares.get(1)).toBeCloseTo(0.1, 1);
  }
});

test("64 CPUs stay within the limit of shapes", () => {
  const timeline = Array.from({ length: 20_000 }, (_, index): Trace["timeline"][number] => {
    const startUs = Math.floor(index / 64) * 1000;
    return [index % 64, index % 3, index % 7, startUs, startUs + 990];
  });
  const { lanes } = timelinePieces(traceOf(timeline, 313), 313_000);
  const shapes = [...lanes.values()].flat().reduce((sum, piece) => {
    return sum + (piece.kind === "solo" ? 1 : piece.shares.size);
  }, 0);
  expect(lanes.size).toBe(64);
  expect(shapes).toBeLessThanOrEqual(9000);
});
