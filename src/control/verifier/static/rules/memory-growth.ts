// State of tasks that is made for each and freed for none: the map is full some day, and then the policy
// treats new tasks otherwise, or fails.

import type { CallFact } from "../facts.ts";
import { type Answer, type Evidence, type Found, found, type Rule } from "../rule.ts";
import type { Value } from "../value.ts";
import { opWords } from "../words.ts";

/** BPF_MAP_TYPE_HASH, BPF_MAP_TYPE_PERCPU_HASH. LRU maps forget by themselves; task storage ends with its task. */
const growing = new Set([1, 5]);

export const memoryGrowth: Rule = {
  id: "static/memory-growth",
  severity: "error",
  title: "memory is taken for each task and never given back",
  rationale:
    "htab_map_update_elem() fails with −E2BIG once max_entries tasks have been; pids go on. BPF objects that are pushed and never popped are never freed.",
  check(evidence: Evidence): Answer {
    return found([...maps(evidence), ...objects(evidence)]);
  },
};

function mapOf({ args }: CallFact): number | null {
  const [map] = args;
  return map?.region?.kind === "map" ? map.region.map : null;
}

function maps(evidence: Evidence): Found[] {
  const { calls, object } = evidence;
  const freed = new Set(
    calls.flatMap((call) =>
      /^bpf_map_(delete|lookup_and_delete)_elem$/.test(call.name) ? (mapOf(call) ?? []) : [],
    ),
  );
  return calls.flatMap((call): Found[] => {
    if (call.name !== "bpf_map_update_elem") return [];
    const index = mapOf(call);
    const map = index === null ? undefined : object.maps[index];
    if (index === null || map === undefined || !growing.has(map.type) || freed.has(index))
      return [];
    if (map.name === "hints" || !(call.words[1] ?? []).slice(0, 1).some(isPerTask)) return [];
    return [
      {
        site: call,
        message: `${opWords(call)} adds an entry for each task to ${map.name}, and nothing ever deletes one: it is full after ${map.maxEntries} tasks`,
        hint: `Use task storage (TASK_STORAGE(${map.name}, …)), which ends with the task, or delete the entry in exit_task().`,
      },
    ];
  });
}

function isPerTask(key: Value): boolean {
  return [...key.origins.keys()].some((source) =>
    /^field:task_struct\.(pid|tgid|start_time|start_boottime)$|^call:bpf_get_current_pid_tgid/.test(
      source,
    ),
  );
}

function objects({ calls }: Evidence): Found[] {
  const gives = calls.some(({ name }) =>
    /^bpf_(obj_drop|list_pop|rbtree_remove|kptr_xchg|list_del|percpu_obj_drop)/.test(name),
  );
  if (gives) return [];
  return calls.flatMap((call): Found[] => {
    if (!/^bpf_(list_push|rbtree_add)/.test(call.name)) return [];
    return [
      {
        site: call,
        message: `${opWords(call)} pushes a new object each time, and nothing ever takes one out: memory grows without end`,
        hint: "Take objects out where they have been used (bpf_list_pop_front(), bpf_rbtree_remove()) and free them with bpf_obj_drop().",
      },
    ];
  });
}
