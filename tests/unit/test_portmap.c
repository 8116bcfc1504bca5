// SPDX-License-Identifier: GPL-2.0
/* Symmetric NATs that qualify, and gateways' mappings: RFC 6081 3.1, 5.3. */
#include "client_host.h"
#include "sim.h"

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
	/* Nothing that could be sent to. */
	portmap(&h, "224.0.0.253:3544");
	assert_false(teredo_endpoint_set(h.c.portmap));
	portmap(&h, "0.0.0.0:3544");
	assert_false(teredo_endpoint_set(h.c.portmap));
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

static void begin(struct sim *s, enum sim_nat_type a, enum sim_nat_type b)
{
	sim_init(s, a, b);
	sim_extend(s, TEREDO_EXT_ALL, TEREDO_EXT_ALL, TEREDO_EXT_ALL);
	s->a.nat.lifetime = 120 * TEREDO_SEC;
	s->b.nat.lifetime = 120 * TEREDO_SEC;
	sim_qualify(s);
}

/*
 * Section 5.3.4: where a peer is heard is not where it is known to be; but
 * each packet that came by the held port is answered by it. The first packet
 * passes, and so do those after it, whichever mapping each end has settled on.
 */
static void everybody_is_reached(void **state)
{
	enum sim_nat_type type;
	unsigned int nth;
	char row[64];
	struct sim s;
	int i, order;
	bool ok, whole;

	(void)state;
	for (type = SIM_NAT_NONE; type <= SIM_NAT_HELD; type++)
		for (order = 0; order < 2; order++)
			for (nth = 0; nth <= 12; nth++) {
				snprintf(row, sizeof(row),
					 "type %d, order %d, %u lost", type,
					 order, nth);
				begin(&s, order ? type : SIM_NAT_HELD,
				      order ? SIM_NAT_HELD : type);
				if (nth)
					sim_lose(&s, SIM_KINDS, nth);
				ok = sim_ask(&s);
				assert_row(row, ok || nth, true);
				/* A loss is made up for, at last after 20 s. */
				for (i = 0; i < 12; i++) {
					sim_run(&s, s.now + TEREDO_SEC, NULL);
					whole = !nth || s.lost;
					ok = sim_ask(&s);
					if (!nth || i >= 4 ||
					    (whole && type < SIM_NAT_SYMMETRIC))
						assert_row(row, ok, true);
				}
			}
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(symmetric_nats_qualify),
		cmocka_unit_test(nat_changes_its_kind),
		cmocka_unit_test(mapping_of_the_gateway),
		cmocka_unit_test(mapping_that_is_not_used),
		cmocka_unit_test(everybody_is_reached),
	};

	return unit_main("portmap", tests);
}
