/* Arrays, hashes and their per-CPU and LRU forms, queues, map in map, callbacks over maps. */
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 4); __type(key, u32); __type(value, u64); } numbers SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_PERCPU_ARRAY); __uint(max_entries, 2); __type(key, u32); __type(value, u64); } counts SEC(".maps");
struct pair { u32 a; u32 b; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 3); __type(key, struct pair); __type(value, u64); } pairs SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_PERCPU_HASH); __uint(max_entries, 3); __type(key, u32); __type(value, u64); } per_cpu SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_LRU_HASH); __uint(max_entries, 2); __type(key, u32); __type(value, u32); } recent SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_QUEUE); __uint(max_entries, 2); __type(value, u32); } queue SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_STACK); __uint(max_entries, 2); __type(value, u32); } stack SEC(".maps");
struct inner { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, u32); __type(value, u32); } inner_a SEC(".maps"), inner_b SEC(".maps");
struct {
	__uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS); __uint(max_entries, 3); __type(key, u32);
	__array(values, struct inner);
} outer SEC(".maps") = { .values = { [0] = &inner_a, [2] = &inner_b } };

static u64 put_number(u32 key, u64 value) { return bpf_map_update_elem(&numbers, &key, &value, BPF_ANY); }

static long add_up(void *map, u32 *key, u64 *value, u64 *sum)
{
	*sum += *value + *key * 1000;
	return *key == 2;
}

static void arrays(void)
{
	u32 key = 4, zero = 0;
	u64 sum = 0, *value;

	CHECK(!bpf_map_lookup_elem(&numbers, &key));
	CHECK(put_number(1, 10) == 0 && put_number(2, 20) == 0 && put_number(3, 30) == 0);
	CHECK((s32)put_number(4, 1) == -E2BIG);
	key = 1;
	CHECK((value = bpf_map_lookup_elem(&numbers, &key)) && *value == 10);
	CHECK(bpf_for_each_map_elem(&numbers, add_up, &sum, 0) == 3);
	CHECK(sum == 10 + 1000 + 20 + 2000);
	value = bpf_map_lookup_elem(&counts, &zero);
	if (value)
		*value = 77;
	value = bpf_map_lookup_percpu_elem(&counts, &zero, bpf_get_smp_processor_id());
	CHECK(value && *value == 77);
	CHECK(!bpf_map_lookup_percpu_elem(&counts, &zero, 4096));
}

static void hashes(void)
{
	struct pair key = { 1, 2 };
	u64 value = 5, *found;
	u32 number, *seen;

	CHECK(!bpf_map_lookup_elem(&pairs, &key));
	CHECK(bpf_map_update_elem(&pairs, &key, &value, BPF_EXIST) == -ENOENT);
	CHECK(bpf_map_update_elem(&pairs, &key, &value, BPF_NOEXIST) == 0);
	CHECK(bpf_map_update_elem(&pairs, &key, &value, BPF_NOEXIST) == -EEXIST);
	key.b = 3;
	CHECK(bpf_map_update_elem(&pairs, &key, &value, BPF_ANY) == 0);
	key.b = 4;
	CHECK(bpf_map_update_elem(&pairs, &key, &value, BPF_ANY) == 0);
	key.b = 5;
	CHECK(bpf_map_update_elem(&pairs, &key, &value, BPF_ANY) == -E2BIG);
	key.b = 3;
	CHECK(bpf_map_delete_elem(&pairs, &key) == 0 && bpf_map_delete_elem(&pairs, &key) == -ENOENT);
	key.b = 2;
	CHECK((found = bpf_map_lookup_elem(&pairs, &key)) && *found == 5);
	__sync_fetch_and_add(found, 3);
	CHECK((found = bpf_map_lookup_elem(&pairs, &key)) && *found == 8);
	number = 9;
	CHECK(bpf_map_update_elem(&per_cpu, &number, &value, BPF_ANY) == 0);
	found = bpf_map_lookup_percpu_elem(&per_cpu, &number, bpf_get_smp_processor_id() ^ 1);
	CHECK(found && *found == 0);
	for (u32 i = 1; i <= 3; i++) {
		CHECK(bpf_map_update_elem(&recent, &i, &i, BPF_ANY) == 0);
		number = 1;
		CHECK((seen = bpf_map_lookup_elem(&recent, &number)) && *seen == 1);
	}
	number = 2;
	CHECK(!bpf_map_lookup_elem(&recent, &number));
}

static void queues(void)
{
	u32 value = 1, more = 2, third = 3, out = 0, key = 2, zero = 0;
	void *map;

	CHECK(bpf_map_peek_elem(&queue, &out) == -ENOENT);
	CHECK(!bpf_map_push_elem(&queue, &value, 0) && !bpf_map_push_elem(&queue, &more, 0));
	CHECK(bpf_map_push_elem(&queue, &third, 0) == -E2BIG);
	CHECK(!bpf_map_push_elem(&queue, &third, BPF_EXIST));
	CHECK(!bpf_map_pop_elem(&queue, &out) && out == 2);
	CHECK(!bpf_map_push_elem(&stack, &value, 0) && !bpf_map_push_elem(&stack, &more, 0));
	CHECK(!bpf_map_peek_elem(&stack, &out) && out == 2);
	CHECK(!bpf_map_pop_elem(&stack, &out) && !bpf_map_pop_elem(&stack, &out) && out == 1);
	map = bpf_map_lookup_elem(&outer, &key);
	if (map)
		CHECK(bpf_map_update_elem(map, &zero, &third, BPF_ANY) == 0);
	CHECK(map);
	key = 0;
	CHECK(bpf_map_lookup_elem(&inner_b, &key) && *(u32 *)bpf_map_lookup_elem(&inner_b, &key) == 3);
	key = 1;
	CHECK(!bpf_map_lookup_elem(&outer, &key));
}

s32 BPF_STRUCT_OPS_SLEEPABLE(trial_init)
{
	arrays();
	hashes();
	queues();
	checked++;
	return 0;
}

FIFO(.init = (void *)trial_init);
