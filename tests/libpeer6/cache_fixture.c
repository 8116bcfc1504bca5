// SPDX-License-Identifier: GPL-2.0-or-later
#include "cache_fixture.h"

uint64_t roll(struct dice *dice)
{
	dice->state ^= dice->state << 13;
	dice->state ^= dice->state >> 7;
	dice->state ^= dice->state << 17;
	return dice->state;
}

int dice_fill(void *ctx, void *buf, size_t len)
{
	struct dice *dice = ctx;
	uint8_t *p = buf;

	if (dice->broken)
		return PEER6_E_RANDOM;
	while (len--)
		*p++ = roll(dice) >> 32;
	return 0;
}

static void *counted_realloc(void *ctx, void *p, size_t size)
{
	struct counted *counted = ctx;
	size_t *head = p ? (size_t *)p - 2 : NULL;

	if (!size) {
		if (head)
			counted->held -= *head;
		free(head);
		return NULL;
	}
	if (++counted->requests == counted->fail_at)
		return NULL;
	if (head)
		counted->held -= *head;
	head = realloc(head, size + 2 * sizeof(*head));
	assert_non_null(head);
	*head = size;
	counted->held += size;
	return head + 2;
}

int cache_setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	f->dice.state = 88172645463325252u;
	f->counted.mem.realloc = counted_realloc;
	f->counted.mem.ctx = &f->counted;
	peer6_cache_init(&f->cache, &f->counted.mem, dice_fill, &f->dice);
	*state = f;
	return 0;
}

int cache_teardown(void **state)
{
	struct fixture *f = *state;

	peer6_cache_fini(&f->cache);
	assert_int_equal(f->counted.held, 0);
	free(f);
	return 0;
}

struct peer6_pnrp_id some_id(struct fixture *f)
{
	struct peer6_pnrp_id id, zero = { 0 };
	uint64_t what = roll(&f->dice) % 8;

	dice_fill(&f->dice, id.b, sizeof(id.b));
	if (what == 0) {
		memset(id.b, 0, 31);
	} else if (what == 1) {
		memset(id.b, 0, 31);
		peer6_pnrp_id_sub(&id, &zero, &id);
	} else if (what == 2) {
		memset(id.b, 0, 31);
		id.b[0] = 0x80;
	} else if (what < 5 && f->n_locals) {
		memset(id.b, 0, what == 3 ? 31 : 2);
		peer6_pnrp_id_sub(&id, &f->locals[roll(&f->dice) % f->n_locals],
				  &id);
	}
	return id;
}

struct peer6_pnrp_id number(uint8_t top, uint8_t low)
{
	struct peer6_pnrp_id id = { { 0 } };

	id.b[0] = top;
	id.b[31] = low;
	return id;
}

struct peer6_pnrp_route route_to(const struct peer6_pnrp_id *id)
{
	struct peer6_pnrp_route route = { .id = *id, .port = 3540,
					  .n_addrs = 1 };

	memcpy(route.addrs[0], id->b + 16, 16);
	route.addrs[0][0] = 0x20;
	return route;
}

int put(struct fixture *f, const struct peer6_pnrp_id *id,
	struct peer6_cache_change *change)
{
	struct peer6_pnrp_route route = route_to(id);

	return peer6_cache_insert(&f->cache, &route, false, 0, change);
}
