#ifndef CFAULTYDISK_H
#define CFAULTYDISK_H

#include <stdint.h>

// A disk for SQLite that can fail, and a machine that can lose its power: a VFS over the ordinary one.
//
// Files whose path begins with the watched prefix are recorded: every write, truncation, sync and deletion is a numbered
// call, and what was written since a file's last sync is remembered. All other files pass through untouched. One world
// at a time may be watched.

/// What becomes of the writes that were not synced when the power went.
enum faulty_fate {
    /// The process was killed and the machine ran on: all are there.
    FAULTY_KEPT = 0,
    /// None is there.
    FAULTY_DROPPED = 1,
    /// Each is there, or not, or in part (whole sectors of 512 bytes), by the seed.
    FAULTY_TORN = 2,
};

/// Makes this the VFS of every connection opened from now on. Returns an SQLite result code.
int faulty_install(void);

/// Forgets everything and begins to count the calls on files below `prefix`; NULL: watches nothing.
void faulty_watch(const char *prefix);

/// Syncs of files below `prefix` that are not watched return at once; NULL: none do. For files that need outlive nothing.
void faulty_calm(const char *prefix);

/// From now on SQLite's own random numbers in this process come from `seed`. Once called, they never come from the
/// system again.
void faulty_seed(uint64_t seed);

/// What SQLite takes for the time of day, in milliseconds since 1970; 0: the real one.
void faulty_time(int64_t milliseconds);

/// Calls counted so far.
long faulty_calls(void);

/// At call `number` the process dies: this call and all later ones do nothing and fail. 0: never.
void faulty_crash_at(long number);

/// At call `number` and the `more` calls after it the disk refuses with the SQLite result code. 0: never.
void faulty_fail_at(long number, long more, int code);

/// Whether the crash has come.
int faulty_crashed(void);

/// After every connection is closed: lays the watched files as the next start finds them, and watches nothing more.
void faulty_settle(enum faulty_fate fate, uint64_t seed);

#endif
