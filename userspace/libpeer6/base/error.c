// SPDX-License-Identifier: LGPL-2.1-or-later
#include <peer6/base.h>

static const struct {
	int error;
	const char *reason;
	const char *words;
} errors[] = {
	{ PEER6_OK, "ok", "no error" },
	{ PEER6_E_NOMEM, "no-memory", "no memory is left" },
	{ PEER6_E_INVAL, "invalid-argument", "an argument is not valid" },
	{ PEER6_E_RANDOM, "no-random", "the random source failed" },
	{ PEER6_E_CRYPTO, "crypto-failed", "the crypto library failed" },
	{ PEER6_E_CALLBACK, "callback-failed", "the program that asked failed" },
	{ PEER6_E_SPACE, "no-space", "the buffer is too small" },
	{ PEER6_E_LIMIT, "limit-reached", "the table is full" },
	{ PEER6_E_NOT_FOUND, "not-found", "nothing of that name was found" },
	{ PEER6_E_EXISTS, "exists", "it exists already" },
	{ PEER6_E_TIMEOUT, "timeout", "nobody answered in time" },
	{ PEER6_E_CANCELED, "canceled", "it was canceled" },
	{ PEER6_E_NO_ADDRESS, "no-address",
	  "this host has no address in the cloud" },
	{ PEER6_E_RESOLVE_ONLY, "resolve-only",
	  "the cloud is set to resolve only" },
	{ PEER6_E_BUSY, "busy", "there is too much load" },
	{ PEER6_E_NAME, "bad-name",
	  "a peer name is AUTHORITY.CLASSIFIER" },
	{ PEER6_E_AUTHORITY, "bad-authority",
	  "an authority is 0 or 40 digits of 0-9 and a-f" },
	{ PEER6_E_CLASSIFIER, "bad-classifier",
	  "a classifier is Unicode text of up to 149 UTF-16 units" },
	{ PEER6_E_HOST_NAME, "bad-host-name",
	  "it is not a host name under pnrp.net" },
	{ PEER6_E_NOT_CONVERTIBLE, "not-convertible",
	  "no host name can stand for this peer name" },
	{ PEER6_E_KEY, "bad-key", "the key is not of the wanted kind" },
	{ PEER6_E_KEY_ACCESS, "key-access",
	  "the key store is not private to its owner" },
	{ PEER6_E_PASSWORD, "wrong-password", "the password is wrong" },
	{ PEER6_E_CORRUPT, "corrupt", "the data is damaged or cut short" },
	{ PEER6_E_CERTIFICATE, "bad-certificate",
	  "it is not a valid identity certificate" },
	{ PEER6_E_PROFILE, "strong-profile",
	  "the format carries keys of the compatible profile only" },
	{ PEER6_E_FRIENDLY_NAME, "bad-friendly-name",
	  "a friendly name is Unicode text of up to 255 UTF-16 units" },
	{ PEER6_E_DISK_FULL, "disk-full", "the disk is full" },
	{ PEER6_E_STORE, "store-failed", "the store cannot be used" },
	{ PEER6_E_IN_USE, "in-use", "another process uses it" },
	{ PEER6_E_TRUNCATED, "truncated", "it ends within a field" },
	{ PEER6_E_HEADER, "bad-header", "it has no header of PNRP 4.0" },
	{ PEER6_E_MESSAGE_TYPE, "bad-message-type",
	  "PNRP 4.0 has no message of that type" },
	{ PEER6_E_FIELD, "bad-field", "a field is not allowed there" },
	{ PEER6_E_LENGTH, "bad-length", "lengths and counts disagree" },
	{ PEER6_E_VALUE, "bad-field-value", "the format forbids a value" },
	{ PEER6_E_TRAILING, "trailing-bytes",
	  "bytes follow the last field" },
	{ PEER6_E_SIGNATURE, "bad-signature", "the signature is wrong" },
	{ PEER6_E_EXPIRED, "expired", "the record has expired" },
	{ PEER6_E_NONCE, "wrong-nonce",
	  "the record is not the answer to this question" },
	{ PEER6_E_ID_MISMATCH, "id-mismatch", "the record is of another ID" },
	{ PEER6_E_CHAIN, "bad-chain", "the certificate chain is not valid" },
	{ PEER6_E_SOURCE, "bad-source", "its source is not one to answer" },
	{ PEER6_E_UNEXPECTED, "unexpected", "it answers no question" },
	{ PEER6_E_RATE, "rate-limited", "its source sends too much" },
	{ PEER6_E_NO_DAEMON, "no-daemon", "peer6d does not run" },
	{ PEER6_E_ACCESS, "no-access",
	  "only members of the group peer6 may do that" },
	{ PEER6_E_PROTOCOL, "wrong-version",
	  "the daemon is of another version" },
	{ PEER6_E_NO_CLOUD, "no-cloud", "there is no such cloud" },
	{ PEER6_E_IO, "io-error", "the system refused" },
};

static int find(int error)
{
	size_t i;

	for (i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		if (errors[i].error == error)
			return (int)i;
	return -1;
}

const char *peer6_reason(int error)
{
	int i = find(error);

	return i < 0 ? "unknown-error" : errors[i].reason;
}

const char *peer6_strerror(int error)
{
	int i = find(error);

	return i < 0 ? "an error this version does not know" : errors[i].words;
}
