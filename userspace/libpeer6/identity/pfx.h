/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PKCS#12 (RFC 7292) with one private key and its certificate. */
#ifndef PEER6_IDENTITY_PFX_H
#define PEER6_IDENTITY_PFX_H

#include <peer6/identity.h>

#include "internal.h"

/* Results are the caller's to free(). The password is valid UTF-8. */
int peer6_pfx_write(struct peer6_openssl *ossl, const struct peer6_key *key,
		    const uint8_t *idc, size_t idc_len, const char *password,
		    bool strong, uint8_t **pfx, size_t *len);
/* PEER6_E_CORRUPT, PEER6_E_PASSWORD, PEER6_E_KEY: see peer6_export_read(). */
int peer6_pfx_read(struct peer6_openssl *ossl, const uint8_t *pfx, size_t len,
		   const char *password, struct peer6_key **key,
		   uint8_t **idc, size_t *idc_len);

#endif
