/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a peer may be sent without having answered, RFC 4380 section 5.2.6,
 * counted from what was really emitted and not by the code under test.
 */
#ifndef _FUZZ_MODEL_H
#define _FUZZ_MODEL_H

#include "fuzz.h"
#include "path.h"

struct model {
	u64	attempt_at;
	u64	window_at;
	u64	answer_at;
	u64	answer_window_at;
	unsigned int attempts;
	unsigned int answers;
	unsigned int late;
};

/* Bubbles or an echo test were sent of our own accord. */
static inline void model_attempt(struct model *m, u64 now, bool native)
{
	u64 window = (native ? TEREDO_ECHO_WINDOW_S : TEREDO_WINDOW_S) *
		     TEREDO_SEC;

	if (m->attempts)
		CHECK(now - m->attempt_at >= TEREDO_SPACING_S * TEREDO_SEC);
	if (!m->attempts || now - m->window_at >= window) {
		m->attempts = 0;
		m->window_at = now;
	}
	CHECK(++m->attempts <= TEREDO_ATTEMPTS);
	m->attempt_at = now;
}

/* A bubble of the peer's was answered. */
static inline void model_answer(struct model *m, u64 now)
{
	if (m->answers)
		CHECK(now - m->answer_at >= TEREDO_ANSWER_MS * TEREDO_MSEC);
	if (!m->answers || now - m->answer_window_at >=
			   TEREDO_ANSWER_WINDOW_S * TEREDO_SEC) {
		m->answers = 0;
		m->answer_window_at = now;
	}
	CHECK(++m->answers <= TEREDO_ANSWERS);
	m->answer_at = now;
}

/*
 * What an attempt or an answer sends may have to wait for the random port: then
 * the tests of the port, the bubbles, and what refreshes it come late.
 */
static inline void model_cause(struct model *m)
{
	m->late = 1 + TEREDO_PORTS_TESTS + TEREDO_PORTS_REFRESHES;
}

static inline void model_late(struct model *m)
{
	CHECK(m->late);
	m->late--;
}

/* Something came directly from the peer. */
static inline void model_heard(struct model *m)
{
	m->attempts = 0;
}

#endif /* _FUZZ_MODEL_H */
