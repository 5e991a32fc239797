#include <xemtrace/nem.h>

/* Wallets mark a payload of raw bytes with this first byte: a convention of clients,
 * not a rule of the network. The byte stays in the text, as it was sent. */
#define RAW_MARK 0xFE

static enum xt_status add_hex(struct xt_buf *out, const char *prefix,
			      const struct nem_bytes *m, struct xt_err *err)
{
	enum xt_status rc = xt_buf_adds(out, prefix, err);

	for (uint32_t i = 0; rc == XT_OK && i < m->len; i++) {
		char hex[3];

		xt_hex_encode(hex, &m->data[i], 1);
		rc = xt_buf_add(out, hex, 2, err);
	}
	return rc;
}

enum xt_status nem_message_text(struct xt_buf *out, uint32_t type,
				const struct nem_bytes *m, struct xt_err *err)
{
	const size_t start = out->len;
	enum xt_status rc;

	if (type == NEM_MSG_NONE || m->len == 0)
		return XT_OK;
	if (type == NEM_MSG_ENCRYPTED)
		rc = add_hex(out, "encrypted:", m, err);
	else if (type != NEM_MSG_PLAIN)
		rc = xt_fail(err, XT_E_DATA, "message type %u is unknown", type);
	else if (m->data[0] == RAW_MARK || !xt_utf8_valid(m->data, m->len))
		rc = add_hex(out, "hex:", m, err);
	else
		rc = xt_buf_add(out, m->data, m->len, err);
	if (rc != XT_OK)
		out->len = start;
	return rc;
}
