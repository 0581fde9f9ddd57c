#ifndef CSATCHELSQLITE_H
#define CSATCHELSQLITE_H

struct sqlite3;

/// Switches the triggers of one connection on (1) or off (0).
///
/// `sqlite3_db_config` is variadic, which Swift cannot call. Returns an SQLite result code.
int satchel_enable_triggers(struct sqlite3 *connection, int on);

/// Switches on SQLITE_DBCONFIG_DEFENSIVE and off SQLITE_DBCONFIG_TRUSTED_SCHEMA for one connection.
int satchel_defend(struct sqlite3 *connection);

#endif
