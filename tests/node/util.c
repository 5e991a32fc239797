#include "util.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *fx_program = "fixture";

void fx_die(const char *fmt, ...)
{
	va_list ap;

	(void)fprintf(stderr, "%s: ", fx_program);
	va_start(ap, fmt);
	(void)vfprintf(stderr, fmt, ap);
	va_end(ap);
	(void)fputc('\n', stderr);
	exit(1);
}

void *fx_alloc(size_t n, size_t size)
{
	void *p = xt_calloc(n == 0 ? 1 : n, size);

	if (p == NULL)
		fx_die("out of memory");
	return p;
}

char *fx_strdup(const char *s)
{
	char *p = xt_strdup(s);

	if (p == NULL)
		fx_die("out of memory");
	return p;
}

void *fx_grow(void *array, size_t *cap, size_t len, size_t size)
{
	size_t n = *cap;
	void *p;

	if (len < n)
		return array;
	n = n == 0 ? 4 : 2 * n;
	p = xt_reallocarray(array, n, size);
	if (p == NULL)
		fx_die("out of memory");
	*cap = n;
	return p;
}

char *fx_read_file(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	struct xt_buf b;
	char block[16384];
	size_t n;
	int failed;

	if (f == NULL)
		return NULL;
	xt_buf_init(&b, SIZE_MAX / 2);
	while ((n = fread(block, 1, sizeof(block), f)) > 0)
		fx_must(xt_buf_add(&b, block, n, NULL), NULL);
	failed = ferror(f) ? EIO : 0;
	(void)fclose(f);
	if (failed != 0) {
		xt_buf_release(&b);
		errno = failed;
		return NULL;
	}
	fx_must(xt_buf_add(&b, "", 1, NULL), NULL);
	if (len != NULL)
		*len = b.len - 1;
	return (char *)b.data;
}

void fx_must(enum xt_status st, const struct xt_err *err)
{
	if (st != XT_OK)
		fx_die("%s", err != NULL ? err->text : "out of memory");
}

void fx_key_from_name(struct nem_privkey *priv, struct nem_pubkey *pub,
		      const char *name)
{
	static const char prefix[] = "xemtrace test key:";
	struct nem_keccak k;

	nem_keccak256_init(&k);
	nem_keccak_update(&k, prefix, sizeof(prefix) - 1);
	nem_keccak_update(&k, name, strlen(name));
	nem_keccak_final(&k, priv->b);
	nem_pubkey_from_private(pub, priv);
}
