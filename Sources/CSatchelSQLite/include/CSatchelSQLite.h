#ifndef CSATCHELSQLITE_H
#define CSATCHELSQLITE_H

struct sqlite3;

/// Switches the triggers of one connection on (1) or off (0), and with them whether functions that SQLite does not call
/// innocuous, such as fts3_tokenizer, may be called by the schema, as they may on any program's connection.
///
/// `sqlite3_db_config` is variadic, which Swift cannot call. Returns an SQLite result code.
int satchel_enable_triggers(struct sqlite3 *connection, int on);

/// Switches on SQLITE_DBCONFIG_DEFENSIVE and off SQLITE_DBCONFIG_TRUSTED_SCHEMA for one connection.
int satchel_defend(struct sqlite3 *connection);

/// Lets the schema of one connection call SQLite's scalar functions of JSON though it is not trusted, where SQLite does not
/// allow it by itself: before 3.41 they were not declared innocuous, by an oversight.
///
/// Functions of the same names stand before SQLite's own, declared innocuous and deterministic; each asks SQLite's own, on
/// a connection in memory, and answers what it answers. Nothing else may be called that might not before.
int satchel_allow_json(struct sqlite3 *connection);

#endif
