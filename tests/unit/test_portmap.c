// SPDX-License-Identifier: GPL-2.0
/* Symmetric NATs that qualify, and gateways' mappings: RFC 6081 3.1, 5.3. */
#include "client_host.h"
#include "path.h"

#define FIRST		"192.0.2.1:40000"
#define SECOND		"192.0.2.1:40001"
#define SECOND_ADDRESS	"192.0.2.2:40000"
#define PORTMAP		"192.0.2.1:4096"
#define PORTMAP_INNER	"100.64.7.7:4096"

static void sns_start(struct host *h, u32 extensions)
{
	host_init(h);
	h->p.extensions = extensions;
	start(h);
}

static void portmap(struct host *h, const char *text)
{
	struct teredo_endpoint e = { 0 };
	struct teredo_client_out out;

	if (text)
		e = ep(text);
	teredo_client_portmap(&h->c, &h->p, &h->u.env, e, &out);
	assert_false(out.send_rs);
	h->changed = out.changed;
	h->renumbered = out.renumbered;
	check(h);
}

static void symmetric(struct host *h, u32 extensions, const char *second)
{
	sns_start(h, extensions);
	answer(h, FIRST);
	answer(h, second);
}

static void assert_qualified(const struct host *h, enum teredo_nat nat,
			     const char *mapped)
{
	assert_state(h, TEREDO_STATE_QUALIFIED, TEREDO_REASON_NONE);
	assert_int_equal(h->c.nat, nat);
	assert_ep(h->c.mapped, mapped);
	assert_ep(teredo_addr_mapped(&h->c.addr), mapped);
}

static void symmetric_nats_qualify(void **state)
{
	struct host h;

	(void)state;
	symmetric(&h, TEREDO_EXT_SNS, SECOND);
	assert_qualified(&h, TEREDO_NAT_SYMMETRIC_PORT, FIRST);
	symmetric(&h, TEREDO_EXT_SNS, SECOND_ADDRESS);
	assert_qualified(&h, TEREDO_NAT_SYMMETRIC_ADDRESS, FIRST);
	/* Refreshes show the first mapping, and change nothing. */
	wait_deadline(&h);
	answer(&h, FIRST);
	assert_qualified(&h, TEREDO_NAT_SYMMETRIC_ADDRESS, FIRST);
	assert_false(h.renumbered);
	/* Not one of the other extensions is enough. */
	symmetric(&h, TEREDO_EXT_HP | TEREDO_EXT_SLR, SECOND);
	assert_state(&h, TEREDO_STATE_OFFLINE, TEREDO_REASON_SYMMETRIC_NAT);
	assert_int_equal(h.c.nat, TEREDO_NAT_SYMMETRIC_PORT);
}

/* Another NAT may be of another kind: both addresses are asked again. */
static void nat_changes_its_kind(void **state)
{
	struct host h;

	(void)state;
	symmetric(&h, TEREDO_EXT_SNS, SECOND);
	wait_deadline(&h);
	answer(&h, OTHER_MAPPED);
	assert_state(&h, TEREDO_STATE_PROBE_SECONDARY, TEREDO_REASON_NONE);
	assert_true(h.renumbered);
	answer(&h, OTHER_MAPPED);
	assert_qualified(&h, TEREDO_NAT_RESTRICTED, OTHER_MAPPED);
	wait_deadline(&h);
	answer(&h, FIRST);
	answer(&h, SECOND);
	assert_qualified(&h, TEREDO_NAT_SYMMETRIC_PORT, FIRST);
}

static void mapping_of_the_gateway(void **state)
{
	struct host h;

	(void)state;
	symmetric(&h, TEREDO_EXT_SNS | TEREDO_EXT_UPNP, SECOND);
	portmap(&h, PORTMAP);
	assert_true(h.changed && h.renumbered);
	assert_qualified(&h, TEREDO_NAT_SYMMETRIC_PORT, PORTMAP);
	/* Told again it is no news. */
	portmap(&h, PORTMAP);
	assert_false(h.changed || h.renumbered);
	/* The server sees another one, as before. */
	wait_deadline(&h);
	answer(&h, FIRST);
	assert_false(h.renumbered);
	assert_qualified(&h, TEREDO_NAT_SYMMETRIC_PORT, PORTMAP);
	/* Withdrawn. */
	portmap(&h, NULL);
	assert_true(h.changed && h.renumbered);
	assert_qualified(&h, TEREDO_NAT_SYMMETRIC_PORT, FIRST);
	/* It may be known before the client is up. */
	host_init(&h);
	h.p.extensions = TEREDO_EXT_SNS | TEREDO_EXT_UPNP;
	portmap(&h, PORTMAP);
	assert_false(h.renumbered);
	start(&h);
	answer(&h, FIRST);
	answer(&h, SECOND);
	assert_qualified(&h, TEREDO_NAT_SYMMETRIC_PORT, PORTMAP);
}

static void mapping_that_is_not_used(void **state)
{
	struct host h;

	(void)state;
	/* The gateway is not the outermost NAT. */
	symmetric(&h, TEREDO_EXT_SNS | TEREDO_EXT_UPNP, SECOND);
	portmap(&h, PORTMAP_INNER);
	assert_true(h.changed && !h.renumbered);
	assert_qualified(&h, TEREDO_NAT_SYMMETRIC_PORT, FIRST);
	/* The extension is off. */
	symmetric(&h, TEREDO_EXT_SNS, SECOND);
	portmap(&h, PORTMAP);
	assert_qualified(&h, TEREDO_NAT_SYMMETRIC_PORT, FIRST);
	/* The NAT's own mapping serves all peers. */
	host_init(&h);
	h.p.extensions = TEREDO_EXT_SNS | TEREDO_EXT_UPNP;
	start(&h);
	answer(&h, FIRST);
	answer(&h, FIRST);
	portmap(&h, PORTMAP);
	assert_qualified(&h, TEREDO_NAT_RESTRICTED, FIRST);
}

/* Sections 5.3.4.2, 5.3.4.3: where data goes is not where it comes from. */
static void two_mappings_of_a_peer(void **state)
{
	struct teredo_self self = {
		.prefix = htonl(TEREDO_PREFIX),
		.pinned = true,
	};
	struct in6_addr b = ip6(ADDR_B);
	struct teredo_path p;

	(void)state;
	teredo_path_init(&p, &b, &self, 1000 * TEREDO_SEC);
	p.flags |= TEREDO_PATH_TRUSTED;
	p.mapped = ep("192.0.2.10:40007");
	assert_ep(teredo_path_target(&self, &p), "192.0.2.10:40007");
	p.flags |= TEREDO_PATH_SYMMETRIC;
	assert_ep(teredo_path_target(&self, &p), MAPPED_B);
	self.pinned = false;
	assert_ep(teredo_path_target(&self, &p), "192.0.2.10:40007");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(symmetric_nats_qualify),
		cmocka_unit_test(nat_changes_its_kind),
		cmocka_unit_test(mapping_of_the_gateway),
		cmocka_unit_test(mapping_that_is_not_used),
		cmocka_unit_test(two_mappings_of_a_peer),
	};

	return unit_main("portmap", tests);
}
