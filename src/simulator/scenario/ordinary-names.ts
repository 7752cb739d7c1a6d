// Names that programs of an ordinary machine have, for tasks of the families.

/** Programs that compute. */
export const hungryNames: readonly string[] = [
  ...["java", "python3", "cc1plus", "rustc", "ffmpeg", "gzip", "node", "stress-ng"],
];

/** Programs that mostly wait. */
export const modestNames: readonly string[] = [
  ...["nginx", "postgres", "redis-server", "mysqld", "chrome", "firefox", "Xorg", "gnome-shell"],
  ...["pipewire", "dockerd", "containerd", "kubelet", "etcd", "bash", "make", "git", "sqlite3"],
  ...["memcached", "php-fpm", "ruby", "go", "shortjob", "longjob", "worker", "client", "server"],
];
