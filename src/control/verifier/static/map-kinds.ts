// Kinds of maps by their numbers (enum bpf_map_type in include/uapi/linux/bpf.h).

/** BPF_MAP_TYPE_ARRAY, BPF_MAP_TYPE_PERCPU_ARRAY: every element is there from the beginning. */
export function isArrayMap(type: number | undefined): boolean {
  return type === 2 || type === 6;
}

/** BPF_MAP_TYPE_HASH, BPF_MAP_TYPE_PERCPU_HASH, and both as LRU: what nobody put there is not there. */
export function isHashMap(type: number | undefined): boolean {
  return type === 1 || type === 5 || type === 9 || type === 10;
}
