/* One crawl at a time on one case. A lock file beside the case: a lock within the case
 * file would get in the way of SQLite's own, and a row of it would outlive a crawl that
 * was killed. */
#include "internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* The file that was locked may be one that its last owner just removed. */
static bool still_there(int fd, const char *path)
{
	struct stat have, want;

	return fstat(fd, &have) == 0 && stat(path, &want) == 0 &&
	       have.st_ino == want.st_ino && have.st_dev == want.st_dev;
}

static enum xt_status lock_path(struct crawl *c, struct xt_err *err)
{
	for (;;) {
		const int fd =
		    open(c->lock_path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

		if (fd < 0)
			return xt_fail(err, XT_E_IO, "%s: %s", c->lock_path,
				       strerror(errno));
		if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
			const int why = errno;

			(void)close(fd);
			if (why == EINTR)
				continue;
			if (why == EWOULDBLOCK)
				return xt_fail(
				    err, XT_E_BUSY,
				    "%s: another crawl is at work on this case",
				    store_path(c->s));
			return xt_fail(err, XT_E_IO, "%s: %s", c->lock_path,
				       strerror(why));
		}
		if (still_there(fd, c->lock_path)) {
			c->lock = fd;
			return XT_OK;
		}
		(void)close(fd);
	}
}

enum xt_status crawl_lock(struct crawl *c, struct xt_err *err)
{
	static const char suffix[] = "-crawl";
	const size_t n = strlen(store_path(c->s));
	enum xt_status rc;

	if (c->opt->replay != NULL)
		return XT_OK;
	c->lock_path = xt_calloc(n + sizeof(suffix), 1);
	if (c->lock_path == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory for a file name");
	memcpy(c->lock_path, store_path(c->s), n);
	memcpy(c->lock_path + n, suffix, sizeof(suffix));
	rc = lock_path(c, err);
	if (rc != XT_OK) {
		free(c->lock_path);
		c->lock_path = NULL;
	}
	return rc;
}

void crawl_unlock(struct crawl *c)
{
	if (c->lock_path == NULL)
		return;
	(void)unlink(c->lock_path);
	(void)close(c->lock);
	free(c->lock_path);
	c->lock_path = NULL;
}
