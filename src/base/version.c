#include <xemtrace/base.h>

const char *xt_version(void)
{
	return XT_VERSION; /* from the build, so that it is written in one place */
}
