// Helpers that call back into the program: bpf_loop, bpf_for_each_map_elem, timers (kernel/bpf/
// bpf_iter.c, helpers.c). Loops take fuel for every round, so that none is endless.

import type { Call } from "../../machine/calls.ts";
import { declare } from "../declare.ts";
import { errno } from "../errno.ts";
import type { Surroundings } from "../surroundings.ts";
import { wordOf } from "../words.ts";

/** BPF_MAX_LOOPS. */
const LOOPS_MAX = 8 * 1024 * 1024;
const FUEL_PER_ROUND = 4;

export function callbackHelpers(surroundings: Surroundings): [number, Call][] {
  const { timers } = surroundings;
  return [
    [
      181,
      declare(
        "loop",
        "s32",
        "u32 ptr ptr u64",
        (rounds = 0, callback = 0, context = 0, flags = 0) => {
          if (flags !== 0) return errno.invalid;
          if (rounds > LOOPS_MAX) return errno.tooBig;
          const { machine } = surroundings;
          for (let round = 0; round < rounds; round += 1) {
            machine.burn(FUEL_PER_ROUND);
            const stop = machine.callback(callback, round, context, 0, 0, 0);
            if (stop !== 0 || machine.resultHigh() !== 0) return round + 1;
          }
          return rounds;
        },
      ),
    ],
    [
      164,
      declare(
        "for_each_map_elem",
        "s32",
        "ptr ptr ptr u64",
        (handle = 0, callback = 0, context = 0, flags = 0) => {
          const map = surroundings.maps.find(handle);
          if (!map || flags !== 0) return errno.invalid;
          const { machine } = surroundings;
          return map.visit((key, value) => {
            machine.burn(FUEL_PER_ROUND);
            const stop = machine.callback(callback, handle, key, value, context, 0);
            return stop === 0 && machine.resultHigh() === 0;
          });
        },
      ),
    ],
    [
      169,
      declare("timer_init", "s32", "ptr ptr u64", (timer = 0, handle = 0) => {
        const map = surroundings.maps.find(handle);
        return map ? timers.initialise(surroundings.span(timer, 16), map) : errno.invalid;
      }),
    ],
    [
      170,
      declare("timer_set_callback", "s32", "ptr ptr", (timer = 0, callback = 0) =>
        timers.setCallback(timer, callback),
      ),
    ],
    [
      171,
      declare("timer_start", "s32", "ptr u64 u64", (timer = 0, low = 0, high = 0, flags = 0) =>
        timers.start(timer, wordOf(low, high), flags),
      ),
    ],
    [172, declare("timer_cancel", "s32", "ptr", (timer = 0) => timers.cancel(timer))],
  ];
}
