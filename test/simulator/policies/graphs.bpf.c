/* Objects of the policy's own in a tree and a list, reference counts, iterators over numbers and bits. */
struct leaf { u64 key; struct bpf_rb_node tree; struct bpf_list_node list; struct bpf_refcount refs; };
private(A) struct bpf_spin_lock lock;
private(A) struct bpf_rb_root root __contains(leaf, tree);
private(A) struct bpf_list_head head __contains(leaf, list);

static bool less(struct bpf_rb_node *a, const struct bpf_rb_node *b)
{
	return container_of(a, struct leaf, tree)->key < container_of(b, struct leaf, tree)->key;
}

static s32 add(u64 key)
{
	struct leaf *node = bpf_obj_new(struct leaf), *again;

	if (!node)
		return -ENOMEM;
	node->key = key;
	again = bpf_refcount_acquire(node);
	bpf_spin_lock(&lock);
	bpf_rbtree_add(&root, &node->tree, less);
	if (again)
		bpf_list_push_back(&head, &again->list);
	bpf_spin_unlock(&lock);
	return 0;
}

static void trees(void)
{
	struct bpf_list_node *item;
	struct bpf_rb_node *first;
	u64 last = 0, key;
	int i;

	bpf_for(i, 0, 20)
		CHECK(add((i * 7) % 20 + 1) == 0);
	bpf_for(i, 0, 20) {
		bpf_spin_lock(&lock);
		first = bpf_rbtree_first(&root);
		if (first)
			first = bpf_rbtree_remove(&root, first);
		item = bpf_list_pop_front(&head);
		bpf_spin_unlock(&lock);
		CHECK(first && item);
		if (first) {
			struct leaf *node = container_of(first, struct leaf, tree);

			CHECK(node->key == last + 1);
			last = node->key;
			bpf_obj_drop(node);
		}
		if (item) {
			struct leaf *node = container_of(item, struct leaf, list);

			key = node->key;
			CHECK(key == (i * 7) % 20 + 1);
			bpf_obj_drop(node);
		}
	}
	bpf_spin_lock(&lock);
	first = bpf_rbtree_first(&root);
	item = bpf_list_pop_front(&head);
	bpf_spin_unlock(&lock);
	CHECK(!first && !item);
}

static long twice(u32 index, u64 *sum)
{
	*sum += index;
	return index == 9;
}

static void iterators(void)
{
	u64 bits[2] = { 5, 1ULL << 63 };
	int *bit, sum = 0, count = 0;
	u64 total = 0;

	bpf_for_each(bits, bit, bits, 2) {
		sum += *bit;
		count++;
	}
	CHECK(count == 3 && sum == 0 + 2 + 127);
	CHECK(bpf_loop(100, twice, &total, 0) == 10 && total == 45);
	CHECK(bpf_loop(1 << 24, twice, &total, 0) == -E2BIG);
}

s32 BPF_STRUCT_OPS_SLEEPABLE(trial_init)
{
	trees();
	iterators();
	checked++;
	return 0;
}

FIFO(.init = (void *)trial_init);
