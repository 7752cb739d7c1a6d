// Objects that programs own, and the lists and trees they keep them in (kernel/bpf/helpers.c: bpf_obj_*,
// bpf_refcount_acquire, bpf_list_*, bpf_rbtree_*). Nodes lie in the program's memory as the kernel lays
// them out (struct bpf_list_node_kern, bpf_rb_node_kern); the tree is a treap instead of a red-black
// tree: the same order, another shape.

import type { Call } from "../../machine/calls.ts";
import { declare } from "../declare.ts";
import { errno } from "../errno.ts";
import type { Surroundings } from "../surroundings.ts";
import { Treap } from "./treap.ts";

const OBJECT_BYTES_MAX = 4 * 1024 * 1024;

export function graphKfuncs(surroundings: Surroundings): Call[] {
  return [...objectKfuncs(surroundings), ...listKfuncs(surroundings), ...treeKfuncs(surroundings)];
}

function objectKfuncs(surroundings: Surroundings): Call[] {
  const { heap, cpus, object } = surroundings;
  const sizeOf = (type: number): number => {
    const size = object.btf.size(type);
    if (size < 1 || size > OBJECT_BYTES_MAX)
      return surroundings.fault(`an object of ${size} bytes was asked for`);
    return size;
  };
  const create = (type: number): number => heap.create(sizeOf(type), object.btf.name(type));
  const createPerCpu = (type: number): number =>
    heap.createPerCpu(sizeOf(type), cpus.count, object.btf.name(type));
  const drop = (address: number): undefined => {
    if (!heap.release(address))
      surroundings.fault(`${surroundings.memory.describe(address)} is no object of bpf_obj_new`);
  };
  const acquire = (address: number): number => {
    if (!heap.has(address))
      surroundings.fault(`${surroundings.memory.describe(address)} is no object of bpf_obj_new`);
    heap.acquire(address);
    return address;
  };
  // Each under its name of 7.x and the one before, which has hidden parameters more.
  return [
    declare("bpf_obj_new", "ptr", "u64", create),
    declare("bpf_obj_new_impl", "ptr", "u64 ptr", create),
    declare("bpf_percpu_obj_new", "ptr", "u64", createPerCpu),
    declare("bpf_percpu_obj_new_impl", "ptr", "u64 ptr", createPerCpu),
    declare("bpf_obj_drop", "void", "ptr", drop),
    declare("bpf_obj_drop_impl", "void", "ptr ptr", drop),
    declare("bpf_percpu_obj_drop", "void", "ptr", drop),
    declare("bpf_percpu_obj_drop_impl", "void", "ptr ptr", drop),
    declare("bpf_refcount_acquire", "ptr", "ptr", acquire),
    declare("bpf_refcount_acquire_impl", "ptr", "ptr ptr", acquire),
  ];
}

/** struct list_head: next, prev; the owner follows in a node. */
const NEXT = 0;
const PREVIOUS = 8;
const LIST_OWNER = 16;

function listKfuncs(surroundings: Surroundings): Call[] {
  const { view } = surroundings;
  const get = (at: number): number => view.getUint32(at, true);
  const set = (at: number, value: number): void => {
    view.setUint32(at, value, true);
    view.setUint32(at + 4, 0, true);
  };
  const ready = (head: number): number => {
    surroundings.target(head, 16);
    if (get(head + NEXT) === 0) {
      set(head + NEXT, head);
      set(head + PREVIOUS, head);
    }
    return head;
  };
  const link = (head: number, node: number, after: number): number => {
    surroundings.target(node, 24);
    // bpf_list_add drops a node that is in some list already.
    if (get(node + LIST_OWNER) !== 0) {
      surroundings.heap.release(node);
      return errno.invalid;
    }
    const next = get(after + NEXT);
    set(node + NEXT, next);
    set(node + PREVIOUS, after);
    set(next + PREVIOUS, node);
    set(after + NEXT, node);
    set(node + LIST_OWNER, head);
    return 0;
  };
  const unlink = (node: number): number => {
    const next = get(node + NEXT);
    const previous = get(node + PREVIOUS);
    set(next + PREVIOUS, previous);
    set(previous + NEXT, next);
    set(node + NEXT, node);
    set(node + PREVIOUS, node);
    set(node + LIST_OWNER, 0);
    return node;
  };
  const front = (head: number): number => link1(ready(head), NEXT);
  const back = (head: number): number => link1(ready(head), PREVIOUS);
  const link1 = (head: number, way: number): number => {
    const node = get(head + way);
    return node === head ? 0 : node;
  };
  const pop = (node: number): number => (node === 0 ? 0 : unlink(node));
  const pushFront = (head: number, node: number): number => link(ready(head), node, head);
  const pushBack = (head: number, node: number): number =>
    link(ready(head), node, get(head + PREVIOUS));
  const owned = (head: number, node: number): boolean =>
    get(surroundings.span(node, 24) + LIST_OWNER) === head;
  return [
    declare("bpf_list_push_front", "s32", "ptr ptr", pushFront),
    declare("bpf_list_push_front_impl", "s32", "ptr ptr ptr u64", pushFront),
    declare("bpf_list_push_back", "s32", "ptr ptr", pushBack),
    declare("bpf_list_push_back_impl", "s32", "ptr ptr ptr u64", pushBack),
    declare("bpf_list_pop_front", "ptr", "ptr", (head = 0) => pop(front(head))),
    declare("bpf_list_pop_back", "ptr", "ptr", (head = 0) => pop(back(head))),
    declare("bpf_list_front", "ptr", "ptr", front),
    declare("bpf_list_back", "ptr", "ptr", back),
    declare("bpf_list_empty", "bool", "ptr", (head = 0) => (front(head) === 0 ? 1 : 0)),
    declare("bpf_list_is_first", "bool", "ptr ptr", (head = 0, node = 0) =>
      front(head) === node ? 1 : 0,
    ),
    declare("bpf_list_is_last", "bool", "ptr ptr", (head = 0, node = 0) =>
      back(head) === node ? 1 : 0,
    ),
    declare("bpf_list_add", "s32", "ptr ptr ptr", (head = 0, node = 0, previous = 0) =>
      owned(ready(head), previous) ? link(head, node, previous) : errno.invalid,
    ),
    declare("bpf_list_del", "ptr", "ptr ptr", (head = 0, node = 0) =>
      owned(ready(head), node) ? unlink(node) : 0,
    ),
  ];
}

function treeKfuncs(surroundings: Surroundings): Call[] {
  const tree = new Treap({
    view: surroundings.view,
    span: (address, size) => surroundings.span(address, size),
    target: (address, size) => surroundings.target(address, size),
    dropped: (node) => surroundings.heap.release(node),
  });
  const add = (root: number, node: number, less: number): number =>
    tree.add(root, node, (a, b) => {
      const answer = surroundings.machine.callback(less, a, b, 0, 0, 0);
      return answer !== 0 || surroundings.machine.resultHigh() !== 0;
    });
  return [
    declare("bpf_rbtree_add", "s32", "ptr ptr ptr", add),
    declare("bpf_rbtree_add_impl", "s32", "ptr ptr ptr ptr u64", add),
    declare("bpf_rbtree_remove", "ptr", "ptr ptr", (root = 0, node = 0) => tree.remove(root, node)),
    declare("bpf_rbtree_first", "ptr", "ptr", (root = 0) => tree.first(root)),
    declare("bpf_rbtree_root", "ptr", "ptr", (root = 0) => tree.top(root)),
    declare("bpf_rbtree_left", "ptr", "ptr ptr", (root = 0, node = 0) => tree.left(root, node)),
    declare("bpf_rbtree_right", "ptr", "ptr ptr", (root = 0, node = 0) => tree.right(root, node)),
  ];
}
