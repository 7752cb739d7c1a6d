// The queue against a plain list: averages, eligibility and the pick by their definitions.

import fc from "fast-check";
import { expect, test } from "vitest";
import { FairEntity } from "./fair-entity.ts";
import { FairQueue } from "./fair-queue.ts";

const fact = fc.record({
  weight: fc.integer({ min: 15, max: 88_761 }),
  vruntime: fc.integer({ min: 0, max: 50_000_000 }),
  deadline: fc.integer({ min: 0, max: 90_000_000 }),
  leave: fc.nat(3),
});

test("pick is the earliest deadline of those with lag ≥ 0", () => {
  fc.assert(
    fc.property(fc.array(fact, { minLength: 2, maxLength: 60 }), (facts) => {
      const queue = new FairQueue(0, 0, 2_800_000);
      let list: FairEntity[] = [];
      for (const { weight, vruntime, deadline, leave } of facts) {
        const entity = new FairEntity(null, null, queue, weight);
        entity.vruntime = vruntime;
        entity.deadline = deadline;
        entity.onRq = true;
        queue.insert(entity);
        list.push(entity);
        if (leave === 0 && list.length > 2) {
          const gone = list[vruntime % list.length] as FairEntity;
          queue.remove(gone);
          list = list.filter((other) => other !== gone);
        }
        queue.queued = list.length;
        if (list.length < 2) continue;
        const total = list.reduce((sum, other) => sum + BigInt(other.weight), 0n);
        const weighted = list.reduce(
          (sum, other) => sum + BigInt(other.weight) * BigInt(other.vruntime),
          0n,
        );
        const average = queue.averageV();
        expect(BigInt(average)).toBe(weighted / total);
        const eligible = list.filter((other) => BigInt(other.vruntime) * total <= weighted);
        expect(eligible.length).toBeGreaterThan(0);
        const earliest = Math.min(...eligible.map((other) => other.deadline));
        const picked = queue.pick(true);
        expect(picked?.deadline).toBe(earliest);
        expect(eligible).toContain(picked);
      }
    }),
    { numRuns: 60 },
  );
});

test("an entity comes back with the lag it left with, and the others' average stays", () => {
  fc.assert(
    fc.property(fc.array(fact, { minLength: 2, maxLength: 20 }), (facts) => {
      const queue = new FairQueue(0, 0, 2_800_000);
      const entities = facts.map(({ weight, vruntime }) => {
        const entity = new FairEntity(null, null, queue, weight);
        // Near enough for no clamping.
        entity.vruntime = vruntime % 1_000_000;
        entity.onRq = true;
        queue.insert(entity);
        queue.queued++;
        return entity;
      });
      const leaver = entities[0] as FairEntity;
      const before = queue.averageV();
      leaver.vlag = queue.lagOf(leaver);
      const lag = before - leaver.vruntime;
      const clamped = leaver.vlag !== lag;
      queue.remove(leaver);
      queue.queued--;
      queue.place(leaver, false);
      queue.insert(leaver);
      queue.queued++;
      if (clamped) return;
      expect(Math.abs(queue.averageV() - leaver.vruntime - lag)).toBeLessThanOrEqual(
        entities.length + 2,
      );
    }),
  );
});
