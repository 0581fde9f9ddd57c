#include "CSession.h"

#include <sqlite3.h>
#include <zlib.h>

int bench_session_begin(struct sqlite3 *db, struct sqlite3_session **session) {
    int code = sqlite3session_create(db, "main", session);
    if (code != SQLITE_OK) { return code; }
    return sqlite3session_attach(*session, NULL);
}

int bench_session_changeset(struct sqlite3_session *session, int *size, void **bytes) {
    return sqlite3session_changeset(session, size, bytes);
}

void bench_session_free(void *bytes) { sqlite3_free(bytes); }

void bench_session_end(struct sqlite3_session *session) { sqlite3session_delete(session); }

// REPLACE may be answered to a conflict and to data that differ, and to nothing else.
static int decide(void *context, int conflict, sqlite3_changeset_iter *change) {
    (void)context;
    (void)change;
    return conflict == SQLITE_CHANGESET_DATA || conflict == SQLITE_CHANGESET_CONFLICT ? SQLITE_CHANGESET_REPLACE
                                                                                     : SQLITE_CHANGESET_ABORT;
}

int bench_changeset_apply(struct sqlite3 *db, int size, void *bytes) {
    return sqlite3changeset_apply(db, size, bytes, NULL, decide, NULL);
}

size_t bench_deflate_bound(size_t size) { return compressBound(size); }

int bench_deflate(const void *input, size_t size, void *output, size_t room, size_t *written) {
    uLongf length = room;
    int code = compress2(output, &length, input, size, 6);
    *written = length;
    return code;
}

int bench_inflate(const void *input, size_t size, void *output, size_t room, size_t *written) {
    uLongf length = room;
    int code = uncompress(output, &length, input, size);
    *written = length;
    return code;
}
