// What the workload is, as the profile learnt it from a run under the default scheduler.

import type { EntryProfile, WorkloadProfile } from "../../contract/profile.ts";
import { dataTable, facts, prose, section } from "./figure.ts";
import { clip, type Html, html } from "./html.ts";
import { duration, number, whole } from "./quantity.ts";
import { nameCharsMax } from "./report-input.ts";

const kinds: Record<WorkloadProfile["kind"], string> = {
  "batch-imbalanced": "batch of unequal jobs",
  "batch-uniform": "batch of like jobs",
  "request-response": "requests and responses",
  "message-passing": "message passing",
  mixed: "mixed",
};

export function workloadSection(workload: string, profile: WorkloadProfile | null): Html {
  if (profile === null) {
    return section(
      "The workload",
      html`<p class="none">No profile of <b>${clip(workload, nameCharsMax)}</b> was kept, so only what was measured is known of it.</p>`,
    );
  }
  return section(
    "The workload",
    html`<p class="lead">${prose(profile.summary)}</p>`,
    facts(
      [
        ["Kind", kinds[profile.kind]],
        ["Makespan", duration(profile.makespanMs)],
        ["CPU utilisation", `${whole(profile.utilisation * 100)} %`],
        ["Imbalance", `${number(profile.imbalance)} : 1`],
        ["Tasks per CPU at the start", number(profile.oversubscription)],
        ["Context switches", `${number(profile.contextSwitchesPerSecond)} per second`],
      ],
      "tight",
    ),
    entriesTable(profile.entries),
  );
}

const entriesShown = 12;

function entriesTable(entries: readonly EntryProfile[]): Html {
  if (entries.length <= entriesShown) return tableOf("Entries", entries);
  const total = (entry: EntryProfile) => entry.cpuMs * entry.count;
  const busiest = [...entries].sort((a, b) => total(b) - total(a)).slice(0, entriesShown);
  return html`${tableOf(`The ${entriesShown} entries that use most CPU time`, busiest)}<details><summary>All ${entries.length} entries</summary>${tableOf("Entries", entries)}</details>`;
}

function tableOf(title: string, entries: readonly EntryProfile[]): Html {
  return dataTable(
    `${title}: medians over their processes, in one run under the default scheduler`,
    [
      { title: "Entry" },
      { title: "Processes", numeric: true },
      { title: "Lifetime", numeric: true },
      { title: "CPU time", numeric: true },
      { title: "CPU share", numeric: true },
      { title: "Waited", numeric: true },
      { title: "Switches/s", numeric: true },
      { title: "Voluntary", numeric: true },
    ],
    entries.map((entry) => [
      html`${clip(entry.name, nameCharsMax)}${entry.background && html` <small>background</small>`}`,
      whole(entry.count),
      duration(entry.lifetimeMs),
      duration(entry.cpuMs),
      `${whole(entry.cpuShare * 100)} %`,
      duration(entry.waitMs),
      number(entry.switchesPerSecond),
      `${whole(entry.voluntaryShare * 100)} %`,
    ]),
  );
}
