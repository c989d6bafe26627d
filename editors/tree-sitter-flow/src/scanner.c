// What a context-free grammar cannot say, after flowlang/syntax/lexing.py:
//
//   - a word is a keyword where the parser expects that keyword and no colon follows, a reserved word everywhere, and an
//     identifier elsewhere; `parallel`, `race` and `sequence` are keywords only right before a brace;
//   - a line end separates where the parser expects one, unless the next line continues; behind an expression or a type it
//     does so though the grammar has none there, and is an error;
//   - a number ends where no letter or digit follows;
//   - the runs of text in templates, and the holes in them. A hole in a text of one line may hold neither a line end nor a
//     comment: the state is one byte per open hole, 1 where it may.
//
// A token that the parser cannot use is given all the same: it is the error, and not half of it a token of its own.

#include "tree_sitter/alloc.h"
#include "tree_sitter/parser.h"

#include <string.h>

enum Token {
  LINE_END,
  NO_LINE_END,
  IDENTIFIER,
  NUMBER,
  DURATION,
  TEXT_RUN,
  LONG_TEXT_RUN,
  HOLE_START,
  LONG_HOLE_START,
  HOLE_END,
  ERROR_SENTINEL,
  FIRST_WORD,
};

// In the order of the externals of grammar.js.
static const char *const WORDS[] = {
    "and",      "or",      "not",    "in",         "is",     "if",      "else",   "for",   "match",
    "repeat",   "true",    "false",  "none",       "null",   "import",  "as",     "config", "let",
    "type",     "service", "from",   "action",     "function", "native", "python", "flow",  "annotation",
    "on",       "trigger", "test",   "mock",       "step",   "do",      "return", "yield", "next",
    "with",     "after",   "when",   "until",      "every",  "ensure",  "catch",  "undo",  "case",
    "parallel", "race",    "sequence",
};
enum { RESERVED_WORDS = 14, BRACED_FROM = 45, ALL_WORDS = 48, LONGEST_WORD = 10 };

static const char *const CONTINUING[] = {
    "after", "when", "until", "ensure", "catch", "undo", "else", "and", "or", "is", "in", "with",
};

enum { MOST_HOLES = 64, LONGEST_NUMBER = 128 };

typedef struct {
  unsigned char count;
  char multiline[MOST_HOLES];
} Scanner;

void *tree_sitter_flow_external_scanner_create(void) { return ts_calloc(1, sizeof(Scanner)); }

void tree_sitter_flow_external_scanner_destroy(void *payload) { ts_free(payload); }

unsigned tree_sitter_flow_external_scanner_serialize(void *payload, char *buffer) {
  Scanner *scanner = payload;
  memcpy(buffer, scanner->multiline, scanner->count);
  return scanner->count;
}

void tree_sitter_flow_external_scanner_deserialize(void *payload, const char *buffer, unsigned length) {
  Scanner *scanner = payload;
  scanner->count = length > MOST_HOLES ? MOST_HOLES : (unsigned char)length;
  if (scanner->count > 0) memcpy(scanner->multiline, buffer, scanner->count);
}

static void advance(TSLexer *lexer) { lexer->advance(lexer, false); }

static bool found(TSLexer *lexer, int token) {
  lexer->result_symbol = (TSSymbol)token;
  return true;
}

static bool is_digit(int32_t c) { return c >= '0' && c <= '9'; }
static bool begins_word(int32_t c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
static bool in_word(int32_t c) { return begins_word(c) || is_digit(c); }
static bool is_line_end(int32_t c) { return c == '\n' || c == '\r'; }
static bool is_blank(int32_t c) { return c == ' ' || c == '\t'; }

static void over_blanks(TSLexer *lexer) {
  while (is_blank(lexer->lookahead)) advance(lexer);
}

// Read a word into `word`, cut to its size; gives its length.
static unsigned read_word(TSLexer *lexer, char *word, unsigned size) {
  unsigned length = 0;
  for (; in_word(lexer->lookahead); advance(lexer)) {
    if (length + 1 < size) word[length] = (char)lexer->lookahead;
    length++;
  }
  word[length < size ? length : size - 1] = 0;
  return length;
}

// ---- line ends

// Whether a key or an argument's name ends here: a `:`, or a `=` that is no `==`.
static bool before_key_sign(TSLexer *lexer) {
  over_blanks(lexer);
  if (lexer->lookahead == ':') return true;
  if (lexer->lookahead != '=') return false;
  advance(lexer);
  return lexer->lookahead != '=';
}

static bool word_continues(TSLexer *lexer) {
  char word[LONGEST_WORD];
  read_word(lexer, word, sizeof word);
  if (strcmp(word, "not") == 0) {
    if (!is_blank(lexer->lookahead)) return false;
    over_blanks(lexer);
    read_word(lexer, word, sizeof word);
    return strcmp(word, "in") == 0 && !before_key_sign(lexer);
  }
  for (unsigned i = 0; i < sizeof CONTINUING / sizeof *CONTINUING; i++) {
    if (strcmp(word, CONTINUING[i]) == 0) return !before_key_sign(lexer);
  }
  return false;
}

// Whether the line that begins here continues the one before it.
static bool continues(TSLexer *lexer) {
  int32_t c = lexer->lookahead;
  if (begins_word(c)) return word_continues(lexer);
  if (c == 0) return false;
  if (strchr("|.+-/%~<>=", c) != NULL && c < 128) return true;
  if (c != '*' && c != '?' && c != '!') return false;
  advance(lexer);
  if (c == '*') return lexer->lookahead != '*';
  return lexer->lookahead == (c == '?' ? '.' : '=');
}

// At a line end: take it and the blank lines behind it, and look at the first line that holds more than a comment.
static bool separates(TSLexer *lexer) {
  while (is_blank(lexer->lookahead) || is_line_end(lexer->lookahead)) advance(lexer);
  lexer->mark_end(lexer);
  while (is_blank(lexer->lookahead) || is_line_end(lexer->lookahead) || lexer->lookahead == '#') {
    if (lexer->lookahead == '#') {
      while (!is_line_end(lexer->lookahead) && !lexer->eof(lexer)) advance(lexer);
    } else {
      advance(lexer);
    }
  }
  return lexer->eof(lexer) || !continues(lexer);
}

// ---- words and numbers

static int index_of_word(const char *word) {
  for (int i = 0; i < ALL_WORDS; i++) {
    if (strcmp(word, WORDS[i]) == 0) return i;
  }
  return -1;
}

static bool scan_word(TSLexer *lexer, const bool *valid) {
  char word[LONGEST_WORD + 2];
  read_word(lexer, word, sizeof word);
  lexer->mark_end(lexer);
  int index = index_of_word(word);
  if (index < 0) return found(lexer, IDENTIFIER);
  if (index < RESERVED_WORDS) return found(lexer, FIRST_WORD + index);
  if (!valid[FIRST_WORD + index]) return found(lexer, IDENTIFIER);
  over_blanks(lexer);
  bool stands = index >= BRACED_FROM ? lexer->lookahead == '{' : lexer->lookahead != ':';
  return found(lexer, stands ? FIRST_WORD + index : IDENTIFIER);
}

// `0|[1-9][0-9]*`, a fraction, an exponent; or digits, a fraction, a unit. -1 for what is neither.
static int kind_of_number(const char *text) {
  const char *at = text;
  while (is_digit(*at)) at++;
  bool padded = text[0] == '0' && at - text > 1;
  if (*at == '.') {
    for (at++; is_digit(*at);) at++;
  }
  if (strcmp(at, "ms") == 0 || (*at != 0 && strchr("smhd", *at) != NULL && at[1] == 0)) return DURATION;
  if (*at == 'e' || *at == 'E') {
    at++;
    if (*at == '+' || *at == '-') at++;
    if (!is_digit(*at)) return -1;
    while (is_digit(*at)) at++;
  }
  return *at == 0 && !padded ? NUMBER : -1;
}

static bool scan_number(TSLexer *lexer) {
  char text[LONGEST_NUMBER];
  unsigned length = 0;
  bool after_e = false;
  for (;;) {
    int32_t c = lexer->lookahead;
    lexer->mark_end(lexer);
    if (c == '.') {
      advance(lexer);
      if (!is_digit(lexer->lookahead)) break;
    } else if (in_word(c) || (after_e && (c == '+' || c == '-'))) {
      advance(lexer);
    } else {
      break;
    }
    after_e = c == 'e' || c == 'E';
    if (length + 1 < sizeof text) text[length++] = (char)c;
  }
  text[length] = 0;
  int kind = kind_of_number(text);
  return found(lexer, kind < 0 ? ERROR_SENTINEL : kind);
}

// ---- texts

static bool scan_hole_start(Scanner *scanner, TSLexer *lexer, bool multiline) {
  advance(lexer);
  if (scanner->count == MOST_HOLES) return false;
  lexer->mark_end(lexer);
  scanner->multiline[scanner->count++] = multiline;
  return found(lexer, multiline ? LONG_HOLE_START : HOLE_START);
}

// Whether a run of text goes on at the character in sight, which is consumed then unless it is an ordinary one.
static bool run_ends_at_quote(TSLexer *lexer, bool multiline) {
  if (!multiline) return true;
  lexer->mark_end(lexer);
  advance(lexer);
  if (lexer->lookahead != '"') return false;
  advance(lexer);
  return lexer->lookahead == '"';
}

static bool scan_text(Scanner *scanner, TSLexer *lexer, bool multiline) {
  int kind = multiline ? LONG_TEXT_RUN : TEXT_RUN;
  bool any = false;
  for (;; any = true) {
    int32_t c = lexer->lookahead;
    lexer->mark_end(lexer);
    if (lexer->eof(lexer) || c == '\\' || (!multiline && is_line_end(c))) return any && found(lexer, kind);
    if (c == '"') {
      if (run_ends_at_quote(lexer, multiline)) return any && found(lexer, kind);
    } else if (c == '{') {
      advance(lexer);
      if (lexer->lookahead != '{') continue;
      return any ? found(lexer, kind) : scan_hole_start(scanner, lexer, multiline);
    } else {
      advance(lexer);
    }
  }
}

static bool scan_hole_end(Scanner *scanner, TSLexer *lexer) {
  advance(lexer);
  if (lexer->lookahead != '}') return false;
  advance(lexer);
  lexer->mark_end(lexer);
  if (scanner->count > 0) scanner->count--;
  return found(lexer, HOLE_END);
}

bool tree_sitter_flow_external_scanner_scan(void *payload, TSLexer *lexer, const bool *valid) {
  Scanner *scanner = payload;
  bool recovering = valid[ERROR_SENTINEL];
  if (!recovering && (valid[TEXT_RUN] || valid[LONG_TEXT_RUN])) return scan_text(scanner, lexer, valid[LONG_TEXT_RUN]);

  while (is_blank(lexer->lookahead)) lexer->advance(lexer, true);
  bool one_line = scanner->count > 0 && !scanner->multiline[scanner->count - 1];
  if (one_line && (is_line_end(lexer->lookahead) || lexer->lookahead == '#')) {
    if (!recovering) {
      advance(lexer);
      lexer->mark_end(lexer);
      return found(lexer, ERROR_SENTINEL);
    }
    scanner->count = 0;
  }
  // Before a line that continues the lexer of tree-sitter goes on: what begins it is a sign or, whole, a keyword.
  if (is_line_end(lexer->lookahead) && (valid[LINE_END] || valid[NO_LINE_END])) {
    return separates(lexer) && found(lexer, valid[LINE_END] ? LINE_END : ERROR_SENTINEL);
  }
  while (is_blank(lexer->lookahead) || is_line_end(lexer->lookahead)) lexer->advance(lexer, true);
  int32_t c = lexer->lookahead;
  if (begins_word(c)) return scan_word(lexer, valid);
  if (is_digit(c)) return scan_number(lexer);
  if (c == '}' && valid[HOLE_END] && !recovering) return scan_hole_end(scanner, lexer);
  return false;
}
