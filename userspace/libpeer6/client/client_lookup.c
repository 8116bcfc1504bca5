// SPDX-License-Identifier: LGPL-2.1-or-later
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "client.h"

/* What the daemon may take beyond the resolve's own time to say that it failed. */
#define GRACE_MS	5000

struct found {
	struct found		*next;
	json_t			*result;	/* has the strings of the answer */
	struct peer6_answer	answer;
};

struct peer6_lookup {
	struct varlink		v;
	struct client_fault	fault;
	struct found		*first, **last;
	struct found		*given;		/* the next one to give */
	size_t			n;
	int64_t			greeting;	/* until when it has to have come */
	int64_t			deadline;
	int			error;		/* how it failed */
	bool			greeted;
	bool			ended;
};

static bool read_options(json_t *call,
			 const struct peer6_resolve_options *options,
			 int *timeout_ms)
{
	static const char *const words[] = {
		[PEER6_ANY] = "any",
		[PEER6_NEAREST] = "nearest",
		[PEER6_NEAREST64] = "nearest64",
	};

	*timeout_ms = options && options->timeout_ms ? options->timeout_ms :
		      PEER6_RESOLVE_TIMEOUT;
	if (!client_put_new(call, "timeout", json_real(*timeout_ms / 1000.0)))
		return false;
	if (!options)
		return true;
	return client_put(call, "criteria", words[options->nearness]) &&
	       client_put(call, "prefix", options->near_to) &&
	       (!options->cloud ||
		client_put_new(call, "clouds", json_pack("[s]",
							 options->cloud))) &&
	       (!options->max ||
		client_put_new(call, "max_results",
			       json_integer(options->max))) &&
	       client_put_new(call, "local",
			      json_boolean(!options->not_local));
}

static bool options_valid(const struct peer6_resolve_options *o)
{
	return !o || (o->size == sizeof(*o) && o->nearness <= PEER6_NEAREST64 &&
		      o->max <= PEER6_RESULTS_MAX && o->timeout_ms >= 0 &&
		      o->timeout_ms <= PEER6_RESOLVE_TIMEOUT_MAX);
}

static int start(struct peer6_client *client, struct peer6_lookup *l,
		 const char *name, const struct peer6_resolve_options *options)
{
	json_t *call;
	int timeout, err;

	if (!name || !options_valid(options))
		return PEER6_E_INVAL;
	call = json_pack("{s:s}", "name", name);
	if (!call || !read_options(call, options, &timeout)) {
		json_decref(call);
		return PEER6_E_VALUE;
	}
	/* A listener whose queue is full is busy; waiting is for the caller. */
	err = varlink_open(&l->v, client->path, 0);
	if (!err)
		err = varlink_greet(&l->v);
	if (err) {
		json_decref(call);
		return err;
	}
	l->greeting = varlink_deadline(CLIENT_GREETING_MS);
	l->deadline = varlink_deadline(timeout + GRACE_MS);
	err = varlink_put(&l->v, "io.peer6.Pnrp.Resolve", call, VARLINK_MORE);
	/* What cannot be sent now is sent by peer6_lookup_next(). */
	return err ? err : varlink_process(&l->v);
}

int peer6_lookup_start(struct peer6_client *client, const char *name,
		       const struct peer6_resolve_options *options,
		       struct peer6_lookup **lookup)
{
	struct peer6_lookup *l = calloc(1, sizeof(*l));
	int err;

	*lookup = NULL;
	client_fault_clear(&client->fault);
	if (!l)
		return client_fail(&client->fault, PEER6_E_NOMEM, NULL);
	l->v.fd = -1;
	l->last = &l->first;
	client_fault_clear(&l->fault);
	err = start(client, l, name, options);
	if (err) {
		peer6_lookup_free(l);
		return client_fail(&client->fault, err, NULL);
	}
	*lookup = l;
	return 0;
}

void peer6_lookup_free(struct peer6_lookup *lookup)
{
	struct found *f, *next;

	if (!lookup)
		return;
	for (f = lookup->first; f; f = next) {
		next = f->next;
		client_free_answer(&f->answer);
		json_decref(f->result);
		free(f);
	}
	varlink_close(&lookup->v);
	client_fault_clear(&lookup->fault);
	free(lookup);
}

int peer6_lookup_fd(const struct peer6_lookup *lookup)
{
	return lookup->v.fd;
}

short peer6_lookup_events(const struct peer6_lookup *lookup)
{
	return varlink_events(&lookup->v);
}

static int64_t time_left(const struct peer6_lookup *l)
{
	return (l->greeted ? l->deadline : l->greeting) - varlink_now();
}

int peer6_lookup_timeout(const struct peer6_lookup *lookup)
{
	int64_t left = time_left(lookup);

	if (left <= 0 || lookup->error || lookup->ended)
		return 0;
	return left > INT_MAX ? INT_MAX : (int)left;
}

const struct peer6_fault *peer6_lookup_fault(const struct peer6_lookup *lookup)
{
	return &lookup->fault.fault;
}

static int note_results(struct peer6_lookup *l, const json_t *reply)
{
	const json_t *results, *result;
	struct found *f;
	size_t i;
	int err;

	results = json_object_get(json_object_get(reply, "parameters"),
				  "results");
	json_array_foreach(results, i, result) {
		f = calloc(1, sizeof(*f));
		if (!f)
			return PEER6_E_NOMEM;
		err = client_read_answer(&f->answer, result);
		if (err) {
			free(f);
			return err;
		}
		f->result = json_incref((json_t *)result);
		*l->last = f;
		l->last = &f->next;
		if (!l->given)
			l->given = f;
		l->n++;
	}
	return 0;
}

static int take_reply(struct peer6_lookup *l, const json_t *reply)
{
	struct varlink_fault fault;
	int err;

	if (!l->greeted) {
		l->greeted = true;
		return varlink_greeted(reply);
	}
	if (varlink_fault(reply, &fault))
		return client_fail(&l->fault, fault.error, reply);
	err = note_results(l, reply);
	l->ended = !json_is_true(json_object_get(reply, "continues"));
	/* Nobody was found, and that is called an error everywhere else. */
	if (!err && l->ended && !l->n)
		err = PEER6_E_NOT_FOUND;
	return err;
}

/* Reads what is there. */
static void advance(struct peer6_lookup *l)
{
	int broken = varlink_process(&l->v), err = 0;
	json_t *reply;

	while (!err && !l->ended) {
		err = varlink_get(&l->v, &reply);
		if (err || !reply)
			break;
		err = take_reply(l, reply);
		json_decref(reply);
	}
	if (!err && !l->ended)
		err = broken;
	if (!err && !l->ended && time_left(l) <= 0)
		err = PEER6_E_TIMEOUT;
	l->error = err;
	if (err && !l->fault.fault.error)
		client_fail(&l->fault, err, NULL);
}

int peer6_lookup_next(struct peer6_lookup *lookup,
		      const struct peer6_answer **answer)
{
	*answer = NULL;
	if (!lookup->given && !lookup->error && !lookup->ended)
		advance(lookup);
	/* What was found before a failure is found. */
	if (lookup->given) {
		*answer = &lookup->given->answer;
		lookup->given = lookup->given->next;
		return PEER6_LOOKUP_ANSWER;
	}
	if (lookup->error)
		return lookup->error;
	return lookup->ended ? PEER6_LOOKUP_END : PEER6_LOOKUP_WAIT;
}
