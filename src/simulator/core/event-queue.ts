// The machine's clockwork: timers in a 4-ary heap on typed arrays. A timer is a slot that is made once and
// armed again and again; arming moves it, cancelling removes it, so nothing stale is ever popped. Equal
// times fire in the order in which they were armed. No allocation except growth.

const initialSlots = 1024;

export class EventQueue {
  /** Of the slot that `pop` gave last. */
  time = 0;
  size = 0;
  #slots = 0;
  #order = 0;
  #kind = new Uint8Array(initialSlots);
  #argument = new Int32Array(initialSlots);
  /** Place in the heap, -1: not armed. */
  #place = new Int32Array(initialSlots);
  #free: number[] = [];
  #heapSlot = new Int32Array(initialSlots);
  #heapTime = new Float64Array(initialSlots);
  #heapOrder = new Float64Array(initialSlots);

  allocate(kind: number, argument: number): number {
    const recycled = this.#free.pop();
    const slot = recycled ?? this.#slots++;
    if (slot >= this.#kind.length) this.#grow();
    this.#kind[slot] = kind;
    this.#argument[slot] = argument;
    this.#place[slot] = -1;
    return slot;
  }

  release(slot: number): void {
    this.cancel(slot);
    this.#free.push(slot);
  }

  kind(slot: number): number {
    return this.#kind[slot] as number;
  }

  argument(slot: number): number {
    return this.#argument[slot] as number;
  }

  armed(slot: number): boolean {
    return (this.#place[slot] as number) >= 0;
  }

  /** When it fires; only where armed. */
  timeOf(slot: number): number {
    return this.#heapTime[this.#place[slot] as number] as number;
  }

  arm(slot: number, time: number): void {
    const order = this.#order++;
    const place = this.#place[slot] as number;
    if (place < 0) {
      this.#up(this.size++, slot, time, order);
      return;
    }
    if (time < (this.#heapTime[place] as number)) this.#up(place, slot, time, order);
    else this.#down(place, slot, time, order);
  }

  cancel(slot: number): void {
    const place = this.#place[slot] as number;
    if (place < 0) return;
    this.#place[slot] = -1;
    const last = --this.size;
    if (place === last) return;
    const moved = this.#heapSlot[last] as number;
    const time = this.#heapTime[last] as number;
    const order = this.#heapOrder[last] as number;
    if (place > 0 && this.#before(time, order, (place - 1) >> 2)) {
      this.#up(place, moved, time, order);
    } else this.#down(place, moved, time, order);
  }

  /** The earliest slot, disarmed, its time in `time`; -1 where none is armed. */
  pop(): number {
    if (this.size === 0) return -1;
    const slot = this.#heapSlot[0] as number;
    this.time = this.#heapTime[0] as number;
    this.#place[slot] = -1;
    const last = --this.size;
    if (last > 0) {
      this.#down(
        0,
        this.#heapSlot[last] as number,
        this.#heapTime[last] as number,
        this.#heapOrder[last] as number,
      );
    }
    return slot;
  }

  #before(time: number, order: number, place: number): boolean {
    const other = this.#heapTime[place] as number;
    return time < other || (time === other && order < (this.#heapOrder[place] as number));
  }

  #put(place: number, slot: number, time: number, order: number): void {
    this.#heapSlot[place] = slot;
    this.#heapTime[place] = time;
    this.#heapOrder[place] = order;
    this.#place[slot] = place;
  }

  #move(from: number, to: number): void {
    const slot = this.#heapSlot[from] as number;
    this.#heapSlot[to] = slot;
    this.#heapTime[to] = this.#heapTime[from] as number;
    this.#heapOrder[to] = this.#heapOrder[from] as number;
    this.#place[slot] = to;
  }

  #up(from: number, slot: number, time: number, order: number): void {
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 2;
      if (!this.#before(time, order, parent)) break;
      this.#move(parent, place);
      place = parent;
    }
    this.#put(place, slot, time, order);
  }

  #down(from: number, slot: number, time: number, order: number): void {
    let place = from;
    for (;;) {
      const first = place * 4 + 1;
      if (first >= this.size) break;
      const end = Math.min(first + 4, this.size);
      let least = first;
      let leastTime = this.#heapTime[first] as number;
      let leastOrder = this.#heapOrder[first] as number;
      for (let child = first + 1; child < end; child++) {
        const childTime = this.#heapTime[child] as number;
        if (childTime > leastTime) continue;
        const childOrder = this.#heapOrder[child] as number;
        if (childTime === leastTime && childOrder > leastOrder) continue;
        least = child;
        leastTime = childTime;
        leastOrder = childOrder;
      }
      if (time < leastTime || (time === leastTime && order < leastOrder)) break;
      this.#move(least, place);
      place = least;
    }
    this.#put(place, slot, time, order);
  }

  #grow(): void {
    const length = this.#kind.length * 2;
    this.#kind = grown(new Uint8Array(length), this.#kind);
    this.#argument = grown(new Int32Array(length), this.#argument);
    this.#place = grown(new Int32Array(length), this.#place);
    this.#heapSlot = grown(new Int32Array(length), this.#heapSlot);
    this.#heapTime = grown(new Float64Array(length), this.#heapTime);
    this.#heapOrder = grown(new Float64Array(length), this.#heapOrder);
  }
}

function grown<T extends Uint8Array | Int32Array | Float64Array>(to: T, from: T): T {
  to.set(from);
  return to;
}
