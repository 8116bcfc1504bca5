// SPDX-License-Identifier: GPL-2.0
/* The words for the enumerations of uapi/linux/teredo.h. */
#include <ctype.h>

#include "unit.h"

/* Lower case letters, digits and hyphens, as a program wants a name. */
static void assert_is_name(const char *name)
{
	const char *p;

	assert_non_null(name);
	assert_true(islower((unsigned char)name[0]));
	for (p = name; *p; p++)
		assert_true(islower((unsigned char)*p) ||
			    isdigit((unsigned char)*p) || *p == '-');
}

static void assert_all(const char *(*word)(unsigned int), unsigned int n,
		       bool names)
{
	unsigned int i, j;

	for (i = 0; i < n; i++) {
		assert_non_null(word(i));
		assert_true(word(i)[0] != '\0');
		if (names)
			assert_is_name(word(i));
		for (j = 0; j < i; j++)
			assert_string_not_equal(word(i), word(j));
	}
}

static void every_value_has_a_word_of_its_own(void **state)
{
	(void)state;
	assert_all(teredo_reason_name, __TEREDO_REASON_MAX, true);
	assert_all(teredo_reason_text, __TEREDO_REASON_MAX, false);
	assert_all(teredo_count_name, __TEREDO_COUNT_MAX, true);
	assert_all(teredo_state_name, __TEREDO_STATE_MAX, false);
	assert_all(teredo_nat_name, __TEREDO_NAT_MAX, false);
	assert_all(teredo_role_name, __TEREDO_ROLE_MAX, true);
	assert_all(teredo_peer_event_name, __TEREDO_PEER_EVENT_MAX, true);
}

static void beyond_the_end(void **state)
{
	static const unsigned int beyond[] = { 0, 1, 1000, ~0U };
	size_t i;

	(void)state;
	for (i = 0; i < ARRAY_SIZE(beyond); i++) {
		unsigned int b = beyond[i];

		if (b > 1000)
			b -= __TEREDO_REASON_MAX;
		assert_string_equal(teredo_reason_name(__TEREDO_REASON_MAX + b),
				    "unknown");
		assert_non_null(teredo_reason_text(__TEREDO_REASON_MAX + b));
		assert_string_equal(teredo_count_name(__TEREDO_COUNT_MAX + b),
				    "unknown");
		assert_string_equal(teredo_state_name(__TEREDO_STATE_MAX + b),
				    "unknown");
		assert_string_equal(teredo_nat_name(__TEREDO_NAT_MAX + b),
				    "unknown");
		assert_string_equal(teredo_role_name(__TEREDO_ROLE_MAX + b),
				    "unknown");
		assert_string_equal(teredo_peer_event_name(
					__TEREDO_PEER_EVENT_MAX + b),
				    "unknown");
	}
}

/* What Windows' "show state" prints. */
static void words_of_windows(void **state)
{
	(void)state;
	assert_string_equal(teredo_state_name(TEREDO_STATE_DORMANT), "dormant");
	assert_string_equal(teredo_state_name(TEREDO_STATE_PROBE_PRIMARY),
			    "probe (primary server)");
	assert_string_equal(teredo_state_name(TEREDO_STATE_PROBE_SECONDARY),
			    "probe (secondary server)");
	assert_string_equal(teredo_state_name(TEREDO_STATE_QUALIFIED),
			    "qualified");
	assert_string_equal(teredo_state_name(TEREDO_STATE_OFFLINE), "offline");
	assert_string_equal(teredo_nat_name(TEREDO_NAT_NONE),
			    "none (global connectivity)");
	assert_string_equal(teredo_nat_name(TEREDO_NAT_CONE), "cone");
	assert_string_equal(teredo_nat_name(TEREDO_NAT_RESTRICTED),
			    "restricted");
	assert_string_equal(teredo_nat_name(TEREDO_NAT_SYMMETRIC_PORT),
			    "symmetric (port)");
	assert_string_equal(teredo_nat_name(TEREDO_NAT_SYMMETRIC_ADDRESS),
			    "symmetric (address)");
}

/* Programs depend on these names. */
static void names_are_stable(void **state)
{
	(void)state;
	assert_string_equal(teredo_reason_name(TEREDO_REASON_NONE), "none");
	assert_string_equal(teredo_reason_name(
				TEREDO_REASON_SERVER_UNREACHABLE),
			    "server-unreachable");
	assert_string_equal(teredo_reason_name(TEREDO_REASON_TOO_SHORT),
			    "too-short");
	assert_string_equal(teredo_reason_name(TEREDO_REASON_RA_NONCE),
			    "ra-nonce");
	assert_string_equal(teredo_reason_name(TEREDO_REASON_MAPPING_MISMATCH),
			    "mapping-mismatch");
	assert_string_equal(teredo_reason_name(TEREDO_REASON_DEVICE_DOWN),
			    "device-down");
	assert_string_equal(teredo_count_name(TEREDO_COUNT_RS_TX), "rs-tx");
	assert_string_equal(teredo_role_name(TEREDO_ROLE_HOST_RELAY),
			    "host-relay");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_value_has_a_word_of_its_own),
		cmocka_unit_test(beyond_the_end),
		cmocka_unit_test(words_of_windows),
		cmocka_unit_test(names_are_stable),
	};

	return unit_main("reasons", tests);
}
