// How it was measured, on what, and how to do it again.

import type { Measurement } from "../../contract/measurement.ts";
import type { Result } from "../../contract/result.ts";
import type { Command } from "./commands.ts";
import { code, facts, section } from "./figure.ts";
import { countedPairs } from "./headline.ts";
import { clip, type Html, html, type Part } from "./html.ts";
import { orderSentence, stealOf } from "./pairs-figure.ts";
import { count, duration, moment, percent, whole } from "./quantity.ts";
import { nameCharsMax, parameterList } from "./report-input.ts";

const accelerators: Record<Measurement["environment"]["accelerator"], string> = {
  kvm: "KVM (hardware virtualisation)",
  tcg: "QEMU TCG (software emulation)",
  none: "none (on the machine itself)",
};

export function methodSection(measurement: Measurement): Html {
  const { environment, policy } = measurement;
  const voids = measurement.pairs.length - countedPairs(measurement);
  const steal = stealOf(measurement);
  return section(
    "How it was measured",
    html`<p class="lead">Runs come in pairs, one under the kernel’s default scheduler and one under the candidate, back to back, so that drift of the machine hits both alike. Each run starts in a fresh private directory after the workload’s untimed set-up; each arm is warmed up, uncounted, after every attach. The figure is the Hodges–Lehmann centre of the ratios within the pairs (on their logarithms); its 95 % interval is the exact one of Wilcoxon’s signed ranks (Student’s t below six pairs).</p>`,
    facts([
      [
        "Pairs",
        html`${countedPairs(measurement)} counted, ${voids} void${!measurement.complete && html`; <b class="worse">the run was cut short</b>`}`,
      ],
      ["Order of arms", orderSentence(measurement)],
      [
        "CPU time stolen by the host",
        steal === null
          ? null
          : `${percent(steal.median)} of a run (median), ${percent(steal.max)} at most`,
      ],
      [
        "Guests run again",
        measurement.guestsRetried === 0
          ? "none"
          : `${count(measurement.guestsRetried, "guest")} lost to the emulator’s own panic`,
      ],
      [
        "Begun",
        `${moment(clip(measurement.startedAt, 40))}, took ${duration(measurement.seconds * 1000)}`,
      ],
      [
        "Node",
        html`${clip(environment.node, nameCharsMax)}, ${count(environment.cpus, "CPU")}, ${whole(environment.memoryMib)} MiB`,
      ],
      ["Kernel", code(environment.kernel, 160)],
      ["Virtualisation", accelerators[environment.accelerator]],
      ["Guest image", digest(environment.imageSha256)],
      [
        "Workload",
        html`${clip(measurement.workload, nameCharsMax)} ${digest(measurement.workloadSha256)}`,
      ],
      ["Policy source", policy === null ? null : digest(policy.sourceSha256)],
      ["Policy object", policy?.objectSha256 === undefined ? null : digest(policy.objectSha256)],
      [
        "Parameters",
        policy === null ? null : code(parameterList(policy).join(" ") || "as they are", 4000),
      ],
      ["Measurement", code(measurement.id)],
    ]),
  );
}

function digest(sha256: string): Html {
  return code(sha256, 128);
}

export function commandsSection(commands: readonly Command[]): Html {
  return section(
    "Do it again, or go on",
    html`<p class="lead">Where the workload or the policy came from a file of yours, give its path in place of its name.</p><dl class="commands">${commands.map(
      ({ line, purpose }): Part =>
        html`<div><dt>To ${purpose}</dt><dd><pre tabindex="0">${clip(line, 8000)}</pre></dd></div>`,
    )}</dl>`,
  );
}

export function costSection(cost: Result["cost"]): Html {
  return section(
    "What it cost",
    facts(
      [
        ["Time", duration(cost.seconds * 1000)],
        ["Tool calls", whole(cost.toolCalls)],
        ["Tokens read", whole(cost.tokensIn)],
        ["Tokens written", whole(cost.tokensOut)],
        [
          "Model",
          cost.tokensIn + cost.tokensOut === 0
            ? "none was asked"
            : `$${cost.usd.toFixed(cost.usd < 1 ? 3 : 2)}`,
        ],
      ],
      "tight",
    ),
  );
}
