#!/bin/sh
# The guest's first process. Mounts what a system needs, makes the workload's user and its tmpfs,
# and keeps the node daemon running; when the daemon ends, so does the guest.
B=/usr/lib/schedcp/busybox
mount -t proc -o nosuid,nodev,noexec,hidepid=2 proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev 2>/dev/null
mkdir -p /dev/shm /dev/pts
mount -t tmpfs -o nosuid,nodev shm /dev/shm
mount -t devpts pts /dev/pts
mount -t tmpfs -o nosuid,nodev tmp /tmp
mount -t tmpfs -o nosuid,nodev,mode=0755 run /run
mount -t cgroup2 cgroup /sys/fs/cgroup
mount -t bpf bpf /sys/fs/bpf
mount -t tracefs tracefs /sys/kernel/tracing
mount -t debugfs debugfs /sys/kernel/debug
chmod 1777 /tmp /dev/shm
chmod 0700 /sys/kernel/debug /sys/kernel/tracing
$B ip link set lo up
$B hostname node
echo 1 > /proc/sys/kernel/dmesg_restrict
echo 2 > /proc/sys/kernel/kptr_restrict
echo 0 > /proc/sys/kernel/sysrq
echo 0 > /proc/sys/kernel/sched_autogroup_enabled 2>/dev/null
mkdir -p /work /home/workload
mount -t tmpfs -o nosuid,nodev,mode=0755,size=60% work /work
grep -q '^workload:' /etc/passwd || echo 'workload:x:1000:1000:workload:/home/workload:/bin/sh' >> /etc/passwd
grep -q '^workload:' /etc/group || echo 'workload:x:1000:' >> /etc/group
chown 1000:1000 /home/workload
# The port is named by the kernel; only the daemon may open it.
port=
for d in /sys/class/virtio-ports/*; do
	[ "$(cat "$d/name" 2>/dev/null)" = org.schedcp.node ] && port=/dev/${d##*/}
done
chmod 0600 "$port"
chmod 0600 /dev/kmsg /dev/console /dev/ttyS0
cd /
# Round robin, in short turns: on one CPU a thread of Node's that spins for another would wait for ever.
echo 4 > /proc/sys/kernel/sched_rr_timeslice_ms
# Without V8's compilers: a restored guest has their code to translate first, and the daemon does little.
PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root NODE_ENV=production \
	chrt -r 20 node --jitless --max-old-space-size=128 /usr/lib/schedcp/app/daemon/main.js --port "$port" --native /usr/lib/schedcp &
# `wait` also reaps every orphan that falls to the first process.
wait $!
echo "schedcpd: ended with $?"
echo 1 > /proc/sys/kernel/sysrq
echo o > /proc/sysrq-trigger
while :; do $B sleep 10; done
