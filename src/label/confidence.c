#include "internal.h"

#include <string.h>

/* The GraphSense TagPack scale (tagpack-tool, confidence.csv): ids and levels. */
static const struct {
	const char *id;
	uint32_t level;
} scale[] = {
	{ "override", 100 },
	{ "ownership", 100 },
	{ "manual_transaction", 90 },
	{ "service_api", 70 },
	{ "authority_data", 60 },
	{ "trusted_provider", 50 },
	{ "service_data", 50 },
	{ "forensic", 50 },
	{ "untrusted_transaction", 40 },
	{ "web_crawl", 20 },
	{ "heuristic", 10 },
	{ "unknown", 5 },
};

bool label_confidence(uint32_t *level, char name[48], const char *text)
{
	uint64_t n;
	if (!text || text[0] == '\0')
		text = "unknown";
	for (size_t i = 0; i < XT_ARRAY_SIZE(scale); i++) {
		if (strcmp(scale[i].id, text) == 0) {
			*level = scale[i].level;
			snprintf(name, 48, "%s", scale[i].id);
			return true;
		}
	}
	if (xt_parse_u64(&n, text, 100, NULL) != XT_OK)
		return false;
	*level = (uint32_t)n;
	name[0] = '\0';
	return true;
}
