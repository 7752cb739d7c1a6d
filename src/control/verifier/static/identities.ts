// Sources that tell one task from another whatever they do. Pure.

const identities: ReadonlySet<string> = new Set(
  ["pid", "tgid", "comm", "thread_pid", "cred", "loginuid"].map(
    (name) => `field:task_struct.${name}`,
  ),
);

/** Who a task is. */
export function isIdentity(source: string): boolean {
  return identities.has(source);
}

const unrelated =
  /^field:(task_struct\.(start_time|start_boottime|timer_slack_ns|usage|rcu_users|exit_code)|kernfs_node\.(id|name)|cgroup_subsys_state\.(id|serial_nr)|cgroup_root\.hierarchy_id)$|^address:/;

/** Properties of a task, or of its cgroup, that are as good as a number drawn for it. */
export function isUnrelated(source: string): boolean {
  return unrelated.test(source);
}

/** Either: compared with each other they say only whether two are the same. */
export function isTelling(source: string): boolean {
  return isIdentity(source) || isUnrelated(source);
}
