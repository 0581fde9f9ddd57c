#include "CFaultyDisk.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// One write or truncation that was not synced yet. `bytes` is NULL for a truncation to `offset`.
typedef struct Pending {
    struct Pending *next;
    sqlite3_int64 offset;
    size_t length;
    unsigned char *bytes;
} Pending;

// A watched file: what is surely on the medium, and what came after that.
typedef struct Medium {
    struct Medium *next;
    char *path;
    int exists;
    unsigned char *image;
    size_t length;
    Pending *first, *last;
} Medium;

typedef struct File {
    sqlite3_file base;
    Medium *medium; // NULL: not watched
    long world;
    int calm; // never waits for the real disk
    sqlite3_file *real;
} File;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static sqlite3_vfs *ordinary;
static sqlite3_vfs faulty;
static char *prefix, *calm;
static int seeded;
static sqlite3_int64 simulated_time; // milliseconds since 1970; 0: the real one
static uint64_t seed_state;
static Medium *media;
static long world, calls, crash_at, fail_from, fail_more;
static int crashed, fail_code;

static void clear_pending(Medium *medium) {
    while (medium->first) {
        Pending *gone = medium->first;
        medium->first = gone->next;
        free(gone->bytes);
        free(gone);
    }
    medium->last = NULL;
}

static void resize(Medium *medium, size_t length) {
    if (length > medium->length) {
        medium->image = realloc(medium->image, length);
        memset(medium->image + medium->length, 0, length - medium->length);
    }
    medium->length = length;
}

static void lay(Medium *medium, const Pending *pending, size_t from, size_t length) {
    if (!pending->bytes) {
        resize(medium, (size_t)pending->offset);
        return;
    }
    size_t end = (size_t)pending->offset + from + length;
    if (end > medium->length) resize(medium, end);
    memcpy(medium->image + pending->offset + from, pending->bytes + from, length);
}

static void remember(Medium *medium, sqlite3_int64 offset, const void *bytes, size_t length) {
    Pending *pending = calloc(1, sizeof *pending);
    pending->offset = offset;
    pending->length = length;
    if (bytes) {
        pending->bytes = malloc(length ? length : 1);
        memcpy(pending->bytes, bytes, length);
    }
    if (medium->last) medium->last->next = pending; else medium->first = pending;
    medium->last = pending;
}

static Medium *find(const char *path) {
    for (Medium *medium = media; medium; medium = medium->next)
        if (!strcmp(medium->path, path)) return medium;
    return NULL;
}

// Called with the lock held.
static Medium *watch(const char *path) {
    if (!prefix || !path || strncmp(path, prefix, strlen(prefix))) return NULL;
    Medium *medium = find(path);
    if (medium && medium->exists) return medium;
    if (!medium) {
        medium = calloc(1, sizeof *medium);
        medium->path = strdup(path);
        medium->next = media;
        media = medium;
    }
    medium->exists = 1;
    medium->length = 0;
    FILE *present = fopen(path, "rb");
    if (present) {
        fseek(present, 0, SEEK_END);
        resize(medium, (size_t)ftell(present));
        rewind(present);
        if (fread(medium->image, 1, medium->length, present) != medium->length) medium->length = 0;
        fclose(present);
    }
    return medium;
}

// Counts a call; an SQLite result code other than SQLITE_OK means that it must not be done. Lock held.
static int count(int code_of_the_dead) {
    if (crashed) return code_of_the_dead;
    calls++;
    if (crash_at && calls >= crash_at) {
        crashed = 1;
        return code_of_the_dead;
    }
    if (fail_from && calls >= fail_from && calls <= fail_from + fail_more) return fail_code;
    return SQLITE_OK;
}

static int is_below(const char *path, const char *place) {
    return place && path && !strncmp(path, place, strlen(place));
}

static Medium *medium_of(File *file) { return file->world == world ? file->medium : NULL; }

#define REAL ((File *)file)->real

static int faulty_close(sqlite3_file *file) { return REAL->pMethods->xClose(REAL); }

static int faulty_read(sqlite3_file *file, void *bytes, int length, sqlite3_int64 offset) {
    return REAL->pMethods->xRead(REAL, bytes, length, offset);
}

static int faulty_write(sqlite3_file *file, const void *bytes, int length, sqlite3_int64 offset) {
    pthread_mutex_lock(&lock);
    Medium *medium = medium_of((File *)file);
    int code = medium ? count(SQLITE_IOERR_WRITE) : SQLITE_OK;
    if (code == SQLITE_OK) {
        code = REAL->pMethods->xWrite(REAL, bytes, length, offset);
        if (medium && code == SQLITE_OK) remember(medium, offset, bytes, (size_t)length);
    }
    pthread_mutex_unlock(&lock);
    return code;
}

static int faulty_truncate(sqlite3_file *file, sqlite3_int64 size) {
    pthread_mutex_lock(&lock);
    Medium *medium = medium_of((File *)file);
    int code = medium ? count(SQLITE_IOERR_TRUNCATE) : SQLITE_OK;
    if (code == SQLITE_OK) {
        code = REAL->pMethods->xTruncate(REAL, size);
        if (medium && code == SQLITE_OK) remember(medium, size, NULL, 0);
    }
    pthread_mutex_unlock(&lock);
    return code;
}

static int faulty_sync(sqlite3_file *file, int flags) {
    pthread_mutex_lock(&lock);
    Medium *medium = medium_of((File *)file);
    int code = medium ? count(SQLITE_IOERR_FSYNC) : SQLITE_OK;
    if (medium && code == SQLITE_OK) {
        // The medium of the tests is this memory: no need to wait for the real one.
        for (Pending *pending = medium->first; pending; pending = pending->next)
            lay(medium, pending, 0, pending->length);
        clear_pending(medium);
    }
    pthread_mutex_unlock(&lock);
    return medium || ((File *)file)->calm || code != SQLITE_OK ? code : REAL->pMethods->xSync(REAL, flags);
}

static int faulty_file_size(sqlite3_file *file, sqlite3_int64 *size) { return REAL->pMethods->xFileSize(REAL, size); }
static int faulty_lock(sqlite3_file *file, int level) { return REAL->pMethods->xLock(REAL, level); }
static int faulty_unlock(sqlite3_file *file, int level) { return REAL->pMethods->xUnlock(REAL, level); }
static int faulty_reserved(sqlite3_file *file, int *out) { return REAL->pMethods->xCheckReservedLock(REAL, out); }
static int faulty_control(sqlite3_file *file, int op, void *arg) { return REAL->pMethods->xFileControl(REAL, op, arg); }
static int faulty_sector(sqlite3_file *file) { return REAL->pMethods->xSectorSize(REAL); }
static int faulty_traits(sqlite3_file *file) { return REAL->pMethods->xDeviceCharacteristics(REAL); }
static int faulty_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **out) {
    return REAL->pMethods->xShmMap(REAL, page, size, extend, out);
}
static int faulty_shm_lock(sqlite3_file *file, int offset, int n, int flags) {
    return REAL->pMethods->xShmLock(REAL, offset, n, flags);
}
static void faulty_shm_barrier(sqlite3_file *file) { REAL->pMethods->xShmBarrier(REAL); }
static int faulty_shm_unmap(sqlite3_file *file, int gone) { return REAL->pMethods->xShmUnmap(REAL, gone); }

// Version 2: no mapped reads, so that everything goes through the calls above.
static const sqlite3_io_methods methods = {
    2, faulty_close, faulty_read, faulty_write, faulty_truncate, faulty_sync, faulty_file_size, faulty_lock,
    faulty_unlock, faulty_reserved, faulty_control, faulty_sector, faulty_traits, faulty_shm_map, faulty_shm_lock,
    faulty_shm_barrier, faulty_shm_unmap, NULL, NULL,
};

static int faulty_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out) {
    (void)vfs;
    File *mine = (File *)file;
    memset(mine, 0, sizeof *mine);
    mine->real = (sqlite3_file *)(mine + 1);
    pthread_mutex_lock(&lock);
    int watched = flags & (SQLITE_OPEN_MAIN_DB | SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL);
    mine->medium = watched ? watch(name) : NULL;
    mine->world = world;
    mine->calm = is_below(name, calm);
    pthread_mutex_unlock(&lock);
    int code = ordinary->xOpen(ordinary, name, mine->real, flags, out);
    if (mine->real->pMethods) mine->base.pMethods = &methods;
    return code;
}

static int faulty_delete(sqlite3_vfs *vfs, const char *path, int sync) {
    (void)vfs;
    pthread_mutex_lock(&lock);
    Medium *medium = path ? find(path) : NULL;
    int code = medium ? count(SQLITE_IOERR_DELETE) : SQLITE_OK;
    if (code == SQLITE_OK) code = ordinary->xDelete(ordinary, path, medium ? 0 : sync);
    if (medium && code == SQLITE_OK) {
        medium->exists = 0;
        medium->length = 0;
        clear_pending(medium);
    }
    pthread_mutex_unlock(&lock);
    return code;
}

static uint64_t next(uint64_t *state) {
    uint64_t z = (*state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static int faulty_randomness(sqlite3_vfs *vfs, int length, char *out) {
    (void)vfs;
    pthread_mutex_lock(&lock);
    int left = seeded ? 0 : ordinary->xRandomness(ordinary, length, out);
    for (; seeded && left < length; left++) out[left] = (char)next(&seed_state);
    pthread_mutex_unlock(&lock);
    return left;
}

static int faulty_time_of_day(sqlite3_vfs *vfs, sqlite3_int64 *julian) {
    (void)vfs;
    pthread_mutex_lock(&lock);
    sqlite3_int64 now = simulated_time;
    pthread_mutex_unlock(&lock);
    if (!now) return ordinary->xCurrentTimeInt64(ordinary, julian);
    *julian = now + 210866760000000; // the Julian day of 1970 in milliseconds
    return SQLITE_OK;
}

int faulty_install(void) {
    pthread_mutex_lock(&lock);
    int code = SQLITE_OK;
    if (!ordinary) {
        // Counting memory costs a lock for each allocation. Too late, and refused, where SQLite is in use already.
        sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
        ordinary = sqlite3_vfs_find(NULL);
        faulty = *ordinary;
        faulty.zName = "faulty-disk";
        faulty.pNext = NULL;
        faulty.szOsFile = (int)sizeof(File) + ordinary->szOsFile;
        faulty.xOpen = faulty_open;
        faulty.xDelete = faulty_delete;
        faulty.xRandomness = faulty_randomness;
        if (ordinary->iVersion >= 2) faulty.xCurrentTimeInt64 = faulty_time_of_day;
        code = sqlite3_vfs_register(&faulty, 1);
    }
    pthread_mutex_unlock(&lock);
    return code;
}

void faulty_calm(const char *path) {
    pthread_mutex_lock(&lock);
    free(calm);
    calm = path ? strdup(path) : NULL;
    pthread_mutex_unlock(&lock);
}

void faulty_seed(uint64_t seed) {
    pthread_mutex_lock(&lock);
    seeded = 1;
    seed_state = seed;
    pthread_mutex_unlock(&lock);
    sqlite3_randomness(0, NULL); // draws from here at the next call
}

void faulty_time(int64_t milliseconds) {
    pthread_mutex_lock(&lock);
    simulated_time = milliseconds;
    pthread_mutex_unlock(&lock);
}

void faulty_watch(const char *path) {
    pthread_mutex_lock(&lock);
    while (media) {
        Medium *gone = media;
        media = gone->next;
        clear_pending(gone);
        free(gone->image);
        free(gone->path);
        free(gone);
    }
    free(prefix);
    prefix = path ? strdup(path) : NULL;
    world++;
    calls = crash_at = fail_from = fail_more = 0;
    crashed = fail_code = 0;
    pthread_mutex_unlock(&lock);
}

long faulty_calls(void) {
    pthread_mutex_lock(&lock);
    long now = calls;
    pthread_mutex_unlock(&lock);
    return now;
}

void faulty_crash_at(long number) {
    pthread_mutex_lock(&lock);
    crash_at = number;
    pthread_mutex_unlock(&lock);
}

void faulty_fail_at(long number, long more, int code) {
    pthread_mutex_lock(&lock);
    fail_from = number;
    fail_more = more;
    fail_code = code;
    pthread_mutex_unlock(&lock);
}

int faulty_crashed(void) {
    pthread_mutex_lock(&lock);
    int now = crashed;
    pthread_mutex_unlock(&lock);
    return now;
}

static void tear(Medium *medium, const Pending *pending, uint64_t *state) {
    uint64_t choice = next(state) % 3;
    if (choice == 0) return;
    if (choice == 1 || !pending->bytes) {
        lay(medium, pending, 0, pending->length);
        return;
    }
    for (size_t from = 0; from < pending->length; from += 512) {
        size_t length = pending->length - from < 512 ? pending->length - from : 512;
        if (next(state) & 1) lay(medium, pending, from, length);
    }
}

void faulty_settle(enum faulty_fate fate, uint64_t seed) {
    pthread_mutex_lock(&lock);
    for (Medium *medium = media; medium; medium = medium->next) {
        char *shared = malloc(strlen(medium->path) + 5);
        strcat(strcpy(shared, medium->path), "-shm");
        unlink(shared);
        free(shared);
        if (!medium->exists || fate == FAULTY_KEPT) continue;
        if (fate == FAULTY_TORN)
            for (Pending *pending = medium->first; pending; pending = pending->next) tear(medium, pending, &seed);
        FILE *file = fopen(medium->path, "wb");
        if (!file) continue;
        fwrite(medium->image, 1, medium->length, file);
        fclose(file);
    }
    pthread_mutex_unlock(&lock);
    faulty_watch(NULL);
}
