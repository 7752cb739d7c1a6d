#!/bin/sh
# Drives the native programs in a throw-away guest, as root. Prints `ok`/`FAIL` lines; exit code 1
# where one failed. Never on a machine that is used: it changes the scheduler and starves tasks.
#
#   guest.sh DIR      DIR holds schedcp-loader, schedcp-runner, schedcp-probe, sched.bpf.o and the
#                     objects fifo.bpf.o, stall.bpf.o, refused.bpf.o made from the sources beside this
#                     script: clang -g -O2 -target bpf -mcpu=v3 -D__TARGET_ARCH_x86 -I(vmlinux.h) -c

set -u
BIN=$1
WORK=$(mktemp -d)
CGROUP=/sys/fs/cgroup/native-test
USER_ID=65534
failed=0
cd "$WORK" || exit 1
chmod 755 "$WORK"
mkdir -p "$CGROUP/a" "$CGROUP/b"

say() { # NAME CONDITION…
	name=$1; shift
	if "$@"; then echo "ok   $name"; else echo "FAIL $name"; failed=1; fi
}
holds() { grep -q -e "$2" "$1"; }        # FILE PATTERN
lacks() { ! grep -q -e "$2" "$1"; }
state() { cat /sys/kernel/sched_ext/state; }
is_disabled() { [ "$(state)" = disabled ]; }
await() { # SECONDS COMMAND…: true once it holds
	until=$(($(date +%s) + $1)); shift
	while [ "$(date +%s)" -le $until ]; do "$@" && return 0; sleep 0.05; done
	return 1
}
hex() { printf %s "$1" | od -An -v -tx1 | tr -d ' \n'; }
now() { cut -d' ' -f1 /proc/uptime; }
since() { awk -v a="$1" -v b="$(now)" 'BEGIN { printf "%d", (b - a) * 1000 }'; }

# --- loader: LOAD OBJECT HEADER… starts it with its input held open on descriptor 3
load() {
	object=$BIN/$1; shift
	rm -f in out; mkfifo in
	"$BIN/schedcp-loader" < in > out 2> err & loader=$!
	exec 3> in
	{
		echo "object-bytes $(wc -c < "$object")"
		for line in "$@"; do echo "$line"; done
		echo
		cat "$object"
	} >&3
}
unload() { exec 3>&-; wait "$loader"; code=$?; }
common="name test_policy"

load fifo.bpf.o "$common" "timeout-ms 5000" "partial 0" "knob slice_ns i 3000000" "knob strict b 1" \
	"knob offset_ms i -7" "knob small i 255" "knob wanted s $(hex good)" "knob hint_ms i 77" \
	"hint 42 77" "hint 43 1"
await 20 holds out event; cat out
say "attaches with knobs, hints and the imposed name" holds out '"event":"attached","opsName":"test_policy"'
say "tells what it masked off" holds out "\"hints\":2,\"droppedFlags\":$((1 << 40))"
say "is the one that runs" [ "$(cat /sys/kernel/sched_ext/root/ops)" = test_policy ]
say "every task moves" [ "$(cat /sys/kernel/sched_ext/switch_all)" = 1 ]
echo "read slice_ns 8" >&3
say "reads a global" await 5 holds out '"event":"map","name":"slice_ns","data":"wMYtAAAAAAA="'
echo "read slice_ns 7" >&3
say "reads no more than asked for" await 5 holds out '"stage":"read","code":"E2BIG"'
echo "read hints 4096" >&3
say "reads no hash map" await 5 holds out '"stage":"read","code":"ENOENT"'
unload
say "detaches when its input ends" holds out '"event":"detached"'
say "exit code 0" [ $code = 0 ]
say "the default is back" is_disabled

load fifo.bpf.o "$common" "timeout-ms 5000" "partial 1"
await 20 holds out event
say "partial mode" [ "$(cat /sys/kernel/sched_ext/switch_all)" = 0 ]
kill -9 "$loader"; started=$(now)
say "kill -9 reverts" await 2 is_disabled
echo "     after $(since "$started") ms"
unload

load fifo.bpf.o "$common" "timeout-ms 5000" "partial 0" "knob nonsense i 1"
unload; cat out
say "an unknown knob, with those that exist" holds out '"stage":"knob".*"knobs":\["slice_ns u64".*"wanted char\[16\]"'
say "exit code 1" [ $code = 1 ]
for knob in "small i 256" "small i -1" "offset_ms i 2147483648" "strict i 2" "slice_ns b 1" "wanted i 1" \
	"wanted s $(hex 1234567890123456)" "slice_ns s 00" "slice_ns i x" "LICENSE s 00"; do
	load fifo.bpf.o "$common" "timeout-ms 5000" "partial 0" "knob $knob"
	unload
	say "knob refused: $knob" holds out '"stage":"knob"'
done
load fifo.bpf.o "$common" "timeout-ms 5000" "partial 0" "knob hint_ms i 77" "hint 42 76"
unload; cat out
say "an init that fails is an attach error" holds out '"stage":"attach"'
load fifo.bpf.o "$common" "timeout-ms 5000"
unload
say "a missing key is a bad header" holds out '"stage":"header"'
say "exit code 2" [ $code = 2 ]
printf 'object-bytes 99\nname x\ntimeout-ms 1000\npartial 0\n\nnot elf' | "$BIN/schedcp-loader" > out
say "a short object is a bad header" holds out '"stage":"header".*7 of 99'
printf 'object-bytes 7\nname x\ntimeout-ms 1000\npartial 0\n\nnot elf' | "$BIN/schedcp-loader" > out
say "rubbish is refused" holds out '"stage":"open"'

load refused.bpf.o "$common" "timeout-ms 5000" "partial 0"
unload
say "the kernel verifier's log comes along" holds out '"stage":"load","code":"EACCES".*"log":".*map_value_or_null'

load stall.bpf.o "$common" "timeout-ms 1000" "partial 0"
await 20 holds out event
cp /bin/sleep victim; started=$(now)
./victim 1 & victim=$!
say "ejected by the imposed watchdog" await 10 holds out '"event":"gone"'
echo "     after $(since "$started") ms"
say "the default is back" is_disabled
echo "read LICENSE 16" >&3
say "still answers after that" await 5 holds out '"stage":"read"'
unload; say "exit code 1" [ $code = 1 ]
dmesg | grep -q 'runnable task stall'; say "the kernel says why" [ $? = 0 ]
wait "$victim"

# --- runner: RUN HEADER… after the common lines; input held open on descriptor 4
run() {
	rm -rf dir; mkdir dir; chown $USER_ID:$USER_ID dir
	rm -f rin rout; mkfifo rin
	"$BIN/schedcp-runner" < rin > rout 2> rerr & runner=$!
	exec 4> rin
	{
		printf 'dir %s\nuid %s\ngid %s\nkill-cgroup %s\n' "$WORK/dir" $USER_ID $USER_ID "$CGROUP"
		printf 'output-tail-bytes 64\nerror-tail-bytes 128\n'
		for line in "$@"; do echo "$line"; done
		echo
	} >&4
}
finish() { wait "$runner"; code=$?; exec 4>&-; }
task() { echo "task $1 $2 $3 $4 $CGROUP/$5 $(hex "$6")"; } # ENTRY INDEX BACKGROUND CAPTURE LEAF COMMAND
no_process() { [ -z "$(cat "$CGROUP/a/cgroup.procs" "$CGROUP/b/cgroup.procs")" ]; }
makespan() { sed -n 's/.*"makespanMs":\([0-9]*\).*/\1/p' rout; }

lines="time-limit-ms 60000"
command=$(hex 'seq 1 2000 | sort -R > /dev/null')
for i in $(seq 0 38); do lines="$lines
task 0 $i 0 0 $CGROUP/a $command"; done
run "$lines" "$(task 1 0 0 1 b 'id -u; pwd; echo $HOME:$TMPDIR:$LANG; cat /proc/self/cgroup; seq 1 200000 | tail -1; printf "\\377\\042\\n"')"
finish; head -3 rout; tail -2 rout
say "40 tasks" [ "$(grep -c '"event":"task"' rout)" = 40 ]
say "done" holds rout '"event":"done","outcome":"done"'
say "first word is the release" [ "$(head -1 rout | cut -c1-27)" = '{"event":"released","atUs":' ]
say "output is a valid tail" holds rout '"output":"[^\\].*200000\\n\\ufffd\\"\\n"'
say "nothing left" no_process

run "time-limit-ms 20000" "$(task 0 0 0 1 b 'id -u; id -G; ulimit -c; ls /proc/self/fd | tr "\n" " "; env | grep -c .')"
finish; cat rout
say "ordinary user, no groups, no core, no extra files" holds rout '"output":"65534\\n65534\\n0\\n0 1 2 3 '

run "time-limit-ms 20000" "$(task 0 0 0 0 a 'sleep 5')" "$(task 1 3 0 0 b 'echo going down >&2; sleep 0.3; exit 3')"
finish; cat rout
say "a failing task ends the run at once" holds rout '"outcome":"failed".*"failure":{"entry":1,"index":3,"exitCode":3,"signal":null,"stderrTail":"going down\\n"}'
say "before the other one ended" [ "$(makespan)" -lt 3000 ]
run "time-limit-ms 20000" "$(task 0 0 0 0 a 'kill -SEGV $$')"
finish
say "a signal has its name" holds rout '"exitCode":null,"signal":"SIGSEGV"'
run "time-limit-ms 20000" "$(task 0 0 0 0 a 'no-such-program')"
finish
say "a missing program" holds rout '"exitCode":127.*not found'

run "time-limit-ms 60000" \
	"$(task 0 0 0 1 a 'head -c 20000000 /dev/zero | tr "\0" x; echo; echo END')" \
	"$(task 1 0 0 0 b 'head -c 20000000 /dev/zero >&2; exit 0')" "$(task 2 0 0 0 a 'yes | head -c 20000000')"
finish; tail -c 400 rout
say "floods end and keep their tail" holds rout 'xxxx\\nEND\\n"'
say "all three done" holds rout '"outcome":"done"'

run "time-limit-ms 1500" "$(task 0 0 0 0 a 'sleep 1000 & sleep 1000 & setsid sleep 1000 & trap "" TERM INT; while :; do :; done')"
finish; cat rout
say "a hanging task is timed out" holds rout '"outcome":"timed-out","makespanMs":15'
say "with all that it started" no_process
run "time-limit-ms 60000" "stop-after-ms 500" "$(task 0 0 0 0 a 'sleep 1000')"
finish
say "a warm-up is done when it is stopped" holds rout '"outcome":"done","makespanMs":5'

run "time-limit-ms 20000" "$(task 0 0 1 0 a 'echo serving >&2; trap "" TERM; while :; do sleep 1; done')" \
	"$(task 1 0 0 0 b 'sleep 1')" "$(task 2 0 1 0 b 'exit 9')"
finish; cat rout
say "a server ends with the run, its status does not count" holds rout '"outcome":"done"'
say "and is no task of it" [ "$(grep -c '"event":"task"' rout)" = 1 ]
say "nor part of the makespan" [ "$(makespan)" -lt 2500 ]
say "nothing left" no_process

run "time-limit-ms 20000" "$(task 0 0 0 0 a 'sleep 1000')"
await 5 holds rout released; exec 4>&-; wait "$runner"; code=$?
say "the end of input stops the run" holds rout '"event":"stopped"'
say "exit code 1" [ $code = 1 ]
say "nothing left" no_process
run "time-limit-ms 20000" "$(task 0 0 0 0 a 'setsid sleep 1000 & sleep 1000')"
await 5 holds rout released; kill -9 "$runner"
say "kill -9 of the runner leaves nothing" await 2 no_process
exec 4>&-
run "time-limit-ms 20000" "task 0 0 0 0 /sys/fs/cgroup $(hex true)"
finish
say "a task outside of kill-cgroup" holds rout '"stage":"header".*not within'
run "time-limit-ms 20000" "task 0 0 0 0 $CGROUP/missing $(hex true)"
finish
say "a missing cgroup" holds rout '"stage":"fork","code":"ENOENT"'
say "nothing left" no_process

lines=$(seq 0 1023 | awk -v c="$CGROUP" -v x="$(hex 'echo hello')" '
	{ print "task", $1 % 64, $1, 0, $1 % 2, c ($1 % 2 ? "/a" : "/b"), x }')
lines="time-limit-ms 120000
$lines"
run "$lines"; finish; tail -1 rout
say "1024 tasks" [ "$(grep -c '"event":"task"' rout)" = 1024 ]
say "with their output" [ "$(grep -c '"output":"hello' rout)" = 512 ]

# --- runner and probe under the default scheduler and under a policy
trace() {
	rm -f pin pout; mkfifo pin
	"$BIN/schedcp-probe" < pin > pout & probe=$!
	exec 5> pin
	{
		printf 'object-bytes %s\nsegments-max %s\n' "$(wc -c < "$BIN/sched.bpf.o")" "$1"
		printf 'entry %s\nentry %s\n\n' "$(stat -c %i $CGROUP/a)" "$(stat -c %i $CGROUP/b)"
		cat "$BIN/sched.bpf.o"
	} >&5
	await 20 holds pout event
	run "time-limit-ms 60000" "$(task 0 0 0 0 a 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done')" \
		"$(task 0 1 0 0 a 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done')" \
		"$(task 0 2 0 0 a 'i=0; while [ $i -lt 100000 ]; do i=$((i+1)); done')" \
		"$(task 1 0 0 0 b 'for i in 1 2 3 4 5; do sleep 0.1; done')"
	finish
	exec 5>&-; wait "$probe"; code=$?
}
# Busy time of the timeline against the tasks' own CPU time, by entry 0; segments inside the run.
sane() {
	node -e '
	const lines = (f) => require("fs").readFileSync(f, "utf8").trim().split("\n").map((l) => JSON.parse(l));
	const trace = lines("pout").find((l) => l.event === "trace");
	const run = lines("rout");
	const at = run[0].atUs, done = run.at(-1);
	const cpu = run.filter((l) => l.event === "task" && l.entry === 0).reduce((s, t) => s + t.userMs + t.systemMs, 0);
	const wait = run.filter((l) => l.event === "task" && l.entry === 0).reduce((s, t) => s + t.waitMs, 0);
	const mine = trace.timeline.filter((s) => s[1] === 0 && s[3] >= at);
	const busy = mine.reduce((s, t) => s + t[4] - t[3], 0) / 1000;
	const overlap = [0, 1].some((cpu) => { let last = 0; for (const s of trace.timeline) if (s[0] === cpu) { if (s[3] < last - 1) return true; last = s[4]; } return false; });
	const least = trace.waits[0].reduce((s, n, i) => s + n * (i ? 2 ** i : 0), 0) / 1000;
	console.log(JSON.stringify({ segments: trace.timeline.length, dropped: trace.dropped, busyMs: busy, cpuMs: cpu, waitMs: wait, waitLeastMs: least, makespanMs: done.makespanMs, counters: done.counters, waits: trace.waits.map((w) => w.join(" ")) }));
	const good = trace.waits.length === 2 && trace.waits[0].length === 32 && Math.abs(busy - cpu) < 0.3 * cpu + 50
		&& !overlap && least <= wait * 1.2 + 50 && 2 * least >= wait * 0.8 - 50 && trace.timeline.every((s) => s[4] >= s[3]);
	process.exit(good ? 0 : 1);'
}
trace 20000
say "the probe's figures agree with the kernel's (default scheduler)" sane
load fifo.bpf.o "$common" "timeout-ms 10000" "partial 0"
await 20 holds out attached
trace 20000
say "and under a policy" sane
trace 5
say "a full timeline counts what it drops" node -e '
	const t = JSON.parse(require("fs").readFileSync("pout", "utf8").trim().split("\n")[1]);
	process.exit(t.timeline.length === 5 && t.dropped > 5 ? 0 : 1)'
unload
say "the default is back" is_disabled
rmdir "$CGROUP/a" "$CGROUP/b" "$CGROUP"
say "the cgroups are empty" [ ! -d "$CGROUP" ]
[ $failed = 0 ] && echo "ALL OK"
exit $failed
