/* Addresses that a stranger's list may not send us to: our own net and machine. */
#include <xemtrace/nis.h>

#include <string.h>

#include <sys/socket.h>

#include <arpa/inet.h>
#include <netinet/in.h>

/* Special-purpose blocks of IPv4 (the registry of RFC 6890 and its successors), multicast
 * and reserved ones. */
static const struct {
	uint32_t net;
	unsigned bits;
} closed4[] = {
	{ 0x00000000, 8 },  { 0x0A000000, 8 },  { 0x64400000, 10 }, { 0x7F000000, 8 },
	{ 0xA9FE0000, 16 }, { 0xAC100000, 12 }, { 0xC0000000, 24 }, { 0xC0000200, 24 },
	{ 0xC0586300, 24 }, { 0xC0A80000, 16 }, { 0xC6120000, 15 }, { 0xC6336400, 24 },
	{ 0xCB007100, 24 }, { 0xE0000000, 4 },  { 0xF0000000, 4 },
};

static bool is_private4(const uint8_t b[4])
{
	const uint32_t a =
	    (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];

	for (size_t i = 0; i < XT_ARRAY_SIZE(closed4); i++)
		if ((a ^ closed4[i].net) >> (32 - closed4[i].bits) == 0)
			return true;
	return false;
}

/* Only 2000::/3 is given out; what wraps an IPv4 address is that address. */
static bool is_private6(const uint8_t b[16])
{
	static const uint8_t nat64[12] = { 0x00, 0x64, 0xFF, 0x9B };
	static const uint8_t mapped[12] = { [10] = 0xFF, [11] = 0xFF };

	if (memcmp(b, nat64, sizeof(nat64)) == 0 ||
	    memcmp(b, mapped, sizeof(mapped)) == 0)
		return is_private4(b + 12);
	if (b[0] == 0x20 && b[1] == 0x02)
		return is_private4(b + 2);
	/* 2001::/23 (Teredo and others of no use here), 2001:db8::/32. */
	if (b[0] == 0x20 && b[1] == 0x01 &&
	    (b[2] < 2 || (b[2] == 0x0D && b[3] == 0xB8)))
		return true;
	return (b[0] & 0xE0) != 0x20;
}

bool nis_sockaddr_is_private(const struct sockaddr *a)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	uint8_t b[4];

	if (a->sa_family == AF_INET) {
		memcpy(&v4, a, sizeof(v4));
		memcpy(b, &v4.sin_addr, sizeof(b));
		return is_private4(b);
	}
	if (a->sa_family != AF_INET6)
		return true;
	memcpy(&v6, a, sizeof(v6));
	return is_private6(v6.sin6_addr.s6_addr);
}

bool nis_url_is_private(const char *url)
{
	const char *host = strstr(url, "://");
	char text[INET6_ADDRSTRLEN];
	bool v6;
	uint8_t b[16];
	size_t n;

	host = host == NULL ? url : host + 3;
	v6 = *host == '[';
	host += v6;
	n = strcspn(host, v6 ? "]" : ":/");
	if (n >= sizeof(text))
		return false;
	memcpy(text, host, n);
	text[n] = '\0';
	if (inet_pton(AF_INET, text, b) == 1)
		return is_private4(b);
	return inet_pton(AF_INET6, text, b) == 1 && is_private6(b);
}
