#include <xemtrace/export.h>

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

/* A name beside `path` that nobody has. The file gets the mode that any new file of the
 * user has, which mkstemp() would not give it. */
static enum xt_status open_temp(struct export_file *o, struct xt_err *err)
{
	const size_t n = strlen(o->path) + 40;
	int fd = -1;

	o->temp = xt_calloc(n, 1);
	if (o->temp == NULL)
		return xt_fail(err, XT_E_NOMEM, "out of memory");
	for (unsigned i = 0; i < 1000; i++) {
		(void)snprintf(o->temp, n, "%s.%ld-%u.tmp", o->path, (long)getpid(), i);
		fd = open(o->temp, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (fd >= 0 || errno != EEXIST)
			break;
	}
	if (fd >= 0)
		o->f = fdopen(fd, "w");
	if (o->f == NULL) {
		const int e = errno;

		if (fd >= 0) {
			(void)close(fd);
			(void)unlink(o->temp);
		}
		return xt_fail(err, XT_E_IO, "%s: cannot be made: %s", o->path,
			       strerror(e));
	}
	return XT_OK;
}

enum xt_status export_file_open(struct export_file *out, const char *path,
				struct xt_err *err)
{
	struct export_file o = { 0 };
	struct stat st;
	enum xt_status rc = XT_OK;
	bool there;

	if (strcmp(path, "-") == 0) {
		*out = (struct export_file){ .f = stdout };
		return XT_OK;
	}
	there = stat(path, &st) == 0;
	if (there && S_ISDIR(st.st_mode))
		return xt_fail(err, XT_E_IO, "%s: is a folder", path);
	/* A link keeps pointing where it does. */
	o.path = there && S_ISREG(st.st_mode) ? realpath(path, NULL) : xt_strdup(path);
	if (o.path == NULL)
		return xt_fail(err, XT_E_IO, "%s: %s", path, strerror(errno));
	if (there && !S_ISREG(st.st_mode)) {
		o.f = fopen(path, "we");
		if (o.f == NULL)
			rc = xt_fail(err, XT_E_IO, "%s: cannot be opened: %s", path,
				     strerror(errno));
	} else {
		rc = open_temp(&o, err);
	}
	if (rc == XT_OK) {
		*out = o;
		return XT_OK;
	}
	free(o.path);
	free(o.temp);
	return rc;
}

/* The new name is on disk only when its folder is. */
static void sync_folder(const char *path)
{
	char *copy = xt_strdup(path);
	int fd;

	if (copy == NULL)
		return;
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0) {
		/* Not every file system can; the file itself is safe already. */
		(void)fsync(fd);
		(void)close(fd);
	}
	free(copy);
}

enum xt_status export_file_commit(struct export_file *o, struct xt_err *err)
{
	const char *name = o->path != NULL ? o->path : "standard output";
	bool good;

	errno = 0;
	good = ferror(o->f) == 0 && fflush(o->f) == 0;
	if (good && o->temp != NULL)
		good = fsync(fileno(o->f)) == 0;
	if (o->path != NULL) {
		good = fclose(o->f) == 0 && good;
		o->f = NULL;
	}
	if (good && o->temp != NULL)
		good = rename(o->temp, o->path) == 0;
	if (!good) {
		const enum xt_status rc =
		    xt_fail(err, XT_E_IO, "%s: could not be written: %s", name,
			    errno != 0 ? strerror(errno) : "write error");

		export_file_abort(o);
		return rc;
	}
	if (o->temp != NULL)
		sync_folder(o->path);
	free(o->temp);
	free(o->path);
	*o = (struct export_file){ 0 };
	return XT_OK;
}

void export_file_abort(struct export_file *o)
{
	if (o->f != NULL && o->path != NULL)
		(void)fclose(o->f);
	if (o->temp != NULL)
		(void)unlink(o->temp);
	free(o->temp);
	free(o->path);
	*o = (struct export_file){ 0 };
}
