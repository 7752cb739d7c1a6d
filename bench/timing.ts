// Repeats a piece of work and prints the spread of its time. Shared by the benchmarks.

export interface Timing {
  runs: number;
  medianMs: number;
  minMs: number;
  maxMs: number;
}

/** `after` is done after each run and not timed. */
export async function timing(
  runs: number,
  work: () => Promise<unknown>,
  after: () => Promise<unknown> = async () => undefined,
): Promise<Timing> {
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    const startedMs = performance.now();
    await work();
    times.push(performance.now() - startedMs);
    await after();
  }
  times.sort((a, b) => a - b);
  const at = (fraction: number) => times[Math.round(fraction * (times.length - 1))] ?? Number.NaN;
  return { runs, medianMs: at(0.5), minMs: at(0), maxMs: at(1) };
}

/** `restore to ready: median 183 ms (min 150, max 240, 20 runs); promised 500 ms or less`. */
export function report(name: string, timing: Timing, promisedMs: number): void {
  const whole = (ms: number) => ms.toFixed(0);
  process.stdout.write(
    `${name}: median ${whole(timing.medianMs)} ms (min ${whole(timing.minMs)}, max ${whole(timing.maxMs)}, ` +
      `${timing.runs} runs); promised ${promisedMs} ms or less\n`,
  );
}
