/* Files and JSON for the tests of the nis floor. */
#ifndef XT_TEST_NIS_FIXTURE_H
#define XT_TEST_NIS_FIXTURE_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <setjmp.h>

#include <cmocka.h>
#include <jansson.h>

#include <xemtrace/nis.h>

/* A stored JSON file, whole. json_decref() it. */
json_t *fixture_load(const char *path);
/* obj[key], which must be there. Borrowed. */
json_t *fixture_at(const json_t *obj, const char *key);
/* A JSON value as bytes, compact. free() it. */
char *fixture_dump(const json_t *v);
/* The hex of 32 bytes of a fixture. */
struct nem_hash fixture_hash(const json_t *hex);

/* {"data": [{"meta": ..., "transaction": tx}]} made around a transaction; its hashes
 * are those of another. */
json_t *fixture_page(const json_t *tx);

#endif
