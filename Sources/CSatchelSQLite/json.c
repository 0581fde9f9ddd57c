#include "CSatchelSQLite.h"
#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#ifdef SQLITE_RESULT_SUBTYPE
enum { RESULT_SUBTYPE = SQLITE_RESULT_SUBTYPE };
#else
enum { RESULT_SUBTYPE = 0 }; // before 3.45 any function may
#endif

// SQLite's own scalar functions of JSON, by the numbers of arguments that they are declared with.
static const struct {
    const char *name;
    int arguments;
} functions[] = {
    {"json", 1}, {"json_array", -1}, {"json_array_length", 1}, {"json_array_length", 2}, {"json_extract", -1},
    {"->", 2}, {"->>", 2}, {"json_insert", -1}, {"json_object", -1}, {"json_patch", 2}, {"json_quote", 1},
    {"json_remove", -1}, {"json_replace", -1}, {"json_set", -1}, {"json_type", 1}, {"json_type", 2}, {"json_valid", 1},
};
enum { count = sizeof functions / sizeof *functions, json_subtype = 'J', kept = 16 };

// A connection in memory that nobody else has, where SQLite itself is asked. One for each connection that asks.
typedef struct Asked {
    sqlite3 *connection; // NULL until it is needed
    int references;
    int next;
    struct {
        char *sql;
        sqlite3_stmt *statement;
    } statements[kept];
} Asked;

typedef struct Function {
    const char *name;
    Asked *asked;
} Function;

static void forget(void *data) {
    Function *function = data;
    Asked *asked = function->asked;
    free(function);
    if (--asked->references) return;
    for (int i = 0; i < kept; i++) {
        sqlite3_finalize(asked->statements[i].statement);
        sqlite3_free(asked->statements[i].sql);
    }
    sqlite3_close(asked->connection);
    free(asked);
}

// Takes `sql` over. NULL: the connection says why.
static sqlite3_stmt *prepared(Asked *asked, char *sql) {
    for (int i = 0; i < kept; i++)
        if (asked->statements[i].sql && !strcmp(asked->statements[i].sql, sql)) {
            sqlite3_free(sql);
            return asked->statements[i].statement;
        }
    sqlite3_stmt *statement = NULL;
    if (sqlite3_prepare_v2(asked->connection, sql, -1, &statement, NULL) != SQLITE_OK) {
        sqlite3_free(sql);
        return NULL;
    }
    int place = asked->next++ % kept;
    sqlite3_finalize(asked->statements[place].statement);
    sqlite3_free(asked->statements[place].sql);
    asked->statements[place].sql = sql;
    asked->statements[place].statement = statement;
    return statement;
}

// What is JSON to the caller and not merely text is JSON there too: its subtype does not travel with a bound value.
static char *question(const char *name, int given, sqlite3_value **arguments) {
    int isOperator = *name == '-';
    sqlite3_str *sql = sqlite3_str_new(NULL);
    if (isOperator) sqlite3_str_appendall(sql, "SELECT ");
    else sqlite3_str_appendf(sql, "SELECT %s(", name);
    for (int i = 0; i < given; i++) {
        if (i) sqlite3_str_appendall(sql, isOperator ? name : ", ");
        int isJSON = sqlite3_value_subtype(arguments[i]) == json_subtype;
        sqlite3_str_appendf(sql, isJSON ? "satchel_as_json(?%d)" : "?%d", i + 1);
    }
    if (!isOperator) sqlite3_str_appendall(sql, ")");
    return sqlite3_str_finish(sql);
}

// The same value, as JSON. The function json would look at it first, and SQLite does not look at JSON of its own making.
static void as_json(sqlite3_context *context, int given, sqlite3_value **arguments) {
    (void)given;
    sqlite3_result_value(context, arguments[0]);
    sqlite3_result_subtype(context, json_subtype);
}

// Whether there is a connection to ask.
static int is_open(Asked *asked) {
    if (asked->connection) return 1;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(":memory:", &asked->connection, flags, NULL) == SQLITE_OK
        && sqlite3_create_function_v2(
            asked->connection, "satchel_as_json", 1, SQLITE_UTF8 | RESULT_SUBTYPE, NULL, as_json, NULL, NULL, NULL)
            == SQLITE_OK) return 1;
    sqlite3_close(asked->connection);
    asked->connection = NULL;
    return 0;
}

static void ask(sqlite3_context *context, int given, sqlite3_value **arguments) {
    Function *function = sqlite3_user_data(context);
    Asked *asked = function->asked;
    char *sql = is_open(asked) ? question(function->name, given, arguments) : NULL;
    if (!sql) {
        sqlite3_result_error_nomem(context);
        return;
    }
    sqlite3_stmt *statement = prepared(asked, sql);
    int code = statement ? SQLITE_OK : sqlite3_errcode(asked->connection);
    for (int i = 0; i < given && code == SQLITE_OK; i++) code = sqlite3_bind_value(statement, i + 1, arguments[i]);
    if (code == SQLITE_OK) code = sqlite3_step(statement);
    if (code == SQLITE_ROW) {
        sqlite3_value *answer = sqlite3_column_value(statement, 0);
        sqlite3_result_value(context, answer);
        unsigned subtype = sqlite3_value_subtype(answer);
        if (subtype) sqlite3_result_subtype(context, subtype);
    } else {
        sqlite3_result_error(context, sqlite3_errmsg(asked->connection), -1);
        if (code != SQLITE_ERROR) sqlite3_result_error_code(context, code);
    }
    if (statement) {
        sqlite3_reset(statement);
        sqlite3_clear_bindings(statement);
    }
}

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int is_refused;

// Whether this SQLite has json_valid and does not let a schema call it that is not trusted.
static void look(void) {
    sqlite3 *connection = NULL;
    if (sqlite3_open(":memory:", &connection) == SQLITE_OK) {
        sqlite3_db_config(connection, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, (int *)0);
        is_refused = sqlite3_exec(connection, "SELECT json_valid('1')", NULL, NULL, NULL) == SQLITE_OK
            && sqlite3_exec(connection, "CREATE TABLE t(x CHECK (json_valid(x)))", NULL, NULL, NULL) != SQLITE_OK;
    }
    sqlite3_close(connection);
}

int satchel_allow_json(struct sqlite3 *connection) {
    pthread_once(&once, look);
    if (!is_refused) return SQLITE_OK;
    Asked *asked = calloc(1, sizeof *asked);
    if (!asked) return SQLITE_NOMEM;
    int code = SQLITE_OK;
    asked->references = 1; // until all are registered
    for (int i = 0; i < count && code == SQLITE_OK; i++) {
        Function *function = malloc(sizeof *function);
        if (!function) {
            code = SQLITE_NOMEM;
            break;
        }
        *function = (Function){functions[i].name, asked};
        asked->references++;
        // Forgets the function itself where it fails.
        code = sqlite3_create_function_v2(
            connection, functions[i].name, functions[i].arguments,
            SQLITE_UTF8 | SQLITE_DETERMINISTIC | SQLITE_INNOCUOUS | SQLITE_SUBTYPE | RESULT_SUBTYPE, function, ask, NULL,
            NULL, forget);
    }
    Function *last = malloc(sizeof *last);
    if (!last) return SQLITE_NOMEM;
    *last = (Function){"", asked};
    forget(last);
    return code;
}
