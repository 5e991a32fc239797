#include "node_args.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The user's own file. False if no place is known. */
static bool own_file(char out[512])
{
	const char *xdg = getenv("XDG_CONFIG_HOME");
	const char *home = getenv("HOME");
	int n = -1;

	/* A relative path there is to be ignored, says the specification. */
	if (xdg != NULL && xdg[0] == '/')
		n = snprintf(out, 512, "%s/xemtrace/nodes", xdg);
	else if (home != NULL && home[0] == '/')
		n = snprintf(out, 512, "%s/.config/xemtrace/nodes", home);
	return n > 0 && n < 512;
}

enum xt_status node_file_read(struct nis_file *out, const char *path,
			      struct xt_err *err)
{
	uint8_t *p = xt_calloc(1, NIS_FILE_MAX_BYTES + 1);
	FILE *f = p == NULL ? NULL : fopen(path, "rbe");
	enum xt_status rc;
	size_t n;

	if (f == NULL) {
		const int why = errno;

		rc = p == NULL ? XT_E_NOMEM : why == ENOENT ? XT_E_NOTFOUND : XT_E_IO;
		rc = xt_fail(err, rc, "%s: %s", path,
			     p == NULL ? "out of memory" : strerror(why));
		free(p);
		return rc;
	}
	n = fread(p, 1, NIS_FILE_MAX_BYTES + 1, f);
	rc = ferror(f) == 0 ? XT_OK : xt_fail(err, XT_E_IO, "%s: cannot be read", path);
	(void)fclose(f);
	if (rc == XT_OK)
		rc = nis_file_parse(out, path, p, n, err);
	free(p);
	return rc;
}

/* Is there one that is no URL, and so must be a name? */
static bool has_name(const struct cli *c, size_t n_operands)
{
	const char *text;

	for (size_t i = 0; i < n_operands; i++)
		if (strstr(c->opts.operands[i], "://") == NULL)
			return true;
	for (size_t i = 0; (text = opts_nth(&c->opts, "node", i)) != NULL; i++)
		if (strstr(text, "://") == NULL)
			return true;
	return false;
}

/* The file that counts; none is fine unless it was named. The user's own is left alone
 * where it says nothing: an error in it is in nobody's way then. */
static enum xt_status load_file(const struct cli *c, struct nis_file *out, bool needed,
				bool names, struct xt_err *err)
{
	const char *path = opts_str(&c->opts, "nodes");
	char own[512];
	enum xt_status rc;

	if (path != NULL)
		rc = node_file_read(out, path, err);
	else if ((!needed && !names) || !own_file(own))
		return XT_OK;
	else
		rc = node_file_read(out, own, err);
	if (rc == XT_E_NOTFOUND && path == NULL)
		return XT_OK;
	if (rc == XT_OK && out->n == 0 && (needed || path != NULL))
		return xt_fail(err, XT_E_USAGE, "%s: no node stands in it",
			       path != NULL ? path : own);
	return rc;
}

static enum xt_status add(struct node_args *a, const char *text, struct xt_err *err)
{
	const char *url = text;
	enum xt_status rc;

	for (size_t i = 0; i < a->file->n; i++)
		if (a->file->v[i].name[0] != '\0' &&
		    strcmp(a->file->v[i].name, text) == 0)
			url = a->file->v[i].url;
	rc = nis_node_url(a->own[a->n], url, err);
	if (rc != XT_OK && strstr(text, "://") == NULL)
		return xt_fail(err, XT_E_USAGE,
			       "node \"%.200s\": neither a URL (http://HOST:7890) nor "
			       "a name in the file of nodes",
			       text);
	if (rc != XT_OK)
		return rc;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->url[i], a->own[a->n]) == 0)
			return XT_OK;
	a->url[a->n] = a->own[a->n];
	a->n++;
	return XT_OK;
}

enum xt_status node_args_read(struct cli *c, struct node_args *out, bool operands,
			      struct xt_err *err)
{
	const size_t n_operands = operands ? (size_t)c->opts.n_operands : 0;
	const bool named = n_operands > 0 || opts_has(&c->opts, "node");
	const size_t most = c->opts.n_given + n_operands + NIS_FILE_MAX_NODES;
	enum xt_status rc;
	const char *text;

	*out = (struct node_args){
		.url = xt_calloc(most, sizeof(*out->url)),
		.own = xt_calloc(most, sizeof(*out->own)),
		.file = xt_calloc(1, sizeof(*out->file)),
	};
	if (out->url == NULL || out->own == NULL || out->file == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for nodes");
	rc = load_file(c, out->file, !named, has_name(c, n_operands), err);
	for (size_t i = 0; rc == XT_OK && i < n_operands; i++)
		rc = add(out, c->opts.operands[i], err);
	for (size_t i = 0;
	     rc == XT_OK && (text = opts_nth(&c->opts, "node", i)) != NULL; i++)
		rc = add(out, text, err);
	if (!named || opts_has(&c->opts, "nodes"))
		for (size_t i = 0; rc == XT_OK && i < out->file->n; i++)
			rc = add(out, out->file->v[i].url, err);
	if (rc == XT_OK && out->n == 0)
		rc = xt_fail(err, XT_E_USAGE,
			     "%s: name a node with %s, or write yours into "
			     "~/.config/xemtrace/nodes",
			     c->cmd->name, operands ? "its URL" : "--node URL");
	return rc;
}

void node_args_release(struct node_args *a)
{
	free(a->url);
	free(a->own);
	free(a->file);
	*a = (struct node_args){ 0 };
}

enum xt_status node_args_proxy(const struct cli *c, const char **out,
			       struct xt_err *err)
{
	*out = opts_str(&c->opts, "proxy");
	return *out == NULL ? XT_OK : nis_proxy_url(*out, err);
}
