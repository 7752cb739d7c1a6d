// Kfuncs for locks, RCU, preemption, interrupts, arenas and strings. A callback runs alone here and at
// one instant, so nothing has to be kept out: locks only check that they are used in pairs.

import type { Call } from "../../machine/calls.ts";
import { declare } from "../declare.ts";
import { errno } from "../errno.ts";
import { Arena } from "../maps/arena.ts";
import type { Surroundings } from "../surroundings.ts";

const STRING_BYTES_MAX = 4096;

export function contextKfuncs(surroundings: Surroundings): Call[] {
  const nothing = (): undefined => undefined;
  const lock = (at: number): number => {
    surroundings.span(at, 4);
    return 0;
  };
  return [
    declare("bpf_rcu_read_lock", "void", "", nothing),
    declare("bpf_rcu_read_unlock", "void", "", nothing),
    declare("bpf_preempt_disable", "void", "", nothing),
    declare("bpf_preempt_enable", "void", "", nothing),
    declare("bpf_local_irq_save", "void", "ptr", nothing),
    declare("bpf_local_irq_restore", "void", "ptr", nothing),
    declare("bpf_res_spin_lock", "s32", "ptr", lock),
    declare("bpf_res_spin_unlock", "void", "ptr", nothing),
    declare("bpf_res_spin_lock_irqsave", "s32", "ptr ptr", lock),
    declare("bpf_res_spin_unlock_irqrestore", "void", "ptr ptr", nothing),
    ...arenaKfuncs(surroundings),
    ...stringKfuncs(surroundings),
  ];
}

function arenaKfuncs(surroundings: Surroundings): Call[] {
  const arenaOf = (handle: number): Arena => {
    const map = surroundings.maps.find(handle);
    return map instanceof Arena ? map : surroundings.fault("no arena was passed");
  };
  return [
    declare("bpf_arena_alloc_pages", "ptr", "ptr ptr u32 s32 u64", (arena = 0, at = 0, pages = 0) =>
      arenaOf(arena).allocate(at, pages),
    ),
    declare("bpf_arena_free_pages", "void", "ptr ptr u32", (arena = 0, at = 0, pages = 0) => {
      arenaOf(arena).free(at, pages);
      return undefined;
    }),
    declare("bpf_arena_reserve_pages", "s32", "ptr ptr u32", (arena = 0, at = 0, pages = 0) =>
      arenaOf(arena).reserve(at, pages),
    ),
  ];
}

/** bpf_str* of kernel/bpf/helpers.c: positions, comparisons, or ENOENT. */
function stringKfuncs(surroundings: Surroundings): Call[] {
  const bytesAt = (at: number, most: number): Buffer => {
    surroundings.span(at, 1);
    return Buffer.from(surroundings.text(at, Math.min(most, STRING_BYTES_MAX)), "latin1");
  };
  const text = (at: number, most = STRING_BYTES_MAX): string =>
    bytesAt(at, most).toString("latin1");
  const order = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1);
  const found = (position: number): number => (position < 0 ? errno.noEntry : position);
  const character = (code: number): string => String.fromCharCode(code & 0xff);
  const chr = (at: number, most: number, code: number): number => {
    const content = text(at, most);
    if ((code & 0xff) === 0) return content.length < most ? content.length : errno.noEntry;
    return found(content.indexOf(character(code)));
  };
  const span = (at: number, set: string, inSet: boolean): number => {
    const content = text(at);
    const stop = [...content].findIndex((each) => set.includes(each) !== inSet);
    return stop < 0 ? content.length : stop;
  };
  return [
    declare("bpf_strlen", "s32", "ptr", (at = 0) => text(at).length),
    declare("bpf_strnlen", "s32", "ptr u64", (at = 0, most = 0) => text(at, most).length),
    declare("bpf_strcmp", "s32", "ptr ptr", (a = 0, b = 0) => order(text(a), text(b))),
    declare("bpf_strcasecmp", "s32", "ptr ptr", (a = 0, b = 0) =>
      order(text(a).toLowerCase(), text(b).toLowerCase()),
    ),
    declare("bpf_strncasecmp", "s32", "ptr ptr u64", (a = 0, b = 0, most = 0) =>
      order(text(a, most).toLowerCase(), text(b, most).toLowerCase()),
    ),
    declare("bpf_strchr", "s32", "ptr s32", (at = 0, code = 0) => chr(at, STRING_BYTES_MAX, code)),
    declare("bpf_strnchr", "s32", "ptr u64 s32", (at = 0, most = 0, _high = 0, code = 0) =>
      chr(at, most, code),
    ),
    declare("bpf_strchrnul", "s32", "ptr s32", (at = 0, code = 0) => {
      const position = chr(at, STRING_BYTES_MAX, code);
      return position < 0 ? text(at).length : position;
    }),
    declare("bpf_strrchr", "s32", "ptr s32", (at = 0, code = 0) =>
      code === 0 ? text(at).length : found(text(at).lastIndexOf(character(code))),
    ),
    declare("bpf_strstr", "s32", "ptr ptr", (a = 0, b = 0) => found(text(a).indexOf(text(b)))),
    declare("bpf_strnstr", "s32", "ptr ptr u64", (a = 0, b = 0, most = 0) =>
      found(text(a, most).indexOf(text(b))),
    ),
    declare("bpf_strspn", "s32", "ptr ptr", (at = 0, set = 0) => span(at, text(set), true)),
    declare("bpf_strcspn", "s32", "ptr ptr", (at = 0, set = 0) => span(at, text(set), false)),
  ];
}
