// Helpers that work on maps (kernel/bpf/helpers.c, ringbuf.c, bpf_task_storage.c, bpf_cgrp_storage.c).
// Numbers: enum bpf_func_id of include/uapi/linux/bpf.h.

import type { Call } from "../../machine/calls.ts";
import { declare } from "../declare.ts";
import { errno } from "../errno.ts";
import { type BpfMap, updateFlags } from "../maps/bpf-map.ts";
import { LocalStorage } from "../maps/local-storage.ts";
import { RingBuffer } from "../maps/ring-buffer.ts";
import type { Surroundings } from "../surroundings.ts";

/** BPF_LOCAL_STORAGE_GET_F_CREATE. */
const STORAGE_CREATE = 1;

export function mapHelpers(surroundings: Surroundings): [number, Call][] {
  const mapAt = (handle: number): BpfMap =>
    surroundings.maps.find(handle) ??
    surroundings.fault(`${surroundings.memory.describe(handle)} was passed as a map`);
  const key = (map: BpfMap, at: number): number => surroundings.span(at, map.definition.keySize);
  const value = (map: BpfMap, at: number): number =>
    surroundings.span(at, map.definition.valueSize);
  const room = (map: BpfMap, at: number): number =>
    surroundings.target(at, map.definition.valueSize);
  return [
    [
      1,
      declare("map_lookup_elem", "ptr", "ptr ptr", (handle = 0, at = 0) => {
        const map = mapAt(handle);
        return map.lookup(key(map, at));
      }),
    ],
    [
      2,
      declare(
        "map_update_elem",
        "s32",
        "ptr ptr ptr u64",
        (handle = 0, at = 0, from = 0, flags = 0) => {
          const map = mapAt(handle);
          return map.update(key(map, at), value(map, from), flags & ~updateFlags.lock);
        },
      ),
    ],
    [
      3,
      declare("map_delete_elem", "s32", "ptr ptr", (handle = 0, at = 0) => {
        const map = mapAt(handle);
        const gone = map.lookup(key(map, at));
        const error = map.remove(at);
        if (error === 0) surroundings.timers.forget(gone, map.definition.valueSize);
        return error;
      }),
    ],
    [
      87,
      declare("map_push_elem", "s32", "ptr ptr u64", (handle = 0, from = 0, flags = 0) => {
        const map = mapAt(handle);
        return map.push(value(map, from), flags);
      }),
    ],
    [
      88,
      declare("map_pop_elem", "s32", "ptr ptr", (handle = 0, to = 0) => {
        const map = mapAt(handle);
        return map.pop(room(map, to));
      }),
    ],
    [
      89,
      declare("map_peek_elem", "s32", "ptr ptr", (handle = 0, to = 0) => {
        const map = mapAt(handle);
        return map.peek(room(map, to));
      }),
    ],
    [
      195,
      declare("map_lookup_percpu_elem", "ptr", "ptr ptr u32", (handle = 0, at = 0, cpu = 0) => {
        const map = mapAt(handle);
        return map.lookupOnCpu(key(map, at), cpu);
      }),
    ],
    ...ringHelpers(surroundings, mapAt),
    ...storageHelpers(surroundings, mapAt),
  ];
}

function ringHelpers(
  surroundings: Surroundings,
  mapAt: (handle: number) => BpfMap,
): [number, Call][] {
  const ringAt = (handle: number): RingBuffer => {
    const map = mapAt(handle);
    return map instanceof RingBuffer ? map : surroundings.fault(`${map.name} is no ring buffer`);
  };
  const finish = (record: number, keep: boolean): undefined => {
    for (const map of surroundings.maps.all)
      if (map instanceof RingBuffer && map.finish(record, keep)) return;
    surroundings.fault(`${surroundings.memory.describe(record)} was not reserved`);
  };
  return [
    [
      130,
      declare("ringbuf_output", "s32", "ptr ptr u64 u64", (ring = 0, data = 0, size = 0) => {
        surroundings.span(data, size);
        return ringAt(ring).output(size) ? 0 : errno.again;
      }),
    ],
    [
      131,
      declare("ringbuf_reserve", "ptr", "ptr u64 u64", (ring = 0, low = 0, high = 0) =>
        high === 0 ? ringAt(ring).reserve(low) : 0,
      ),
    ],
    [132, declare("ringbuf_submit", "void", "ptr u64", (record = 0) => finish(record, true))],
    [133, declare("ringbuf_discard", "void", "ptr u64", (record = 0) => finish(record, false))],
    [
      134,
      declare("ringbuf_query", "ns", "ptr u64", (ring = 0, what = 0) => ringAt(ring).query(what)),
    ],
  ];
}

function storageHelpers(
  surroundings: Surroundings,
  mapAt: (handle: number) => BpfMap,
): [number, Call][] {
  const storageAt = (handle: number, owner: "task" | "cgroup"): LocalStorage => {
    const map = mapAt(handle);
    if (map instanceof LocalStorage && map.owner === owner) return map;
    return surroundings.fault(`${map.name} is no ${owner} storage`);
  };
  const get = (storage: LocalStorage, owner: number, initial: number, flags: number): number =>
    flags & STORAGE_CREATE ? storage.getOrCreate(owner, initial) : storage.get(owner);
  const drop = (storage: LocalStorage, owner: number): number => {
    surroundings.timers.forget(storage.get(owner), storage.definition.valueSize);
    return storage.drop(owner) ? 0 : errno.noEntry;
  };
  const taskOwner = (task: number): number => ownerOf(surroundings.task(task));
  return [
    [
      156,
      declare(
        "task_storage_get",
        "ptr",
        "ptr ptr ptr u64",
        (handle = 0, task = 0, initial = 0, flags = 0) =>
          task === 0 ? 0 : get(storageAt(handle, "task"), taskOwner(task), initial, flags),
      ),
    ],
    [
      157,
      declare("task_storage_delete", "s32", "ptr ptr", (handle = 0, task = 0) =>
        task === 0 ? errno.invalid : drop(storageAt(handle, "task"), taskOwner(task)),
      ),
    ],
    [
      210,
      declare(
        "cgrp_storage_get",
        "ptr",
        "ptr ptr ptr u64",
        (handle = 0, cgroup = 0, initial = 0, flags = 0) =>
          cgroup === 0
            ? 0
            : get(storageAt(handle, "cgroup"), surroundings.cgroup(cgroup), initial, flags),
      ),
    ],
    [
      211,
      declare("cgrp_storage_delete", "s32", "ptr ptr", (handle = 0, cgroup = 0) =>
        cgroup === 0
          ? errno.invalid
          : drop(storageAt(handle, "cgroup"), surroundings.cgroup(cgroup)),
      ),
    ],
  ];
}

/** Storage is indexed from 0: ordinary tasks by 2n, idle tasks by 2n + 1. */
export function ownerOf(task: number): number {
  return task >= 0 ? task * 2 : -1 - task * 2;
}
