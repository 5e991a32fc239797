/* floor: nem */
/* Messages: the text is always UTF-8; the payload can be told from it. */
#include <xemtrace/nem.h>

#include <assert.h>
#include <string.h>

#include <xemtrace/limits.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool starts(const struct xt_buf *b, const char *prefix)
{
	const size_t n = strlen(prefix);

	return b->len >= n && memcmp(b->data, prefix, n) == 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t copy[XT_MAX_MESSAGE];
	struct nem_bytes m = { .data = copy };
	struct xt_buf out;
	uint32_t type;

	if (size == 0)
		return 0;
	type = data[0] % 3;
	m.len = (uint32_t)(size - 1 < sizeof(copy) ? size - 1 : sizeof(copy));
	memcpy(copy, data + 1, m.len);
	xt_buf_init(&out, 64 + 2 * (size_t)XT_MAX_MESSAGE);
	assert(nem_message_text(&out, type, &m, NULL) == XT_OK);
	assert(out.len == 0 || xt_utf8_valid(out.data, out.len));
	if (type == NEM_MSG_NONE || m.len == 0)
		assert(out.len == 0);
	else if (type == NEM_MSG_ENCRYPTED)
		assert(starts(&out, "encrypted:") && out.len == 10 + 2 * (size_t)m.len);
	else if (m.data[0] == 0xFE || !xt_utf8_valid(m.data, m.len))
		assert(starts(&out, "hex:") && out.len == 4 + 2 * (size_t)m.len);
	else
		assert(out.len == m.len && memcmp(out.data, m.data, m.len) == 0);
	xt_buf_release(&out);
	return 0;
}
