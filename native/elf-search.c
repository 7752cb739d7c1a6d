// SPDX-License-Identifier: Apache-2.0
// libelf 0.192 (Debian 13, and Debian 12's backports) ships a static library that calls functions of
// elfutils' internal libeu, which is not shipped. These stand in: a binary tree by tsearch(3). Weak, so
// that a libelf which brings its own wins. Only this program's single thread uses them.

#include <search.h>

/* elfutils' tree: its root comes first; a lock may follow, which is not ours to touch. */
struct search_tree {
	void *root;
};

typedef int (*compare_fn)(const void *, const void *);

#define WEAK __attribute__((weak))

void eu_search_tree_init(struct search_tree *tree);
void eu_search_tree_fini(struct search_tree *tree, void (*free_node)(void *));
void *eu_tsearch(const void *key, struct search_tree *tree, compare_fn compare);
void *eu_tfind(const void *key, struct search_tree *tree, compare_fn compare);
void *eu_tdelete(const void *key, struct search_tree *tree, compare_fn compare);

WEAK void eu_search_tree_init(struct search_tree *tree)
{
	tree->root = 0;
}

WEAK void eu_search_tree_fini(struct search_tree *tree, void (*free_node)(void *))
{
	tdestroy(tree->root, free_node);
	tree->root = 0;
}

WEAK void *eu_tsearch(const void *key, struct search_tree *tree, compare_fn compare)
{
	return tsearch(key, &tree->root, compare);
}

WEAK void *eu_tfind(const void *key, struct search_tree *tree, compare_fn compare)
{
	return tfind(key, &tree->root, compare);
}

WEAK void *eu_tdelete(const void *key, struct search_tree *tree, compare_fn compare)
{
	return tdelete(key, &tree->root, compare);
}
