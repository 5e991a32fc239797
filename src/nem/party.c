#include <xemtrace/nem.h>

#include <string.h>

static bool is_name_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
}

enum xt_status nem_party_parse(struct nem_party *out, const char *text,
			       struct xt_err *err)
{
	struct nem_party p = { "" };
	size_t n = 1;

	if (text[0] != '@') {
		struct nem_address a;
		const enum xt_status rc = nem_address_parse(&a, text, err);

		if (rc != XT_OK)
			return rc;
		memcpy(p.s, a.s, sizeof(p.s));
		*out = p;
		return XT_OK;
	}
	while (n < sizeof(p.s) && is_name_char(text[n]))
		n++;
	if (text[n] != '\0' || n == 1 || n >= sizeof(p.s))
		return xt_fail(err, XT_E_DATA,
			       "'%.60s': a name is @ and 1 to 39 of a-z, 0-9 and '-'",
			       text);
	memcpy(p.s, text, n);
	*out = p;
	return XT_OK;
}

bool nem_party_is_address(const struct nem_party *p)
{
	return p->s[0] != '\0' && p->s[0] != '@';
}
