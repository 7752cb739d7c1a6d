// bpf_cpumask_* (kernel/bpf/cpumask.c). Where there is no such CPU the answer is nr_cpu_ids, as in the
// kernel. "any" and "distribute" go round like cpumask_any_distribute(), from where the last call of
// that kind ended.

import type { Call } from "../../machine/calls.ts";
import { declare } from "../declare.ts";
import { errno } from "../errno.ts";
import type { Surroundings } from "../surroundings.ts";

export function cpumaskKfuncs(surroundings: Surroundings): Call[] {
  const { masks, heap, layout, memory } = surroundings;
  const size = layout.size("bpf_cpumask", masks.bytes + 8);
  let distributed = -1;
  /** Only the words that hold CPUs: the whole struct would cost more than the operation. */
  const check = (mask: number): number => surroundings.span(mask, masks.words * 4);
  const own = (mask: number): number => surroundings.target(mask, masks.words * 4);
  const inBoth = (a: number, b: number) => (index: number) =>
    masks.word(a, index) & masks.word(b, index);
  const distribute = (of: (index: number) => number): number => {
    let cpu = masks.nextIn(of, distributed + 1);
    if (cpu >= masks.cpus) cpu = masks.nextIn(of, 0);
    if (cpu < masks.cpus) distributed = cpu;
    return cpu;
  };
  const combine =
    (operation: (a: number, b: number) => number) =>
    (to: number, a: number, b: number): number => {
      own(to);
      check(a);
      check(b);
      let any = 0;
      for (let index = 0; index < masks.words; index += 1) {
        masks.setWord(to, index, operation(masks.word(a, index), masks.word(b, index)));
        any |= masks.word(to, index);
      }
      return any === 0 ? 0 : 1;
    };
  /** Whether a predicate holds for all words of two masks. */
  const every =
    (holds: (a: number, b: number) => boolean) =>
    (a: number, b: number): number => {
      check(a);
      check(b);
      for (let index = 0; index < masks.words; index += 1)
        if (!holds(masks.word(a, index), masks.word(b, index))) return 0;
      return 1;
    };
  const intersects = (a: number, b: number): number =>
    masks.nextIn(inBoth(check(a), check(b)), 0) < masks.cpus ? 1 : 0;
  const one = (mask: number) => (index: number) => masks.word(mask, index);
  const exists = (cpu: number): boolean => cpu >= 0 && cpu < masks.cpus;
  return [
    declare("bpf_cpumask_create", "ptr", "", () => heap.create(size, "bpf_cpumask")),
    declare("bpf_cpumask_acquire", "ptr", "ptr", (mask = 0) => {
      heap.acquire(check(mask));
      return mask;
    }),
    declare("bpf_cpumask_release", "void", "ptr", (mask = 0) => {
      if (!heap.release(mask)) surroundings.fault(`${memory.describe(mask)} is no bpf_cpumask`);
      return undefined;
    }),
    declare("bpf_cpumask_first", "u32", "ptr", (mask = 0) => masks.nextIn(one(check(mask)), 0)),
    declare("bpf_cpumask_first_zero", "u32", "ptr", (mask = 0) =>
      masks.nextIn((index) => ~masks.word(check(mask), index), 0),
    ),
    declare("bpf_cpumask_first_and", "u32", "ptr ptr", (a = 0, b = 0) =>
      masks.nextIn(inBoth(check(a), check(b)), 0),
    ),
    declare("bpf_cpumask_set_cpu", "void", "u32 ptr", (cpu = 0, mask = 0) => {
      masks.add(own(mask), cpu);
      return undefined;
    }),
    declare("bpf_cpumask_clear_cpu", "void", "u32 ptr", (cpu = 0, mask = 0) => {
      masks.remove(own(mask), cpu);
      return undefined;
    }),
    declare("bpf_cpumask_test_cpu", "bool", "u32 ptr", (cpu = 0, mask = 0) =>
      masks.has(check(mask), cpu) ? 1 : 0,
    ),
    declare("bpf_cpumask_test_and_set_cpu", "bool", "u32 ptr", (cpu = 0, mask = 0) => {
      if (!exists(cpu)) return 0;
      const was = masks.has(own(mask), cpu);
      masks.add(mask, cpu);
      return was ? 1 : 0;
    }),
    declare("bpf_cpumask_test_and_clear_cpu", "bool", "u32 ptr", (cpu = 0, mask = 0) => {
      const was = masks.has(own(mask), cpu);
      masks.remove(mask, cpu);
      return was ? 1 : 0;
    }),
    declare("bpf_cpumask_setall", "void", "ptr", (mask = 0) => {
      for (let index = 0; index < masks.words; index += 1) masks.setWord(own(mask), index, -1);
      return undefined;
    }),
    declare("bpf_cpumask_clear", "void", "ptr", (mask = 0) => {
      masks.clear(own(mask));
      return undefined;
    }),
    declare(
      "bpf_cpumask_and",
      "bool",
      "ptr ptr ptr",
      combine((a, b) => a & b),
    ),
    declare(
      "bpf_cpumask_or",
      "void",
      "ptr ptr ptr",
      combine((a, b) => a | b),
    ),
    declare(
      "bpf_cpumask_xor",
      "void",
      "ptr ptr ptr",
      combine((a, b) => a ^ b),
    ),
    declare(
      "bpf_cpumask_equal",
      "bool",
      "ptr ptr",
      every((a, b) => a === b),
    ),
    declare(
      "bpf_cpumask_subset",
      "bool",
      "ptr ptr",
      every((a, b) => (a & ~b) === 0),
    ),
    declare("bpf_cpumask_intersects", "bool", "ptr ptr", (a = 0, b = 0) => intersects(a, b)),
    declare("bpf_cpumask_empty", "bool", "ptr", (mask = 0) =>
      masks.nextIn(one(check(mask)), 0) < masks.cpus ? 0 : 1,
    ),
    declare("bpf_cpumask_full", "bool", "ptr", (mask = 0) =>
      masks.weight(check(mask)) === masks.cpus ? 1 : 0,
    ),
    declare("bpf_cpumask_copy", "void", "ptr ptr", (to = 0, from = 0) => {
      own(to);
      check(from);
      for (let index = 0; index < masks.words; index += 1)
        masks.setWord(to, index, masks.word(from, index));
      return undefined;
    }),
    declare("bpf_cpumask_weight", "u32", "ptr", (mask = 0) => masks.weight(check(mask))),
    declare("bpf_cpumask_any_distribute", "u32", "ptr", (mask = 0) => distribute(one(check(mask)))),
    declare("bpf_cpumask_any_and_distribute", "u32", "ptr ptr", (a = 0, b = 0) =>
      distribute(inBoth(check(a), check(b))),
    ),
    // Names from before 6.5.
    declare("bpf_cpumask_any", "u32", "ptr", (mask = 0) => distribute(one(check(mask)))),
    declare("bpf_cpumask_any_and", "u32", "ptr ptr", (a = 0, b = 0) =>
      distribute(inBoth(check(a), check(b))),
    ),
    declare("bpf_cpumask_populate", "s32", "ptr ptr u64", (mask = 0, from = 0, bytes = 0) => {
      if (bytes < Math.ceil(masks.cpus / 64) * 8) return errno.invalid;
      own(mask);
      surroundings.span(from, bytes);
      if (from % 8 !== 0) return errno.invalid;
      for (let index = 0; index < masks.words; index += 1)
        masks.setWord(mask, index, masks.word(from, index));
      return 0;
    }),
  ];
}
