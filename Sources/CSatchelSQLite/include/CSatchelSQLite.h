#ifndef CSATCHELSQLITE_H
#define CSATCHELSQLITE_H

struct sqlite3;

/// Switches the triggers of one connection on (1) or off (0), and with them whether functions that SQLite does not call
/// innocuous, such as its own json_valid before 3.41, may be called by the schema, as they may on any program's connection.
///
/// `sqlite3_db_config` is variadic, which Swift cannot call. Returns an SQLite result code.
int satchel_enable_triggers(struct sqlite3 *connection, int on);

/// Switches on SQLITE_DBCONFIG_DEFENSIVE and off SQLITE_DBCONFIG_TRUSTED_SCHEMA for one connection.
int satchel_defend(struct sqlite3 *connection);

#endif
