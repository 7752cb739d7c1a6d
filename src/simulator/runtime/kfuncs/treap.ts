// A search tree of nodes in linear memory, kept balanced by priorities drawn from their addresses (a
// treap: Seidel and Aragon, "Randomized Search Trees", 1996). Node layout of struct bpf_rb_node_kern:
// parent, right, left, owner; root of struct rb_root_cached: root, leftmost. Used by graphs.ts.

import { errno } from "../errno.ts";

const PARENT = 0;
const RIGHT = 8;
const LEFT = 16;
const OWNER = 24;
const NODE_BYTES = 32;

/** What a tree needs of the run. */
export interface TreapMemory {
  readonly view: DataView;
  /** Both check what a program passed, and answer the address. */
  span(address: number, size: number): number;
  target(address: number, size: number): number;
  /** A node that was in a tree already: the caller's reference to it is given back. */
  dropped(node: number): void;
}

export class Treap {
  readonly #memory: TreapMemory;
  readonly #view: DataView;

  constructor(memory: TreapMemory) {
    this.#memory = memory;
    this.#view = memory.view;
  }

  #get(at: number): number {
    return this.#view.getUint32(at, true);
  }

  #set(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
    this.#view.setUint32(at + 4, 0, true);
  }

  #owned(root: number, node: number): boolean {
    this.#memory.span(root, 16);
    return this.#get(this.#memory.span(node, NODE_BYTES) + OWNER) === root;
  }

  /** 0, or EINVAL for a node that is in a tree: the kernel then drops the caller's reference. */
  add(root: number, node: number, less: (a: number, b: number) => boolean): number {
    this.#memory.target(root, 16);
    this.#memory.target(node, NODE_BYTES);
    if (this.#get(node + OWNER) !== 0) {
      this.#memory.dropped(node);
      return errno.invalid;
    }
    let parent = 0;
    let side = LEFT;
    for (let at = this.#get(root); at !== 0; ) {
      parent = at;
      side = less(node, at) ? LEFT : RIGHT;
      at = this.#get(at + side);
    }
    this.#set(node + PARENT, parent);
    this.#set(node + LEFT, 0);
    this.#set(node + RIGHT, 0);
    this.#set(node + OWNER, root);
    if (parent === 0) this.#set(root, node);
    else this.#set(parent + side, node);
    for (;;) {
      const above = this.#get(node + PARENT);
      if (above === 0 || priority(above) >= priority(node)) break;
      this.#rotateUp(root, node);
    }
    return 0;
  }

  /** The node, or 0 where it is not in this tree. */
  remove(root: number, node: number): number {
    if (!this.#owned(root, node)) return 0;
    for (;;) {
      const left = this.#get(node + LEFT);
      const right = this.#get(node + RIGHT);
      if (left === 0 && right === 0) break;
      const takesLeft = right === 0 || (left !== 0 && priority(left) > priority(right));
      this.#rotateUp(root, takesLeft ? left : right);
    }
    this.#replace(root, this.#get(node + PARENT), node, 0);
    for (const at of [PARENT, LEFT, RIGHT, OWNER]) this.#set(node + at, 0);
    return node;
  }

  first(root: number): number {
    let node = this.top(root);
    for (let left = node; left !== 0; left = this.#get(left + LEFT)) node = left;
    return node;
  }

  top(root: number): number {
    return this.#get(this.#memory.span(root, 16));
  }

  left(root: number, node: number): number {
    return this.#owned(root, node) ? this.#get(node + LEFT) : 0;
  }

  right(root: number, node: number): number {
    return this.#owned(root, node) ? this.#get(node + RIGHT) : 0;
  }

  #replace(root: number, parent: number, old: number, node: number): void {
    if (parent === 0) this.#set(root, node);
    else this.#set(parent + (this.#get(parent + LEFT) === old ? LEFT : RIGHT), node);
    if (node !== 0) this.#set(node + PARENT, parent);
  }

  /** Puts a node in its parent's place, and the parent below it. */
  #rotateUp(root: number, node: number): void {
    const parent = this.#get(node + PARENT);
    const side = this.#get(parent + LEFT) === node ? LEFT : RIGHT;
    const other = side === LEFT ? RIGHT : LEFT;
    const inner = this.#get(node + other);
    this.#replace(root, this.#get(parent + PARENT), parent, node);
    this.#set(parent + side, inner);
    if (inner !== 0) this.#set(inner + PARENT, parent);
    this.#set(node + other, parent);
    this.#set(parent + PARENT, node);
  }
}

/** Spreads addresses, deterministically. */
function priority(node: number): number {
  const mixed = Math.imul(node ^ (node >>> 16), 0x45d9f3b);
  return Math.imul(mixed ^ (mixed >>> 16), 0x45d9f3b) >>> 0;
}
