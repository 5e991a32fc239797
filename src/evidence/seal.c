/* Seals: a signature over the head of the chain of answers and over digests of all
 * tables. docs/evidence.md has the bytes. */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#define KEY_HEAD "xemtrace signing key 1\n"
/* Head, "secret " and 64 digits, "public " and 64 digits. */
#define KEY_FILE_MAX 512u
#define MESSAGE_MAX  512u

/* ---- the key file ------------------------------------------------------------ */

void evidence_key_wipe(struct evidence_key *k)
{
	sodium_memzero(k, sizeof(*k));
}

static enum xt_status start(struct xt_err *err)
{
	return sodium_init() < 0 ? xt_fail(err, XT_E_BUG, "libsodium does not start")
				 : XT_OK;
}

static enum xt_status write_key(int fd, const char *path, const char *text,
				struct xt_err *err)
{
	const size_t n = strlen(text);
	size_t done = 0;

	while (done < n) {
		const ssize_t w = write(fd, text + done, n - done);

		if (w < 0 && errno == EINTR)
			continue;
		if (w <= 0)
			return xt_fail(err, XT_E_IO, "%s: %s", path, strerror(errno));
		done += (size_t)w;
	}
	if (fsync(fd) != 0)
		return xt_fail(err, XT_E_IO, "%s: %s", path, strerror(errno));
	return XT_OK;
}

enum xt_status evidence_key_new(struct evidence_key *out, const char *path,
				struct xt_err *err)
{
	struct evidence_key k;
	uint8_t seed[32];
	char text[KEY_FILE_MAX], secret[65], public[65];
	enum xt_status rc = start(err);
	int fd;

	if (rc != XT_OK)
		return rc;
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return xt_fail(err, errno == EEXIST ? XT_E_EXISTS : XT_E_IO, "%s: %s",
			       path, strerror(errno));
	randombytes_buf(seed, sizeof(seed));
	crypto_sign_seed_keypair(k.public_key.b, k.secret, seed);
	xt_hex_encode(secret, seed, sizeof(seed));
	xt_hex_encode(public, k.public_key.b, sizeof(k.public_key.b));
	(void)snprintf(text, sizeof(text), KEY_HEAD "secret %s\npublic %s\n", secret,
		       public);
	rc = write_key(fd, path, text, err);
	if (close(fd) != 0 && rc == XT_OK)
		rc = xt_fail(err, XT_E_IO, "%s: %s", path, strerror(errno));
	if (rc == XT_OK)
		*out = k;
	else
		(void)unlink(path);
	sodium_memzero(seed, sizeof(seed));
	sodium_memzero(text, sizeof(text));
	sodium_memzero(secret, sizeof(secret));
	evidence_key_wipe(&k);
	return rc;
}

static enum xt_status read_file(char *out, size_t size, bool *exposed, const char *path,
				struct xt_err *err)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st;
	size_t n = 0;
	ssize_t r = 1;

	if (fd < 0)
		return xt_fail(err, errno == ENOENT ? XT_E_NOTFOUND : XT_E_IO, "%s: %s",
			       path, strerror(errno));
	if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
		(void)close(fd);
		return xt_fail(err, XT_E_DATA, "%s: not a regular file", path);
	}
	*exposed = (st.st_mode & (S_IRWXG | S_IRWXO)) != 0;
	while (n < size - 1 && r > 0) {
		r = read(fd, out + n, size - 1 - n);
		if (r > 0)
			n += (size_t)r;
		else if (r < 0 && errno == EINTR)
			r = 1;
	}
	out[n] = '\0';
	(void)close(fd);
	return r < 0 ? xt_fail(err, XT_E_IO, "%s: %s", path, strerror(errno)) : XT_OK;
}

/* "secret <64 digits>\n" at *p. */
static bool take_line(const char **p, const char *name, uint8_t out[32])
{
	const size_t n = strlen(name);
	char hex[65];

	if (strncmp(*p, name, n) != 0 || strlen(*p + n) < 65 || (*p)[n + 64] != '\n')
		return false;
	memcpy(hex, *p + n, 64);
	hex[64] = '\0';
	*p += n + 65;
	return xt_hex_decode(out, 32, hex, NULL) == XT_OK;
}

enum xt_status evidence_key_read(struct evidence_key *out, bool *exposed,
				 const char *path, struct xt_err *err)
{
	struct evidence_key k;
	uint8_t seed[32], public[32];
	char text[KEY_FILE_MAX] = "";
	const char *p = text;
	bool open_to_others = false;
	enum xt_status rc = start(err);

	if (rc == XT_OK)
		rc = read_file(text, sizeof(text), &open_to_others, path, err);
	if (rc != XT_OK)
		return rc;
	if (strncmp(p, KEY_HEAD, strlen(KEY_HEAD)) != 0) {
		rc = xt_fail(err, XT_E_DATA,
			     "%s: no key file: it does not begin with"
			     " \"xemtrace signing key 1\"",
			     path);
		goto out;
	}
	p += strlen(KEY_HEAD);
	if (!take_line(&p, "secret ", seed) || !take_line(&p, "public ", public) ||
	    *p != '\0') {
		rc =
		    xt_fail(err, XT_E_DATA,
			    "%s: damaged key file: two lines are needed, \"secret\" and"
			    " \"public\" with 64 hex digits each",
			    path);
		goto out;
	}
	crypto_sign_seed_keypair(k.public_key.b, k.secret, seed);
	if (memcmp(k.public_key.b, public, sizeof(public)) != 0) {
		rc = xt_fail(err, XT_E_VERIFY,
			     "%s: the public key is not that of the secret one", path);
		goto out;
	}
	*out = k;
	*exposed = open_to_others;
out:
	sodium_memzero(seed, sizeof(seed));
	sodium_memzero(text, sizeof(text));
	evidence_key_wipe(&k);
	return rc;
}

/* ---- what is signed ---------------------------------------------------------- */

static enum xt_status add_digest(struct xt_buf *b, const char *table,
				 const uint8_t digest[32], struct xt_err *err)
{
	char hex[65];

	xt_hex_encode(hex, digest, 32);
	return xt_buf_addf(b, err, "%s %s\n", table, hex);
}

struct parts {
	struct xt_buf text;
	enum xt_status rc;
	struct xt_err err;
};

static bool each_digest(void *ctx, const char *table, enum store_part part,
			uint64_t rows, const uint8_t digest[32])
{
	struct parts *p = ctx;

	(void)part;
	(void)rows;
	p->rc = add_digest(&p->text, table, digest, &p->err);
	return p->rc == XT_OK;
}

static enum xt_status make_parts(struct store *s, struct parts *p, struct xt_err *err)
{
	enum xt_status rc;

	xt_buf_init(&p->text, 16384);
	p->rc = XT_OK;
	rc = store_each_digest(s, each_digest, p, err);
	if (p->rc != XT_OK) {
		if (err != NULL)
			*err = p->err;
		rc = p->rc;
	}
	return rc;
}

/* "xemtrace seal 1" NUL, answers, head, time, length of name, name, BLAKE2b-256 of
 * parts.
 */
static enum xt_status make_message(struct xt_buf *b, const struct store_seal *v,
				   struct xt_err *err)
{
	static const uint8_t tag[] = "xemtrace seal 1";
	uint8_t digest[32];
	enum xt_status rc = xt_buf_add(b, tag, sizeof(tag), err);

	crypto_generichash(digest, sizeof(digest), (const uint8_t *)v->parts,
			   strlen(v->parts), NULL, 0);
	if (rc == XT_OK)
		rc = xt_buf_u64(b, v->answers, err);
	if (rc == XT_OK)
		rc = xt_buf_add(b, v->head, sizeof(v->head), err);
	if (rc == XT_OK)
		rc = xt_buf_u64(b, (uint64_t)v->time, err);
	if (rc == XT_OK)
		rc = xt_buf_u64(b, strlen(v->name), err);
	if (rc == XT_OK)
		rc = xt_buf_adds(b, v->name, err);
	if (rc == XT_OK)
		rc = xt_buf_add(b, digest, sizeof(digest), err);
	return rc;
}

static bool note_head(void *ctx, const struct store_answer *r)
{
	struct store_seal *v = ctx;

	v->answers++;
	memcpy(v->head, r->chain, sizeof(v->head));
	return true;
}

enum xt_status evidence_seal(struct store *s, const struct evidence_key *key,
			     const char *name, int64_t time, struct xt_err *err)
{
	struct store_seal v = { .time = time, .key = key->public_key };
	struct parts p;
	struct xt_buf message;
	enum xt_status rc = start(err);

	if (rc != XT_OK)
		return rc;
	if (strlen(name) >= sizeof(v.name) ||
	    !xt_utf8_valid((const uint8_t *)name, strlen(name)))
		return xt_fail(err, XT_E_USAGE,
			       "the name of a seal is UTF-8 of at most %zu bytes",
			       sizeof(v.name) - 1);
	memcpy(v.name, name, strlen(name));
	xt_buf_init(&message, MESSAGE_MAX);
	/* One transaction: nobody writes between the digests and the seal. */
	rc = STORE_BEGIN(s, err);
	if (rc != XT_OK)
		return rc;
	rc = make_parts(s, &p, err);
	v.parts = xt_buf_str(&p.text);
	if (rc == XT_OK)
		rc = store_each_answer(s, false, note_head, &v, err);
	if (rc == XT_OK)
		rc = make_message(&message, &v, err);
	if (rc == XT_OK) {
		crypto_sign_detached(v.signature, NULL, message.data, message.len,
				     key->secret);
		rc = store_put_seal(s, &v, err);
	}
	if (rc == XT_OK)
		rc = store_commit(s, err);
	else
		store_rollback(s);
	xt_buf_release(&message);
	xt_buf_release(&p.text);
	return rc;
}

/* ---- check ------------------------------------------------------------------- */

struct seals {
	struct audit *a;
	struct store_seal last;
	char *last_parts;
	uint64_t n;
};

/* The chain grows at its end: an earlier seal's head must be that of its last answer.
 */
static bool check_head(struct audit *a, const struct store_seal *v, const char *where)
{
	static const uint8_t none[32] = { 0 };
	struct store_answer r = { 0 };
	struct xt_err why;
	enum xt_status rc = XT_OK;

	if (v->answers == 0)
		return memcmp(v->head, none, 32) == 0 ||
		       audit_find_hex(a, "seal", where, "head", none, v->head, 32);
	if (v->answers > INT64_MAX)
		return audit_find(a, "seal", where, "answers", "a number of answers",
				  "more than there can be");
	rc = store_answer_get(a->s, &r, (int64_t)v->answers, &why);
	if (rc != XT_OK && rc != XT_E_VERIFY)
		return audit_find(a, "seal", where, "answers", "in the case", why.text);
	if (memcmp(r.chain, v->head, 32) != 0)
		return audit_find_hex(a, "seal", where, "head", v->head, r.chain, 32);
	return true;
}

static bool each_seal(void *ctx, const struct store_seal *v)
{
	struct seals *c = ctx;
	struct audit *a = c->a;
	struct xt_buf message;
	char where[40];
	bool ok = true;

	(void)snprintf(where, sizeof(where), "seal %" PRId64, v->id);
	c->n++;
	a->counts.seals++;
	c->last = *v;
	free(c->last_parts);
	c->last_parts = xt_strdup(v->parts);
	xt_buf_init(&message, MESSAGE_MAX);
	if (c->last_parts == NULL || make_message(&message, v, NULL) != XT_OK) {
		a->rc = xt_fail(&a->err, XT_E_NOMEM, "out of memory for a seal");
		ok = false;
	} else if (crypto_sign_verify_detached(v->signature, message.data, message.len,
					       v->key.b) != 0) {
		ok =
		    audit_find(a, "seal", where, "signature", "holds",
			       "the seal itself was changed, or made with another key");
	}
	xt_buf_release(&message);
	return ok && check_head(a, v, where);
}

struct compare {
	struct audit *a;
	const char *parts, *where;
};

static bool compare_part(void *ctx, const char *table, enum store_part part,
			 uint64_t rows, const uint8_t digest[32])
{
	const struct compare *c = ctx;
	char line[160], hex[65], field[40], found[80];

	(void)rows;
	xt_hex_encode(hex, digest, 32);
	(void)snprintf(line, sizeof(line), "%s %s\n", table, hex);
	for (const char *p = strstr(c->parts, line); p != NULL; p = strstr(p + 1, line))
		if (p == c->parts || p[-1] == '\n')
			return true;
	(void)snprintf(field, sizeof(field), "table %s", table);
	(void)snprintf(found, sizeof(found), "changed since (%s)",
		       store_part_name(part));
	return audit_find(c->a, "seal", c->where, field, "as it was sealed", found);
}

enum xt_status audit_seals(struct audit *a, const struct nem_pubkey *key,
			   struct xt_err *err)
{
	struct seals c = { .a = a };
	char where[40];
	enum xt_status rc = start(err);

	if (rc == XT_OK)
		rc = store_each_seal(a->s, each_seal, &c, err);
	rc = audit_result(a, rc, err);
	if (rc == XT_OK && c.n == 0 && key != NULL) {
		(void)audit_find(a, "seal", "case", "key", "a seal by that key",
				 "no seal");
		rc = audit_result(a, rc, err);
	}
	if (rc == XT_OK && c.n > 0) {
		struct compare cmp = { a, c.last_parts, where };

		(void)snprintf(where, sizeof(where), "seal %" PRId64, c.last.id);
		if (key != NULL && memcmp(key->b, c.last.key.b, 32) != 0)
			(void)audit_find_hex(a, "seal", where, "key", key->b,
					     c.last.key.b, 32);
		rc = store_each_digest(a->s, compare_part, &cmp, err);
		rc = audit_result(a, rc, err);
	}
	free(c.last_parts);
	return rc;
}
