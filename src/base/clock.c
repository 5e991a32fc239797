#include <xemtrace/base.h>

#include <time.h>

static int64_t system_unix_time(void *ctx)
{
	struct timespec t = { 0 };

	(void)ctx;
	(void)clock_gettime(CLOCK_REALTIME, &t);
	return t.tv_sec;
}

static uint64_t system_monotonic_ms(void *ctx)
{
	struct timespec t = { 0 };

	(void)ctx;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

const struct xt_clock *xt_clock_system(void)
{
	static const struct xt_clock system_clock = {
		.unix_time = system_unix_time,
		.monotonic_ms = system_monotonic_ms,
	};

	return &system_clock;
}
