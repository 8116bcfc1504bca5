/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef IDENTITY_KINDS_H
#define IDENTITY_KINDS_H

/* What an input's first byte says. */
enum {
	ID_CERTIFICATE,
	ID_CHAIN,
	ID_XML,
	ID_EXPORT,
	ID_PFX,
	ID_NAME,
	ID_HOST,
	ID_PKCS8,
	ID_KINDS,
};

#endif
