/* seal: sign the case as it is. */
#include "cmd.h"
#include "say.h"

#include <xemtrace/evidence.h>

static const struct opt options[] = {
	{ "key", 'k', "FILE", "sign with the key in FILE", false },
	{ "new-key", 0, "FILE", "make a new key in FILE and print its public part",
	  false },
	{ "name", 0, "TEXT", "who seals", false },
	{ 0 },
};

static enum xt_status new_key(struct cli *c, const char *path, struct xt_err *err)
{
	struct evidence_key key;
	char hex[65];
	enum xt_status rc = evidence_key_new(&key, path, err);

	if (rc != XT_OK)
		return rc;
	xt_hex_encode(hex, key.public_key.b, sizeof(key.public_key.b));
	evidence_key_wipe(&key);
	return cli_print_done(
	    c, err,
	    "%s: a new key. Keep the file to yourself; publish the public "
	    "key: %s",
	    path, hex);
}

static enum xt_status seal(struct cli *c, const char *path, struct xt_err *err)
{
	const struct xt_clock *clock = xt_clock_system();
	const char *name = opts_str(&c->opts, "name");
	struct evidence_key key;
	struct store *s = NULL;
	bool exposed = false;
	char hex[65], when[24];
	const int64_t now = clock->unix_time(clock->ctx);
	enum xt_status rc = evidence_key_read(&key, &exposed, path, err);

	if (rc != XT_OK)
		return rc;
	xt_hex_encode(hex, key.public_key.b, sizeof(key.public_key.b));
	rc = store_open(&s, c->case_path, STORE_WRITE, err);
	if (rc == XT_OK)
		rc = evidence_seal(s, &key, name != NULL ? name : "", now, err);
	store_close(s);
	evidence_key_wipe(&key);
	if (rc != XT_OK)
		return rc;
	/* The text of one line has no place for warnings, JSON has. */
	if (exposed && c->format == EXPORT_TEXT)
		say(XT_LOG_WARN,
		    "%s: others than its owner may read this key: chmod 600", path);
	else if (exposed)
		cli_warn(c, "exposed_key",
			 "%s: others than its owner may read this key: chmod 600",
			 path);
	return cli_print_done(c, err, "%s: sealed at %s with the key %s", c->case_path,
			      nem_time_format_utc(when, now), hex);
}

static enum xt_status run(struct cli *c, struct xt_err *err)
{
	const char *key = opts_str(&c->opts, "key");
	const char *made = opts_str(&c->opts, "new-key");
	const enum xt_status rc = cli_operands(c, 0, 0, err);

	if (rc != XT_OK)
		return rc;
	if ((key == NULL) == (made == NULL))
		return xt_fail(err, XT_E_USAGE,
			       "seal: either --key FILE or --new-key FILE is needed");
	return made != NULL ? new_key(c, made, err) : seal(c, key, err);
}

const struct cmd cmd_seal = {
	.name = "seal",
	.synopsis = "--key FILE [--name TEXT] | --new-key FILE",
	.summary = "sign the case as it is with an Ed25519 key",
	.description =
	    "Signs the end of the chain of raw answers and digests of all tables. `verify`\n"
	    "checks it: whatever is changed afterwards is found out, table by table. The\n"
	    "private key stays in its file. Give the public key to others by another way than\n"
	    "with the case (`verify --public-key`). A case may be sealed again after more\n"
	    "work; the last seal counts.",
	.options = options,
	.needs = CMD_NO_CASE,
	.run = run,
};
