/* The command line of fixture_node. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "node.h"
#include "util.h"

static const char usage_text[] =
    "usage: fixture_node [options] CHAINFILE\n"
    "Serve a chain file as a NIS1 node would, on 127.0.0.1.\n"
    "\n"
    "  --port N             port; 0 (the default) takes a free one\n"
    "  --port-file FILE     write the port there once it listens\n"
    "  --name NAME          name in /node/info; its key is made from it\n"
    "  --node-version TEXT  version in /node/info (0.6.102)\n"
    "  --id-seed N          other row ids (0: without extra gaps)\n"
    "  --features N         1 hash lookup, 2 history, 4 expired mosaics (1)\n"
    "  --height H           serve the blocks up to H only\n"
    "  --height-file FILE   the same, read again for each request: the chain grows\n"
    "  --peer HOST:PORT     a peer in the peer lists (may be repeated)\n"
    "  --log FILE           a line per request: number, method, path, status, and how\n"
    "                       many were under way\n"
    "  --no-local           local-only endpoints answer 401\n"
    "  --no-blocks          no block is found\n"
    "  --content-length     send a length instead of chunks\n"
    "Misbehaviour:\n"
    "  --exit-after N       exit after the N-th answer\n"
    "  --drop-after N       after the N-th answer close connections without one\n"
    "  --kill-file FILE     once it says \"PID N\": SIGKILL that process after the N-th\n"
    "                       answer from then on, and remove the file\n"
    "  --slow MS            wait before each answer\n"
    "  --drip MS            send a byte, wait, send a byte...\n"
    "  --fail STATUS:EVERY  an error for every EVERY-th request\n"
    "  --rate N             429 past N requests a second, as Jetty's DoSFilter\n"
    "  --flip OFFSET:BIT[@PREFIX[#K]]\n"
    "                       flip a bit of (the K-th of) the answers to PREFIX\n"
    "  --edit 'FIND=>REPLACE[@PREFIX[#K]]'\n"
    "                       replace text in (the K-th of) the answers to PREFIX\n"
    "  --omit HASH          leave a transaction out of lists and lookups\n"
    "  --duplicate-page     every page is the first one\n"
    "  --reverse-page       pages in ascending order\n"
    "  --foreign-page ADDR  pages of another account\n"
    "  --reorg-after N:FILE serve another chain file after the N-th answer\n"
    "  --reorg-when FLAG:FILE\n"
    "                       the same, once there is a file FLAG\n"
    "  --network N          another networkId in /node/info\n"
    "  --status N           code in /status (6)\n"
    "  --loading            still loading: 503 for nearly everything\n"
    "The following can be limited with --only PREFIX, --from K, --to K (request\n"
    "numbers), as can --drip and --fail:\n"
    "  --html               an HTML page with status 200\n"
    "  --truncate N         the first N bytes alone\n"
    "  --cut N              N bytes, then close the connection\n"
    "  --oversize BYTES     blanks behind the answer up to this size\n"
    "  --endless            an answer that does not end\n"
    "  --nest N             JSON nested N deep\n"
    "  --redirect URL       302 to URL\n"
    "A PREFIX is compared with the path and its query. SIGTERM ends it.\n";

enum {
	OPT_PORT = 256,
	OPT_PORT_FILE,
	OPT_NAME,
	OPT_VERSION,
	OPT_ID_SEED,
	OPT_FEATURES,
	OPT_HEIGHT,
	OPT_HEIGHT_FILE,
	OPT_PEER,
	OPT_LOG,
	OPT_NO_LOCAL,
	OPT_NO_BLOCKS,
	OPT_CONTENT_LENGTH,
	OPT_EXIT_AFTER,
	OPT_DROP_AFTER,
	OPT_KILL_FILE,
	OPT_SLOW,
	OPT_DRIP,
	OPT_FAIL,
	OPT_RATE,
	OPT_FLIP,
	OPT_EDIT,
	OPT_OMIT,
	OPT_DUPLICATE,
	OPT_REVERSE,
	OPT_FOREIGN,
	OPT_REORG,
	OPT_REORG_WHEN,
	OPT_NETWORK,
	OPT_STATUS,
	OPT_LOADING,
	OPT_ONLY,
	OPT_FROM,
	OPT_TO,
	OPT_HTML,
	OPT_TRUNCATE,
	OPT_CUT,
	OPT_OVERSIZE,
	OPT_ENDLESS,
	OPT_NEST,
	OPT_REDIRECT,
	OPT_HELP
};

static const struct option long_options[] = {
	{ "port", required_argument, NULL, OPT_PORT },
	{ "port-file", required_argument, NULL, OPT_PORT_FILE },
	{ "name", required_argument, NULL, OPT_NAME },
	{ "node-version", required_argument, NULL, OPT_VERSION },
	{ "id-seed", required_argument, NULL, OPT_ID_SEED },
	{ "features", required_argument, NULL, OPT_FEATURES },
	{ "height", required_argument, NULL, OPT_HEIGHT },
	{ "height-file", required_argument, NULL, OPT_HEIGHT_FILE },
	{ "peer", required_argument, NULL, OPT_PEER },
	{ "log", required_argument, NULL, OPT_LOG },
	{ "no-local", no_argument, NULL, OPT_NO_LOCAL },
	{ "no-blocks", no_argument, NULL, OPT_NO_BLOCKS },
	{ "content-length", no_argument, NULL, OPT_CONTENT_LENGTH },
	{ "exit-after", required_argument, NULL, OPT_EXIT_AFTER },
	{ "drop-after", required_argument, NULL, OPT_DROP_AFTER },
	{ "kill-file", required_argument, NULL, OPT_KILL_FILE },
	{ "slow", required_argument, NULL, OPT_SLOW },
	{ "drip", required_argument, NULL, OPT_DRIP },
	{ "fail", required_argument, NULL, OPT_FAIL },
	{ "rate", required_argument, NULL, OPT_RATE },
	{ "flip", required_argument, NULL, OPT_FLIP },
	{ "edit", required_argument, NULL, OPT_EDIT },
	{ "omit", required_argument, NULL, OPT_OMIT },
	{ "duplicate-page", no_argument, NULL, OPT_DUPLICATE },
	{ "reverse-page", no_argument, NULL, OPT_REVERSE },
	{ "foreign-page", required_argument, NULL, OPT_FOREIGN },
	{ "reorg-after", required_argument, NULL, OPT_REORG },
	{ "reorg-when", required_argument, NULL, OPT_REORG_WHEN },
	{ "network", required_argument, NULL, OPT_NETWORK },
	{ "status", required_argument, NULL, OPT_STATUS },
	{ "loading", no_argument, NULL, OPT_LOADING },
	{ "only", required_argument, NULL, OPT_ONLY },
	{ "from", required_argument, NULL, OPT_FROM },
	{ "to", required_argument, NULL, OPT_TO },
	{ "html", no_argument, NULL, OPT_HTML },
	{ "truncate", required_argument, NULL, OPT_TRUNCATE },
	{ "cut", required_argument, NULL, OPT_CUT },
	{ "oversize", required_argument, NULL, OPT_OVERSIZE },
	{ "endless", no_argument, NULL, OPT_ENDLESS },
	{ "nest", required_argument, NULL, OPT_NEST },
	{ "redirect", required_argument, NULL, OPT_REDIRECT },
	{ "help", no_argument, NULL, OPT_HELP },
	{ NULL, 0, NULL, 0 },
};

/* The number at the start of `s` up to a character `stop` or the end. */
static uint64_t number(const char *option, const char *s, char stop, uint64_t max,
		       const char **rest)
{
	const char *end = stop == '\0' ? s + strlen(s) : strchr(s, stop);
	char text[24] = "";
	uint64_t v;

	if (end == NULL || end - s >= (ptrdiff_t)sizeof(text))
		fx_die("--%s %s: not of the form that --help gives", option, s);
	memcpy(text, s, (size_t)(end - s));
	if (xt_parse_u64(&v, text, max, NULL) != XT_OK)
		fx_die("--%s %s: not a number up to %llu", option, s,
		       (unsigned long long)max);
	if (rest != NULL)
		*rest = stop == '\0' ? end : end + 1;
	return v;
}

static struct node_rule *new_rule(struct node_rule *rules, size_t *n,
				  const char *option)
{
	if (*n == NODE_MAX_RULES)
		fx_die("--%s: more than %d of them", option, NODE_MAX_RULES);
	return &rules[(*n)++];
}

/* Cut "@/PREFIX#K" off the end of `s`. */
static void take_target(struct node_rule *rule, char *s)
{
	char *at = NULL;
	char *hash;

	for (char *p = s; (p = strstr(p, "@/")) != NULL; p++)
		at = p;
	if (at == NULL)
		return;
	*at = '\0';
	rule->prefix = at + 1;
	hash = strrchr(rule->prefix, '#');
	if (hash != NULL) {
		*hash = '\0';
		rule->k = number("flip/--edit", hash + 1, '\0', UINT32_MAX, NULL);
	}
}

/* Rules live as long as the program: their texts are not freed. */
static void add_flip(struct node_options *o, const char *arg)
{
	struct node_rule *rule = new_rule(o->flips, &o->n_flips, "flip");
	char *s = fx_strdup(arg);
	const char *bit;

	take_target(rule, s);
	rule->offset = (size_t)number("flip", s, ':', SIZE_MAX, &bit);
	rule->bit = (unsigned)number("flip", bit, '\0', 7, NULL);
	if (rule->prefix != NULL)
		rule->prefix = fx_strdup(rule->prefix);
	free(s);
}

static void add_edit(struct node_options *o, const char *arg)
{
	struct node_rule *rule = new_rule(o->edits, &o->n_edits, "edit");
	char *s = fx_strdup(arg);
	char *arrow;

	take_target(rule, s);
	arrow = strstr(s, "=>");
	if (arrow == NULL || arrow == s)
		fx_die("--edit %s: not FIND=>REPLACE", arg);
	*arrow = '\0';
	rule->find = fx_strdup(s);
	rule->replace = fx_strdup(arrow + 2);
	if (rule->prefix != NULL)
		rule->prefix = fx_strdup(rule->prefix);
	free(s);
}

static void add_omit(struct node_options *o, const char *arg)
{
	if (o->n_omit == NODE_MAX_RULES)
		fx_die("--omit: more than %d of them", NODE_MAX_RULES);
	if (xt_hex_decode(o->omit[o->n_omit].b, 32, arg, NULL) != XT_OK)
		fx_die("--omit %s: not a hash", arg);
	o->n_omit++;
}

static void add_reorg(struct node_options *o, const char *arg, bool flag)
{
	struct node_reorg *r = &o->reorgs[o->n_reorgs];
	char *colon;

	if (o->n_reorgs++ == NODE_MAX_RULES)
		fx_die("--reorg-...: more than %d of them", NODE_MAX_RULES);
	if (!flag) {
		r->after = number("reorg-after", arg, ':', UINT64_MAX, &r->path);
		return;
	}
	r->flag = fx_strdup(arg);
	colon = strchr(r->flag, ':');
	if (colon == NULL)
		fx_die("--reorg-when %s: not FLAG:FILE", arg);
	*colon = '\0';
	r->path = colon + 1;
}

static void open_log(struct node_options *o, const char *path)
{
	o->log = fopen(path, "ae");
	if (o->log == NULL)
		fx_die("%s: %s", path, strerror(errno));
	(void)setvbuf(o->log, NULL, _IOLBF, 0);
}

/* Options about what is served. False if it is not one of them. */
static bool parse_service(struct node_options *o, int c, const char *arg)
{
	switch (c) {
	case OPT_PORT:
		o->port = (uint16_t)number("port", arg, '\0', UINT16_MAX, NULL);
		return true;
	case OPT_PORT_FILE:
		o->port_file = arg;
		return true;
	case OPT_NAME:
		o->name = arg;
		return true;
	case OPT_VERSION:
		o->version = arg;
		return true;
	case OPT_ID_SEED:
		o->id_seed = number("id-seed", arg, '\0', UINT64_MAX, NULL);
		return true;
	case OPT_FEATURES:
		o->features = (int)number("features", arg, '\0', 255, NULL);
		return true;
	case OPT_HEIGHT:
		o->height = number("height", arg, '\0', INT64_MAX, NULL);
		return true;
	case OPT_HEIGHT_FILE:
		o->height_file = arg;
		return true;
	case OPT_PEER:
		if (o->n_peers == NODE_MAX_RULES)
			fx_die("--peer: more than %d of them", NODE_MAX_RULES);
		o->peers[o->n_peers++] = arg;
		return true;
	case OPT_LOG:
		open_log(o, arg);
		return true;
	case OPT_NO_LOCAL:
		o->no_local = true;
		return true;
	case OPT_NO_BLOCKS:
		o->no_blocks = true;
		return true;
	case OPT_CONTENT_LENGTH:
		o->content_length = true;
		return true;
	case OPT_NETWORK:
		o->network = (int)strtol(arg, NULL, 10);
		return true;
	case OPT_STATUS:
		o->status_code = (int)number("status", arg, '\0', 99, NULL);
		return true;
	case OPT_LOADING:
		o->loading = true;
		return true;
	default:
		return false;
	}
}

/* Options that end, delay or refuse requests. */
static bool parse_trouble(struct node_options *o, int c, const char *arg)
{
	const char *rest;

	switch (c) {
	case OPT_EXIT_AFTER:
		o->exit_after = number("exit-after", arg, '\0', INT64_MAX, NULL);
		return true;
	case OPT_DROP_AFTER:
		/* Plus one: 0 drops from the first request on. */
		o->drop_after = 1 + number("drop-after", arg, '\0', INT64_MAX, NULL);
		return true;
	case OPT_KILL_FILE:
		o->kill_file = arg;
		return true;
	case OPT_SLOW:
		o->slow_ms = (long)number("slow", arg, '\0', 600000, NULL);
		return true;
	case OPT_DRIP:
		o->drip_ms = (long)number("drip", arg, '\0', 600000, NULL);
		return true;
	case OPT_FAIL:
		o->fail_status = (int)number("fail", arg, ':', 599, &rest);
		o->fail_every = number("fail", rest, '\0', UINT32_MAX, NULL);
		if (o->fail_status < 400 || o->fail_every == 0)
			fx_die("--fail %s: not STATUS:EVERY", arg);
		return true;
	case OPT_RATE:
		o->rate = (unsigned)number("rate", arg, '\0', 100000, NULL);
		return true;
	case OPT_REDIRECT:
		o->redirect = arg;
		return true;
	case OPT_REORG:
	case OPT_REORG_WHEN:
		add_reorg(o, arg, c == OPT_REORG_WHEN);
		return true;
	default:
		return false;
	}
}

/* Options that alter answers. */
static bool parse_spoiling(struct node_options *o, int c, const char *arg)
{
	switch (c) {
	case OPT_FLIP:
		add_flip(o, arg);
		return true;
	case OPT_EDIT:
		add_edit(o, arg);
		return true;
	case OPT_OMIT:
		add_omit(o, arg);
		return true;
	case OPT_DUPLICATE:
		o->duplicate_page = true;
		return true;
	case OPT_REVERSE:
		o->reverse_page = true;
		return true;
	case OPT_FOREIGN:
		if (strlen(arg) != 40)
			fx_die("--foreign-page %s: not an address without dashes", arg);
		o->foreign = arg;
		return true;
	case OPT_ONLY:
		o->only = arg;
		return true;
	case OPT_FROM:
		o->from = number("from", arg, '\0', UINT64_MAX, NULL);
		return true;
	case OPT_TO:
		o->to = number("to", arg, '\0', UINT64_MAX, NULL);
		return true;
	case OPT_HTML:
		o->html = true;
		return true;
	case OPT_TRUNCATE:
		o->truncate = 1 + number("truncate", arg, '\0', INT64_MAX, NULL);
		return true;
	case OPT_CUT:
		o->cut = 1 + number("cut", arg, '\0', INT64_MAX, NULL);
		return true;
	case OPT_OVERSIZE:
		o->oversize = number("oversize", arg, '\0', INT32_MAX, NULL);
		return true;
	case OPT_ENDLESS:
		o->endless = true;
		return true;
	case OPT_NEST:
		o->nest = number("nest", arg, '\0', INT32_MAX, NULL);
		return true;
	default:
		return false;
	}
}

int node_options_parse(struct node_options *o, int argc, char **argv)
{
	int c;

	memset(o, 0, sizeof(*o));
	o->name = "fixture";
	o->version = "0.6.102";
	o->features = 1;
	o->status_code = 6;
	o->to = UINT64_MAX;
	while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		if (c == OPT_HELP) {
			(void)fputs(usage_text, stdout);
			exit(0);
		}
		if (!parse_service(o, c, optarg) && !parse_trouble(o, c, optarg) &&
		    !parse_spoiling(o, c, optarg)) {
			(void)fputs(usage_text, stderr);
			exit(2);
		}
	}
	if (argc - optind != 1) {
		(void)fputs(usage_text, stderr);
		exit(2);
	}
	return optind;
}
