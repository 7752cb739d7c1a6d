// Sets of CPUs, immutable and shared: tasks of one spec have the same object.

export interface CpuSet {
  /** 1 where the CPU is in it. */
  readonly bits: Uint8Array;
  readonly count: number;
  readonly list: readonly number[];
}

/** CPUs beyond the machine's are dropped, as cpumask_and with the possible mask does. */
export function cpuSet(cpus: readonly number[], machineCpus: number): CpuSet {
  const bits = new Uint8Array(machineCpus);
  for (const cpu of cpus) if (cpu >= 0 && cpu < machineCpus) bits[cpu] = 1;
  const list: number[] = [];
  for (let cpu = 0; cpu < machineCpus; cpu++) if (bits[cpu] === 1) list.push(cpu);
  return { bits, count: list.length, list };
}

export function everyCpu(machineCpus: number): CpuSet {
  return cpuSet(
    Array.from({ length: machineCpus }, (_, cpu) => cpu),
    machineCpus,
  );
}
