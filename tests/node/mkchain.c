/* mkchain: a signed chain from a text ledger. README.md has the grammar. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "ledger.h"
#include "txjson.h"
#include "util.h"

static const char usage_text[] =
    "usage: mkchain [-o FILE] [--allow-invalid] [--sparse] LEDGER   the chain, as JSON\n"
    "       mkchain --keys LEDGER       name, address, public key of each name\n"
    "       mkchain --balances LEDGER   address, uXEM at the end, name\n"
    "       mkchain --hashes LEDGER     line, height, index, type, hash of each tx\n"
    "       mkchain --address NAME...   addresses of names, without a ledger\n";

enum { OUT_CHAIN, OUT_KEYS, OUT_BALANCES, OUT_HASHES, OUT_ADDRESS };

static void print_keys(FILE *f, const struct ledger *l)
{
	for (size_t i = 0; i < l->n_names; i++) {
		char hex[65];

		xt_hex_encode(hex, l->names[i].pub.b, 32);
		(void)fprintf(f, "%s %s %s\n", l->names[i].name, l->names[i].address.s,
			      hex);
	}
}

static void print_balances(FILE *f, const struct ledger *l)
{
	for (size_t i = 0; i < l->state->n_accounts; i++) {
		const struct fx_account *a = &l->state->accounts[i];
		const char *name = "-";

		for (size_t k = 0; k < l->n_names; k++)
			if (nem_address_equal(&l->names[k].address, &a->address))
				name = l->names[k].name;
		(void)fprintf(f, "%s %lld %s\n", a->address.s, (long long)a->balance,
			      name);
	}
}

static void print_hashes(FILE *f, const struct ledger *l)
{
	struct xt_err err;

	for (size_t i = 0; i < l->n_blocks; i++) {
		for (uint32_t k = 0; k < l->blocks[i].n_txs; k++) {
			const struct nem_tx *tx = &l->blocks[i].txs[k];
			struct nem_hash hash;
			char hex[65];

			fx_must(nem_tx_hash(&hash, tx, &err), &err);
			xt_hex_encode(hex, hash.b, 32);
			(void)fprintf(f, "%u %llu %u %u %s\n", l->lines[i][k],
				      (unsigned long long)l->blocks[i].height, k,
				      tx->type, hex);
		}
	}
}

/* A block a line, so that a diff of two chains can be read. */
static void print_chain(FILE *f, const struct ledger *l)
{
	struct nem_address nemesis;

	nem_address_from_pubkey(&nemesis, NEM_MAINNET, &l->blocks[0].signer);
	(void)fprintf(f, "{\"network\":104,\"nemesis\":\"%s\",", nemesis.s);
	if (l->sparse)
		(void)fprintf(f,
			      "\"empty\":{\"harvester\":\"%s\",\"start\":%u,"
			      "\"spacing\":%u,\"tip\":%llu},",
			      LEDGER_HARVESTER, l->start, l->spacing,
			      (unsigned long long)l->blocks[l->n_blocks - 1].height);
	(void)fputs("\"blocks\":[", f);
	for (size_t i = 0; i < l->n_blocks; i++) {
		json_t *j;

		if (ledger_left_out(l, &l->blocks[i]))
			continue;
		j = fx_block_to_json(&l->blocks[i]);
		(void)fputs(i == 0 ? "\n" : ",\n", f);
		if (json_dumpf(j, f, JSON_COMPACT | JSON_ESCAPE_SLASH) != 0)
			fx_die("cannot write");
		json_decref(j);
	}
	(void)fputs("\n]}\n", f);
}

static void print_addresses(char **names)
{
	for (; *names != NULL; names++) {
		struct nem_privkey priv;
		struct nem_pubkey pub;
		struct nem_address a;

		fx_key_from_name(&priv, &pub, *names);
		nem_address_from_pubkey(&a, NEM_MAINNET, &pub);
		(void)printf("%s\n", a.s);
	}
}

static void run(const char *path, const char *out, bool allow_invalid, bool sparse,
		int what)
{
	FILE *f = stdout;
	struct ledger l;

	ledger_read(&l, path, allow_invalid, sparse);
	if (out != NULL && (f = fopen(out, "we")) == NULL)
		fx_die("%s: %s", out, strerror(errno));
	if (what == OUT_KEYS)
		print_keys(f, &l);
	else if (what == OUT_BALANCES)
		print_balances(f, &l);
	else if (what == OUT_HASHES)
		print_hashes(f, &l);
	else
		print_chain(f, &l);
	if (fflush(f) != 0 || ferror(f) || (f != stdout && fclose(f) != 0))
		fx_die("%s: cannot write", out == NULL ? "stdout" : out);
	ledger_release(&l);
}

int main(int argc, char **argv)
{
	static const struct option long_options[] = {
		{ "allow-invalid", no_argument, NULL, 'i' },
		{ "sparse", no_argument, NULL, 's' },
		{ "keys", no_argument, NULL, OUT_KEYS },
		{ "balances", no_argument, NULL, OUT_BALANCES },
		{ "hashes", no_argument, NULL, OUT_HASHES },
		{ "address", no_argument, NULL, OUT_ADDRESS },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	const char *out = NULL;
	bool allow_invalid = false;
	bool sparse = false;
	int c;
	int what = OUT_CHAIN;
	struct xt_err err;

	fx_program = "mkchain";
	while ((c = getopt_long(argc, argv, "o:", long_options, NULL)) != -1) {
		if (c == 'o') {
			out = optarg;
		} else if (c == 'i') {
			allow_invalid = true;
		} else if (c == 's') {
			sparse = true;
		} else if (c == 'h') {
			(void)fputs(usage_text, stdout);
			return 0;
		} else if (c == '?') {
			(void)fputs(usage_text, stderr);
			return 2;
		} else {
			what = c;
		}
	}
	fx_must(nem_crypto_init(&err), &err);
	if (what == OUT_ADDRESS) {
		print_addresses(argv + optind);
		return 0;
	}
	if (argc - optind != 1) {
		(void)fputs(usage_text, stderr);
		return 2;
	}
	run(argv[optind], out, allow_invalid, sparse, what);
	return 0;
}
