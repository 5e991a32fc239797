/* mkscale: the ledger of a scale model of the Coincheck case, and what is true of it. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "model.h"

static const char usage_text[] =
    "usage: mkscale [--seed N] RECORD DIR\n"
    "RECORD: the folder of the published tables; into DIR go scale.ledger, truth.json,\n"
    "labels.yaml and exclude.txt. The same seed, the same bytes.\n";

static FILE *open_file(const char *dir, const char *name)
{
	char path[512];
	FILE *f;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "we");
	if (f == NULL)
		fx_die("%s: %s", path, strerror(errno));
	return f;
}

static void close_file(FILE *f)
{
	if (ferror(f) || fclose(f) != 0)
		fx_die("cannot write");
}

/* The wallets that the published statistics leave out, as far as the model has them. */
static void write_excluded(FILE *f, const struct model *m, const char *record)
{
	size_t n;
	struct row *v = read_table(record, "excluded_wallets.txt", &n);

	(void)fputs("# synthetic: stands for excluded_wallets.txt of the record\n", f);
	for (uint32_t i = 0; i < m->n_w; i++)
		for (size_t k = 0; k <= n; k++)
			if (strcmp(m->w[i].models,
				   k < n
				       ? v[k].cell[0]
				       : "NC4C6PSUW5CLTDT5SXAGJDQJGZNESKFK5MCN77OG") ==
			    0) {
				(void)fprintf(f, "%s\n", m->w[i].address.s);
				break;
			}
	free_table(v, n);
}

static void write_all(struct model *m, const char *record, const char *dir)
{
	FILE *f = open_file(dir, "scale.ledger");

	write_ledger(f, m);
	close_file(f);
	f = open_file(dir, "truth.json");
	write_truth(f, m);
	close_file(f);
	f = open_file(dir, "labels.yaml");
	write_labels(f, m);
	close_file(f);
	f = open_file(dir, "exclude.txt");
	write_excluded(f, m, record);
	close_file(f);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "seed", required_argument, NULL, 's' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	uint64_t seed = 20180126;
	struct model *m;
	struct xt_err err;
	int c;

	fx_program = "mkscale";
	while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
		if (c == 'h') {
			(void)fputs(usage_text, stdout);
			return 0;
		}
		if (c != 's' || xt_parse_u64(&seed, optarg, INT64_MAX, NULL) != XT_OK) {
			(void)fputs(usage_text, stderr);
			return 2;
		}
	}
	if (argc - optind != 2) {
		(void)fputs(usage_text, stderr);
		return 2;
	}
	fx_must(nem_crypto_init(&err), &err);
	m = model_new(seed);
	story_services(m);
	story_theft(m, argv[optind]);
	story_people(m);
	story_shop(m, argv[optind]);
	story_scenes(m);
	story_late(m, argv[optind]);
	story_rest(m);
	model_sort(m);
	model_replay(m);
	write_all(m, argv[optind], argv[optind + 1]);
	model_free(m);
	return 0;
}
