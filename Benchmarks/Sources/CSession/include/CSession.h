// What the benchmark needs of SQLite's session extension and of zlib. All return SQLite's or zlib's codes: 0 is success.
#ifndef CSESSION_H
#define CSESSION_H

#include <stddef.h>

struct sqlite3;
struct sqlite3_session;

// Starts to record every table that has a primary key.
int bench_session_begin(struct sqlite3 *db, struct sqlite3_session **session);

// The changes so far. `bytes` is to be given to bench_session_free.
int bench_session_changeset(struct sqlite3_session *session, int *size, void **bytes);
void bench_session_free(void *bytes);
void bench_session_end(struct sqlite3_session *session);

// Applies a changeset; where a row stands otherwise than its author saw it, the changeset wins.
int bench_changeset_apply(struct sqlite3 *db, int size, void *bytes);

// zlib, level 6. `room` bytes at `output` must suffice: bench_deflate_bound says how many do. Sets `written`.
size_t bench_deflate_bound(size_t size);
int bench_deflate(const void *input, size_t size, void *output, size_t room, size_t *written);
int bench_inflate(const void *input, size_t size, void *output, size_t room, size_t *written);

#endif
