/* The driver of a fuzz target in a build without libFuzzer: replays the corpus, then
 * tries a fixed number of mutated and random inputs. The same inputs every time.
 *
 * usage: fuzz_x RUNS [CORPUS FILE or FOLDER]... */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MAX_SIZE  4096u
#define MAX_SEEDS 256u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct seed {
	uint8_t *data;
	size_t size;
};

static struct seed seeds[MAX_SEEDS];
static size_t n_seeds;

/* xorshift64*: a fixed start, so that a failure comes back. */
static uint64_t next_random(void)
{
	static uint64_t s = UINT64_C(0x9E3779B97F4A7C15);

	s ^= s >> 12;
	s ^= s << 25;
	s ^= s >> 27;
	return s * UINT64_C(0x2545F4914F6CDD1D);
}

static size_t below(size_t n)
{
	return (size_t)(next_random() % n);
}

/* Each input in memory of its exact size, so that a sanitizer sees a read past it. */
static void run(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size == 0 ? 1 : size);

	if (copy == NULL)
		abort();
	if (size > 0)
		memcpy(copy, data, size);
	(void)LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static void replay_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data;
	long size;

	if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (size = ftell(f)) < 0 ||
	    fseek(f, 0, SEEK_SET) != 0) {
		(void)fprintf(stderr, "%s: cannot be read\n", path);
		exit(1);
	}
	data = malloc((size_t)size + 1);
	if (data == NULL || fread(data, 1, (size_t)size, f) != (size_t)size) {
		(void)fprintf(stderr, "%s: cannot be read\n", path);
		exit(1);
	}
	(void)fclose(f);
	run(data, (size_t)size);
	if (n_seeds < MAX_SEEDS)
		seeds[n_seeds++] = (struct seed){ data, (size_t)size };
	else
		free(data);
}

static void replay(const char *path)
{
	struct dirent **names = NULL;
	struct stat st;
	int n;

	if (stat(path, &st) != 0)
		return; /* a target without a corpus is fine */
	if (!S_ISDIR(st.st_mode)) {
		replay_file(path);
		return;
	}
	n = scandir(path, &names, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		char file[1024];
		const int len =
		    snprintf(file, sizeof(file), "%s/%s", path, names[i]->d_name);

		if (names[i]->d_name[0] != '.' && len > 0 && (size_t)len < sizeof(file))
			replay_file(file);
		free(names[i]);
	}
	free(names);
}

static size_t mutate(uint8_t *buf, size_t size)
{
	static const uint8_t interesting[] = { 0x00, 0x01, 0x7F, 0x80, 0xFE, 0xFF,
					       '0',  '"',  ',',  '\n', 0xC0, 0xED };
	const size_t at = size > 0 ? below(size) : 0;
	const size_t n = size > at ? 1 + below(size - at) : 0;

	switch (below(6)) {
	case 0:
		if (size > 0)
			buf[at] ^= (uint8_t)(1u << below(8));
		return size;
	case 1:
		if (size > 0)
			buf[at] = interesting[below(sizeof(interesting))];
		return size;
	case 2:
		return at; /* cut */
	case 3:            /* take a piece out */
		memmove(buf + at, buf + at + n, size - at - n);
		return size - n;
	case 4: /* double a piece */
		if (size + n > MAX_SIZE)
			return size;
		memmove(buf + at + n, buf + at, size - at);
		return size + n;
	default: /* add a byte */
		if (size < MAX_SIZE)
			buf[size++] = (uint8_t)next_random();
		return size;
	}
}

static void try_one(uint8_t *buf)
{
	size_t size = 0;
	size_t steps;

	if (n_seeds > 0 && below(8) != 0) {
		const struct seed *s = &seeds[below(n_seeds)];

		size = s->size < MAX_SIZE ? s->size : MAX_SIZE;
		if (size > 0)
			memcpy(buf, s->data, size);
	} else {
		size = below(256);
		for (size_t i = 0; i < size; i++)
			buf[i] = (uint8_t)next_random();
	}
	for (steps = 1 + below(4); steps > 0; steps--)
		size = mutate(buf, size);
	run(buf, size);
}

int main(int argc, char **argv)
{
	static uint8_t buf[MAX_SIZE];
	unsigned long runs;

	if (argc < 2) {
		(void)fprintf(stderr, "usage: %s RUNS [CORPUS]...\n", argv[0]);
		return 2;
	}
	runs = strtoul(argv[1], NULL, 10);
	for (int i = 2; i < argc; i++)
		replay(argv[i]);
	for (unsigned long i = 0; i < runs; i++)
		try_one(buf);
	(void)printf("%zu corpus files, %lu mutations\n", n_seeds, runs);
	while (n_seeds > 0)
		free(seeds[--n_seeds].data);
	return 0;
}
