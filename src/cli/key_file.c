#include "key_file.h"

#include <errno.h>
#include <string.h>

void key_file_wipe(void *p, size_t n)
{
	volatile uint8_t *b = p;
	while (n-- > 0)
		*b++ = 0;
}

static bool is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The digits of `text`, n bytes; NULL if it holds anything else. */
static const char *digits_of(char *text, size_t n)
{
	size_t from = 0;
	while (n > 0 && is_space(text[n - 1]))
		n--;
	while (from < n && is_space(text[from]))
		from++;
	text[n] = '\0';
	if (n - from == 66 && strncmp(text + from, "00", 2) == 0)
		from += 2;
	return n - from == 64 && strlen(text + from) == 64 ? text + from : NULL;
}

enum xt_status key_file_read(struct nem_privkey *out, const char *path,
			     struct xt_err *err)
{
	char text[160];
	struct nem_privkey key = { { 0 } };
	FILE *f = fopen(path, "r");
	if (f == NULL)
		return xt_fail(err, XT_E_NOTFOUND, "--key-file: %s: %s", path,
			       strerror(errno));
	/* No copy of the key may stay in the stream's buffer. */
	(void)setvbuf(f, NULL, _IONBF, 0);
	const size_t n = fread(text, 1, sizeof(text) - 1, f);
	const bool bad = ferror(f) != 0;
	(void)fclose(f);
	const char *hex = digits_of(text, n);
	enum xt_status rc = !bad && hex != NULL && n < sizeof(text) - 1
				? xt_hex_decode(key.b, sizeof(key.b), hex, NULL)
				: XT_E_DATA;
	if (rc == XT_OK)
		*out = key;
	else
		rc = xt_fail(err, bad ? XT_E_IO : XT_E_DATA, "--key-file: %s: %s", path,
			     bad ? "read error" : "not 64 hex digits of a private key");
	key_file_wipe(text, sizeof(text));
	key_file_wipe(&key, sizeof(key));
	return rc;
}
