// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/stat.h>

#include "keys.h"

/* PKCS#8 of RSA-1024 has about 635 bytes. */
#define HOST_KEY_MAX	4096

/*
 * One for each user and key: an engine keeps a pointer to it for as long as any
 * registration does, whichever replaced which.
 */
struct signer {
	struct signer		*next;
	struct keys		*keys;
	unsigned int		users;
	uid_t			uid;
	bool			secure;
	uint8_t			authority[PEER6_AUTHORITY_LEN];
	char			text[PEER6_NAME_SIZE];
	struct peer6_signer	signer;
	struct peer6_key	*key;
};

struct keys {
	struct peer6_openssl	*ossl;
	struct peer6_key	*host;
	char			state[PATH_MAX - 64];
	struct peer6_store	*store;
	uid_t			store_uid;
	struct signer		*signers;
};

static int from_errno(void)
{
	return errno == ENOSPC || errno == EDQUOT ? PEER6_E_DISK_FULL :
						    PEER6_E_IO;
}

static int read_host_key(struct keys *keys, const char *path)
{
	uint8_t buf[HOST_KEY_MAX];
	struct stat st;
	ssize_t n;
	int fd, ret;

	fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0)
		return errno == ENOENT ? PEER6_E_NOT_FOUND :
		       errno == ELOOP ? PEER6_E_KEY_ACCESS : PEER6_E_IO;
	if (fstat(fd, &st) || !S_ISREG(st.st_mode) ||
	    st.st_uid != geteuid() || (st.st_mode & 077)) {
		close(fd);
		return PEER6_E_KEY_ACCESS;
	}
	n = read(fd, buf, sizeof(buf));
	close(fd);
	if (n < 0)
		return PEER6_E_IO;
	ret = peer6_key_read(keys->ossl, buf, n, &keys->host);
	explicit_bzero(buf, sizeof(buf));
	if (!ret && peer6_key_profile(keys->host) != PEER6_PROFILE_COMPATIBLE)
		ret = PEER6_E_PROFILE;
	return ret;
}

static int write_all(int fd, const uint8_t *p, size_t len)
{
	ssize_t n;

	while (len) {
		n = write(fd, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return from_errno();
		p += n;
		len -= n;
	}
	return fsync(fd) ? from_errno() : 0;
}

/* Whole or not at all: written beside its place and then moved there. */
static int write_host_key(struct keys *keys, const char *path)
{
	char other[PATH_MAX + 8];
	uint8_t *der;
	size_t len;
	int fd, ret;

	ret = peer6_key_write(keys->host, &der, &len);
	if (ret)
		return ret;
	snprintf(other, sizeof(other), "%s.new", path);
	unlink(other);
	fd = open(other, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	ret = fd < 0 ? from_errno() : write_all(fd, der, len);
	if (fd >= 0)
		close(fd);
	peer6_secret_free(der, len);
	if (!ret && rename(other, path))
		ret = from_errno();
	if (ret)
		unlink(other);
	return ret;
}

static int load_host_key(struct keys *keys)
{
	char path[PATH_MAX];
	int ret;

	snprintf(path, sizeof(path), "%s/host.key", keys->state);
	ret = read_host_key(keys, path);
	if (ret != PEER6_E_NOT_FOUND)
		return ret;
	ret = peer6_key_generate(keys->ossl, PEER6_PROFILE_COMPATIBLE,
				 &keys->host);
	return ret ? ret : write_host_key(keys, path);
}

int keys_new(struct keys **out, const char *state)
{
	struct keys *keys = calloc(1, sizeof(*keys));
	int ret;

	if (!keys)
		return PEER6_E_NOMEM;
	snprintf(keys->state, sizeof(keys->state), "%s", state);
	ret = peer6_crypto_openssl_init(&keys->ossl);
	if (!ret)
		ret = load_host_key(keys);
	if (ret) {
		int saved = errno;

		keys_free(keys);
		errno = saved;
		return ret;
	}
	*out = keys;
	return 0;
}

void keys_free(struct keys *keys)
{
	if (!keys)
		return;
	if (keys->store)
		peer6_store_close(keys->store);
	peer6_key_free(keys->host);
	if (keys->ossl)
		peer6_crypto_openssl_free(keys->ossl);
	free(keys);
}

const struct peer6_crypto *keys_crypto(struct keys *keys)
{
	return peer6_crypto_openssl(keys->ossl);
}

int keys_store(struct keys *keys, uid_t uid, struct peer6_store **store)
{
	char path[PATH_MAX];
	int ret;

	if (keys->store && keys->store_uid != uid) {
		peer6_store_close(keys->store);
		keys->store = NULL;
	}
	if (!keys->store) {
		snprintf(path, sizeof(path), "%s/identities/%u.db",
			 keys->state, uid);
		ret = peer6_store_open(&keys->store, keys->ossl, path, uid);
		if (ret) {
			keys->store = NULL;
			return ret;
		}
		keys->store_uid = uid;
	}
	*store = keys->store;
	return 0;
}

static int signer_key(struct keys *keys, uid_t uid,
		      const struct peer6_name *name, struct peer6_key **key,
		      char text[PEER6_NAME_SIZE])
{
	struct peer6_identity *list;
	struct peer6_store *store;
	size_t i, n;
	int ret;

	text[0] = '\0';
	if (!name->secure) {
		*key = peer6_key_ref(keys->host);
		return 0;
	}
	ret = keys_store(keys, uid, &store);
	if (!ret)
		ret = peer6_store_list(store, &list, &n);
	if (ret)
		return ret;
	/* Whatever its classifier: the key is what owns the authority. */
	for (i = 0; i < n; i++)
		if (!memcmp(list[i].name.authority, name->authority,
			    PEER6_AUTHORITY_LEN))
			break;
	ret = i < n ? peer6_store_key(store, list[i].text, key) :
		      PEER6_E_NOT_FOUND;
	if (!ret)
		strcpy(text, list[i].text);
	free(list);
	return ret;
}

int keys_signer_get(struct keys *keys, uid_t uid,
		    const struct peer6_name *name, struct signer **out,
		    char text[PEER6_NAME_SIZE])
{
	struct signer *signer;
	int ret;

	for (signer = keys->signers; signer; signer = signer->next)
		if (signer->uid == uid && signer->secure == name->secure &&
		    !memcmp(signer->authority, name->authority,
			    PEER6_AUTHORITY_LEN))
			break;
	if (!signer) {
		signer = calloc(1, sizeof(*signer));
		if (!signer)
			return PEER6_E_NOMEM;
		ret = signer_key(keys, uid, name, &signer->key, signer->text);
		if (!ret)
			ret = peer6_key_signer(signer->key, &signer->signer);
		if (ret) {
			peer6_key_free(signer->key);
			free(signer);
			return ret;
		}
		signer->uid = uid;
		signer->secure = name->secure;
		memcpy(signer->authority, name->authority,
		       PEER6_AUTHORITY_LEN);
		signer->keys = keys;
		signer->next = keys->signers;
		keys->signers = signer;
	}
	signer->users++;
	strcpy(text, signer->text);
	*out = signer;
	return 0;
}

void keys_signer_put(struct signer *signer)
{
	struct signer **p;

	if (!signer || --signer->users)
		return;
	for (p = &signer->keys->signers; *p != signer; p = &(*p)->next)
		;
	*p = signer->next;
	peer6_key_free(signer->key);
	free(signer);
}

const struct peer6_signer *signer_of(const struct signer *signer)
{
	return &signer->signer;
}
