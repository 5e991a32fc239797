#include <xemtrace/nis.h>

#include <inttypes.h>
#include <string.h>
#include <strings.h>

#include <arpa/inet.h>

#define NIS_PORT   7890
#define HTTPS_PORT 443

struct parts {
	bool tls;
	const char *host; /* with the brackets of an IPv6 address */
	size_t host_len;
	uint64_t port;
};

static bool is_alnum(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9');
}

static enum xt_status check_name(const char *host, size_t n, const char *text,
				 struct xt_err *err)
{
	if (n == 0)
		return xt_fail(err, XT_E_USAGE, "node '%.200s': the host is missing",
			       text);
	for (size_t i = 0; i < n; i++)
		if (!is_alnum(host[i]) && host[i] != '-' && host[i] != '.' &&
		    host[i] != '_')
			return xt_fail(
			    err, XT_E_USAGE,
			    "node '%.200s': '%c' does not belong in a host name", text,
			    host[i]);
	if (!is_alnum(host[0]))
		return xt_fail(
		    err, XT_E_USAGE,
		    "node '%.200s': a host name begins with a letter or digit", text);
	return XT_OK;
}

static enum xt_status check_ipv6(const char *host, size_t n, const char *text,
				 struct xt_err *err)
{
	struct in6_addr a;
	char inner[INET6_ADDRSTRLEN];

	if (n >= sizeof(inner) + 2)
		return xt_fail(err, XT_E_USAGE, "node '%.200s': no IPv6 address", text);
	memcpy(inner, host + 1, n - 2);
	inner[n - 2] = '\0';
	if (inet_pton(AF_INET6, inner, &a) != 1)
		return xt_fail(err, XT_E_USAGE,
			       "node '%.200s': '%s' is no IPv6 address", text, inner);
	return XT_OK;
}

/* "host:port" up to the end of the authority. */
static enum xt_status split_port(struct parts *p, const char *s, size_t n,
				 const char *text, struct xt_err *err)
{
	const char *after;
	struct xt_err why;
	char digits[8];
	size_t len;

	p->host = s;
	if (n > 0 && s[0] == '[') {
		after = memchr(s, ']', n);
		if (after == NULL)
			return xt_fail(err, XT_E_USAGE,
				       "node '%.200s': ']' is missing after '['", text);
		after++;
	} else {
		const char *colon = memchr(s, ':', n);

		after = colon == NULL ? s + n : colon;
	}
	p->host_len = (size_t)(after - s);
	if (after == s + n)
		return XT_OK;
	len = (size_t)(s + n - after) - 1;
	if (*after != ':' || len >= sizeof(digits))
		return xt_fail(err, XT_E_USAGE, "node '%.200s': '%.*s' is no port",
			       text, (int)(len + 1), after);
	memcpy(digits, after + 1, len);
	digits[len] = '\0';
	if (xt_parse_u64(&p->port, digits, UINT16_MAX, &why) != XT_OK)
		return xt_fail(err, XT_E_USAGE, "node '%.200s': port: %s", text,
			       why.text);
	if (p->port == 0)
		return xt_fail(err, XT_E_USAGE, "node '%.200s': port 0", text);
	return XT_OK;
}

enum xt_status nis_node_url(char out[256], const char *text, struct xt_err *err)
{
	struct parts p = { .port = 0 };
	char url[256];
	const char *s;
	enum xt_status rc;
	size_t n;
	int len;

	if (strncasecmp(text, "http://", 7) == 0) {
		s = text + 7;
	} else if (strncasecmp(text, "https://", 8) == 0) {
		s = text + 8;
		p.tls = true;
	} else {
		return xt_fail(err, XT_E_USAGE,
			       "node '%.200s': must begin with http:// or https://",
			       text);
	}
	p.port = p.tls ? HTTPS_PORT : NIS_PORT;
	n = strcspn(s, "/?#");
	if (s[n] != '\0' && strcmp(s + n, "/") != 0)
		return xt_fail(err, XT_E_USAGE,
			       "node '%.200s': only host and port, no '%.40s'", text,
			       s + n);
	if (memchr(s, '@', n) != NULL)
		return xt_fail(err, XT_E_USAGE, "a node's URL has no user or password");
	rc = split_port(&p, s, n, text, err);
	if (rc == XT_OK)
		rc = p.host_len > 0 && p.host[0] == '['
			 ? check_ipv6(p.host, p.host_len, text, err)
			 : check_name(p.host, p.host_len, text, err);
	if (rc != XT_OK)
		return rc;
	len = snprintf(url, sizeof(url), "%s://%.*s:%" PRIu64, p.tls ? "https" : "http",
		       p.host_len > sizeof(url) ? (int)sizeof(url) : (int)p.host_len,
		       p.host, p.port);
	if (len < 0 || (size_t)len >= sizeof(url))
		return xt_fail(err, XT_E_USAGE,
			       "node '%.60s...': longer than %zu bytes", text,
			       sizeof(url) - 1);
	for (char *c = url; *c != '\0'; c++)
		if (*c >= 'A' && *c <= 'Z')
			*c = (char)(*c - 'A' + 'a');
	memcpy(out, url, sizeof(url));
	return XT_OK;
}

enum xt_status nis_proxy_url(const char *text, struct xt_err *err)
{
	static const char *const schemes[] = {
		"http://",    "https://",  "socks4://",
		"socks4a://", "socks5://", "socks5h://"
	};
	const char *s = NULL, *at;
	struct parts p = { .port = 0 };
	struct xt_err why;
	size_t n;
	enum xt_status rc;

	for (size_t i = 0; s == NULL && i < XT_ARRAY_SIZE(schemes); i++)
		if (strncasecmp(text, schemes[i], strlen(schemes[i])) == 0)
			s = text + strlen(schemes[i]);
	if (s == NULL)
		return xt_fail(err, XT_E_USAGE,
			       "--proxy: must begin with http://, https://, socks4://, "
			       "socks4a://, socks5:// or socks5h://");
	n = strcspn(s, "/?#");
	if (s[n] != '\0' && strcmp(s + n, "/") != 0)
		return xt_fail(err, XT_E_USAGE,
			       "--proxy: nothing may stand behind host and port");
	at = memchr(s, '@', n);
	/* A password may stand before the host: it is not shown. */
	s += at == NULL ? 0 : (size_t)(at - s) + 1;
	n = strcspn(s, "/?#");
	rc = split_port(&p, s, n, s, &why);
	if (rc == XT_OK)
		rc = p.host_len > 0 && p.host[0] == '['
			 ? check_ipv6(p.host, p.host_len, s, &why)
			 : check_name(p.host, p.host_len, s, &why);
	if (rc == XT_OK && p.port == 0)
		rc = xt_fail(&why, XT_E_USAGE, "'%.200s': the port is missing", s);
	return rc == XT_OK ? rc : xt_fail(err, rc, "--proxy: %s", why.text);
}
