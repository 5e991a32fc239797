#include <xemtrace/nem.h>

#include <string.h>

#include <nettle/aes.h>
#include <nettle/cbc.h>
#include <sodium.h>

#include "internal.h"

/* docs/nis1.md section on messages: salt (32) | iv (16) | AES-256-CBC with PKCS#7. The
 * key is Keccak-256 over the shared point (own scalar times the other's key, encoded)
 * XOR salt. */
#define SALT  32
#define IV    16
#define BLOCK 16

static bool shared_key(uint8_t out[32], const struct nem_privkey *mine,
		       const struct nem_pubkey *other, const uint8_t salt[SALT])
{
	uint8_t scalar[64];
	uint8_t point[32];
	bool ok;

	nem_expand_key(scalar, mine);
	ok = crypto_scalarmult_ed25519_noclamp(point, scalar, other->b) == 0;
	for (size_t i = 0; i < sizeof(point); i++)
		point[i] ^= salt[i];
	nem_keccak256(out, point, sizeof(point));
	sodium_memzero(scalar, sizeof(scalar));
	sodium_memzero(point, sizeof(point));
	return ok;
}

/* Length without the padding; false if there is none. */
static bool unpad(size_t *len, const uint8_t *p, size_t n)
{
	const uint8_t pad = p[n - 1];

	if (pad == 0 || pad > BLOCK)
		return false;
	for (size_t i = n - pad; i < n; i++)
		if (p[i] != pad)
			return false;
	*len = n - pad;
	return true;
}

enum xt_status nem_message_decrypt(struct xt_buf *out, const struct nem_privkey *mine,
				   const struct nem_pubkey *other,
				   const struct nem_bytes *m, struct xt_err *err)
{
	struct CBC_CTX(struct aes256_ctx, AES_BLOCK_SIZE) aes;
	const size_t start = out->len;
	uint8_t key[32];
	size_t n;
	size_t len = 0;
	enum xt_status rc;

	if (m->len < SALT + IV + BLOCK || (m->len - SALT - IV) % BLOCK != 0)
		return xt_fail(err, XT_E_DATA,
			       "message of %u bytes: not salt, iv and whole blocks",
			       m->len);
	n = m->len - SALT - IV;
	if (!shared_key(key, mine, other, m->data))
		return xt_fail(err, XT_E_VERIFY,
			       "the other party's key is not usable for encryption");
	rc = xt_buf_add(out, m->data + SALT + IV, n, err);
	if (rc == XT_OK) {
		uint8_t *text = out->data + start;

		aes256_set_decrypt_key(&aes.ctx, key);
		CBC_SET_IV(&aes, m->data + SALT);
		CBC_DECRYPT(&aes, aes256_decrypt, n, text, m->data + SALT + IV);
		if (unpad(&len, text, n)) {
			out->len = start + len;
		} else {
			sodium_memzero(text, n);
			out->len = start;
			rc = xt_fail(err, XT_E_VERIFY,
				     "the message was not encrypted between these two "
				     "keys");
		}
		sodium_memzero(&aes, sizeof(aes));
	}
	sodium_memzero(key, sizeof(key));
	return rc;
}
