// The grammar of .flow files for tree-sitter: the shape of ../../grammar/flow.lark, rule by rule, so that both accept the
// same files (tests/editors/test_tree_sitter.py). It has no conflicts and no precedences: the layers of the expressions
// say what binds tighter, as they do there.
//
// Words, numbers, line ends and the insides of texts come from src/scanner.c: a word is a keyword where the parser expects
// that keyword and an identifier elsewhere, and a line end separates unless the next line continues.

const RESERVED = [
  'and', 'or', 'not', 'in', 'is', 'if', 'else', 'for', 'match', 'repeat', 'true', 'false', 'none', 'null',
];
const CONTEXTUAL = [
  'import', 'as', 'config', 'let', 'type', 'service', 'from', 'action', 'function', 'native', 'python', 'flow',
  'annotation', 'on', 'trigger', 'test', 'mock', 'step', 'do', 'return', 'yield', 'next', 'with', 'after', 'when',
  'until', 'every', 'ensure', 'catch', 'undo', 'case',
];
const BRACED = ['parallel', 'race', 'sequence'];

const comma = (rule) => seq(rule, repeat(seq(',', rule)));

// Line ends and commas between things in braces; a comma stands only behind a thing.
const braced = ($, thing) =>
  seq('{', repeat(choice($._line_end, seq(thing, choice($._line_end, ',')))), optional(thing), '}');

// What ends before a `{`, a `=` or a comma of its own: there a line end is no space, as it is behind any expression or type
// (the parser's states are the same), and nothing takes it. The scanner never gives this token; it sees where one may be.
const ended = ($, thing) => seq(thing, optional($._no_line_end));

const binary = ($, left, operator, right) =>
  seq(field('left', left), field('operator', operator), field('right', right));

module.exports = grammar({
  name: 'flow',

  // The order is that of `enum Token` in src/scanner.c.
  externals: ($) => [
    $._line_end,
    $._no_line_end,
    $.identifier,
    $.number,
    $.duration,
    $._text_run,
    $._long_text_run,
    $._hole_start,
    $._long_hole_start,
    $._hole_end,
    $._error_sentinel,
    ...RESERVED,
    ...CONTEXTUAL,
    ...BRACED,
  ],

  extras: ($) => [/[ \t\r\n]/, $.comment],

  supertypes: ($) => [$._statement, $._clause, $._block],

  inline: ($) => [$._word, $._right_side],

  rules: {
    // ---- a file and its items

    source_file: ($) => seq(repeat(choice($._line_end, seq($._item, $._line_end))), optional($._item)),

    _item: ($) =>
      choice(
        $.import,
        $.config,
        $.let,
        $.type_declaration,
        $.service,
        $.action,
        $.function,
        $.flow,
        $.annotation_declaration,
        $.trigger_declaration,
        $.test,
      ),

    import: ($) =>
      choice(
        seq('import', field('module', $.identifier), optional(seq('as', field('alias', $.identifier)))),
        seq('import', field('path', $.string), optional(seq('as', field('alias', $.identifier)))),
      ),

    config: ($) => seq('config', $._fields),

    let: ($) => seq('let', field('name', $.identifier), optional($._type_of), '=', field('value', $._expression)),

    type_declaration: ($) =>
      seq(
        optional($._annotations),
        'type',
        field('name', $.identifier),
        choice(seq('=', field('value', $._type)), field('value', $.record_type)),
      ),

    service: ($) =>
      seq(
        optional($._annotations),
        'service',
        field('name', $.identifier),
        choice(seq('from', field('path', $.string), optional($.settings)), $.settings),
      ),
    settings: ($) => braced($, $.setting),
    setting: ($) => seq(field('name', $._word), '=', field('value', $._expression)),

    action: ($) => seq($._signature_of_action, '=', field('body', $._foreign_body)),
    _signature_of_action: ($) => seq(optional($._annotations), 'action', $._signature),
    function: ($) => seq($._signature_of_function, '=', field('body', choice($._foreign_body, $._expression))),
    _signature_of_function: ($) => seq(optional($._annotations), 'function', $._signature),
    _signature: ($) =>
      seq(
        field('name', $.identifier),
        optional(field('type_parameters', $.type_parameters)),
        field('parameters', $.parameters),
        optional($._result),
      ),
    _foreign_body: ($) => choice($.native, $.python),
    native: ($) => 'native',
    python: ($) => seq('python', '(', field('target', $.string), ')'),

    type_parameters: ($) => seq('[', comma($.identifier), optional(','), ']'),
    parameters: ($) => seq('(', optional(seq(comma($.parameter), optional(','))), ')'),
    parameter: ($) => seq(field('name', $.identifier), ':', field('type', $._type), optional($._default)),
    _default: ($) => seq('=', field('default', $._expression)),
    _type_of: ($) => seq(':', ended($, field('type', $._type))),
    _result: ($) => seq('->', ended($, field('result', $._type))),

    flow: ($) =>
      seq(
        optional($._annotations),
        'flow',
        field('name', $.identifier),
        field('parameters', $.parameters),
        optional($._result),
        field('body', $.body),
        repeat($.catch),
      ),

    annotation_declaration: ($) =>
      seq('annotation', field('name', $.identifier), optional(field('parameters', $.parameters)), 'on', comma($.target)),
    target: ($) => $._word,

    trigger_declaration: ($) =>
      seq('trigger', field('name', $.identifier), field('parameters', $.parameters), $._result),

    test: ($) => seq('test', field('name', $.string), field('body', $.body)),

    // ---- annotations

    _annotations: ($) => seq($.annotation, repeat(choice($.annotation, $._line_end))),
    annotation: ($) => seq('@', field('name', $._word), optional(field('arguments', $.arguments))),

    // ---- types

    _type: ($) => choice($._type_member, $.union_type),
    union_type: ($) => seq($._type_member, repeat1(seq('|', $._type_member))),
    _type_member: ($) => choice($._type_atom, $.optional_type),
    optional_type: ($) => seq($._type_atom, '?'),
    _type_atom: ($) =>
      choice(
        $.type,
        $.literal_type,
        $.record_type,
        seq('(', $._type, ')'),
      ),
    type: ($) =>
      seq(
        field('name', $._type_name),
        optional(field('arguments', $.type_arguments)),
        optional(field('constraints', $.arguments)),
      ),
    _type_name: ($) => choice($.type_name, $.qualified_type_name),
    type_name: ($) => choice($.identifier, 'none', 'null'),
    qualified_type_name: ($) => seq($._type_name, '.', field('name', $._word)),
    literal_type: ($) => choice($.string, $.number, seq('-', $.number), 'true', 'false'),
    type_arguments: ($) => seq('[', comma($._type), optional(','), ']'),

    record_type: ($) => $._fields,
    _fields: ($) => braced($, $.field),
    field: ($) =>
      seq(optional($._annotations), ended($, field('name', $._word)), ':', field('type', $._type), optional($._default)),

    // ---- statements: a block alone must begin a line, and `ensure` behind a step or `do` is its clause

    body: ($) => seq('{', repeat(choice($._line_end, seq($._line, $._line_end))), optional($._line), '}'),
    _line: ($) => choice($._line_ending_plain, $._line_ending_claused),
    _line_ending_plain: ($) =>
      choice(
        seq(optional($._line_ending_plain), choice($._plain_statement, $.ensure)),
        seq($._line_ending_claused, $._plain_statement),
      ),
    _line_ending_claused: ($) => choice($.block_statement, seq(optional($._line), $._claused_statement)),

    _statement: ($) => choice($._plain_statement, $._claused_statement, $.block_statement),
    _plain_statement: ($) => choice($.let, $.return, $.yield, $.trigger, $.mock),
    _claused_statement: ($) => choice($.step, $.do),

    step: ($) =>
      seq(
        optional($._annotations),
        'step',
        field('name', $.identifier),
        optional($._type_of),
        '=',
        field('value', $._right_side),
        repeat($._clause),
      ),
    do: ($) => seq(optional($._annotations), 'do', field('value', $._right_side), repeat($._clause)),
    block_statement: ($) => seq(optional($._annotations), field('value', $._block), repeat($._clause)),
    return: ($) => seq('return', field('value', $._expression)),
    yield: ($) =>
      seq('yield', field('value', $._expression), optional(seq('next', field('next', $._expression)))),
    mock: ($) => seq('mock', field('target', $._dotted), '=', field('value', $._expression)),
    trigger: ($) =>
      seq(
        'on',
        field('name', $.identifier),
        optional(field('arguments', $.arguments)),
        optional($.when),
        optional(seq('with', field('inputs', $.map))),
      ),

    _right_side: ($) => choice($._expression, $._block),

    _clause: ($) => choice($.after, $.when, $.until, $.ensure, $.catch, $.undo),
    after: ($) => seq('after', comma($.identifier)),
    when: ($) => seq('when', field('condition', $._expression)),
    until: ($) =>
      seq(
        'until',
        field('condition', $._expression),
        optional(seq('every', field('every', $._expression))),
        optional(seq('for', field('limit', $._expression))),
      ),
    ensure: ($) =>
      seq('ensure', field('condition', $._expression), optional(seq('else', field('message', $._expression)))),
    catch: ($) =>
      seq(
        'catch',
        optional(comma(ended($, $.error_kind))),
        optional(seq('as', field('name', $.identifier))),
        optional(ended($, $.when)),
        field('body', $.body),
      ),
    error_kind: ($) => $.identifier,
    undo: ($) => seq('undo', field('body', $.body)),

    // ---- blocks

    _block: ($) => choice($.if, $.match, $.for, $.parallel, $.race, $.sequence, $.repeat),

    if: ($) => choice($._branches, seq($._branches, 'else', field('otherwise', $.body))),
    _branches: ($) =>
      choice(
        seq('if', ended($, field('condition', $._expression)), field('body', $.body)),
        seq($._branches, 'else', 'if', ended($, field('condition', $._expression)), field('body', $.body)),
      ),

    match: ($) =>
      seq(
        'match',
        ended($, field('value', $._expression)),
        '{',
        repeat(choice($._line_end, $.case)),
        optional(seq($.otherwise, repeat($._line_end))),
        '}',
      ),
    case: ($) => seq('case', comma(ended($, $._expression)), field('body', $.body)),
    otherwise: ($) => seq('else', field('body', $.body)),

    for: ($) =>
      seq(
        'for',
        comma(ended($, field('name', $.identifier))),
        'in',
        ended($, field('over', $._expression)),
        field('body', $.body),
      ),
    parallel: ($) => seq('parallel', field('body', $.body)),
    race: ($) => seq('race', field('body', $.body)),
    sequence: ($) => seq('sequence', field('body', $.body)),
    repeat: ($) =>
      seq(
        'repeat',
        field('name', $.identifier),
        optional($._type_of),
        '=',
        ended($, field('initial', $._expression)),
        field('body', $.body),
      ),

    // ---- expressions, loosest first

    _expression: ($) => choice($._disjunction, $.conditional),
    conditional: ($) =>
      seq(
        field('value', $._disjunction),
        'if',
        field('condition', $._disjunction),
        'else',
        field('otherwise', $._expression),
      ),

    _disjunction: ($) => choice($._conjunction, alias($._or, $.binary)),
    _or: ($) => binary($, $._disjunction, 'or', $._conjunction),
    _conjunction: ($) => choice($._negation, alias($._and, $.binary)),
    _and: ($) => binary($, $._conjunction, 'and', $._negation),
    _negation: ($) => choice($._comparison, alias($._not, $.unary)),
    _not: ($) => seq(field('operator', 'not'), field('operand', $._negation)),

    _comparison: ($) => choice($._sum, $.comparison),
    comparison: ($) => seq($._sum, repeat1(seq(field('operator', $._comparator), $._sum))),
    _comparator: ($) => choice('==', '!=', '<', '<=', '>', '>=', 'in', seq('not', 'in')),

    _sum: ($) => choice($._concatenation, alias($._add, $.binary)),
    _add: ($) => binary($, $._sum, choice('+', '-'), $._concatenation),
    _concatenation: ($) => choice($._product, alias($._concatenate, $.binary)),
    _concatenate: ($) => binary($, $._concatenation, '~', $._product),
    _product: ($) => choice($._power, alias($._multiply, $.binary)),
    _multiply: ($) => binary($, $._product, choice('*', '/', '//', '%'), $._power),
    _power: ($) => choice($._filtered, alias($._raise, $.binary)),
    _raise: ($) => binary($, $._power, '**', $._filtered),

    _filtered: ($) => choice($._piped, $.type_test),
    type_test: ($) => seq(field('value', $._piped), 'is', optional('not'), $._test),
    _piped: ($) => choice($._unary, $.filter),
    filter: ($) =>
      seq(
        field('value', $._filtered),
        '|',
        field('name', $._dotted),
        optional(field('arguments', $.arguments)),
      ),
    _test: ($) =>
      seq(
        field('name', $._test_name),
        optional(choice(field('arguments', $.arguments), field('argument', $._test_argument))),
      ),
    _test_name: ($) =>
      choice(
        $.identifier,
        alias(choice('none', 'null', 'true', 'false', 'in'), $.identifier),
        alias($._dotted_test, $.dotted),
      ),
    _dotted_test: ($) => seq($._test_name, '.', $._word),
    _test_argument: ($) =>
      choice(
        $.identifier,
        $._literal,
        $.list,
        alias($._attribute_of_argument, $.attribute),
        alias($._index_of_argument, $.index),
      ),
    _attribute_of_argument: ($) => seq(field('object', $._test_argument), '.', field('name', $._word)),
    _index_of_argument: ($) => seq(field('object', $._test_argument), '[', field('index', $._expression), ']'),

    _dotted: ($) => choice($._word, $.dotted),
    dotted: ($) => seq($._dotted, '.', $._word),

    _unary: ($) => choice($._postfix, $.unary),
    unary: ($) => seq(field('operator', choice('-', '+')), field('operand', $._unary)),

    _postfix: ($) => choice($._primary, $.attribute, $.index, $.slice, $.call),
    attribute: ($) => seq(field('object', $._postfix), choice('.', '?.'), field('name', $._word)),
    index: ($) => seq(field('object', $._postfix), '[', field('index', $._expression), ']'),
    slice: ($) =>
      seq(
        field('object', $._postfix),
        '[',
        optional(field('start', $._expression)),
        ':',
        optional(field('stop', $._expression)),
        optional(seq(':', optional(field('step', $._expression)))),
        ']',
      ),
    call: ($) => seq(field('function', $._postfix), field('arguments', $.arguments)),

    arguments: ($) => seq('(', optional(seq(comma($._argument), optional(','))), ')'),
    _argument: ($) => choice($._expression, $.named_argument),
    named_argument: ($) => seq(field('name', $._word), '=', field('value', $._expression)),

    _primary: ($) => choice($.identifier, $._literal, $.parenthesized, $.list, $.comprehension, $.map),
    parenthesized: ($) => seq('(', $._expression, ')'),

    _literal: ($) => choice($.number, $.duration, $.string, $.boolean, $.none),
    boolean: ($) => choice('true', 'false'),
    none: ($) => choice('none', 'null'),

    list: ($) => seq('[', optional(seq(comma($._expression), optional(','))), ']'),
    comprehension: ($) =>
      seq(
        '[',
        field('value', $._expression),
        'for',
        comma(field('name', $.identifier)),
        'in',
        field('over', $._disjunction),
        optional(seq('if', field('condition', $._disjunction))),
        ']',
      ),

    map: ($) => braced($, $._entry),
    _entry: ($) => choice($.entry, $.spread, $.shorthand),
    entry: ($) =>
      seq(
        choice(field('key', $._word), field('key', $.string), seq('[', field('key', $._expression), ']')),
        ':',
        field('value', $._expression),
      ),
    spread: ($) => seq('**', $._expression),
    shorthand: ($) => $.identifier,

    // Any word may be a key, a field, an attribute, an argument's name.
    _word: ($) => choice($.identifier, ...RESERVED.map((word) => alias(word, $.identifier))),

    // ---- texts

    string: ($) =>
      choice(
        seq("'", repeat(choice($._plain_run, $.escape)), token.immediate("'")),
        seq('"', repeat(choice($._text_run, $.escape, $.interpolation)), token.immediate('"')),
        seq('"""', repeat(choice($._long_text_run, $._long_escape, alias($.long_interpolation, $.interpolation))), token.immediate('"""')),
      ),
    _plain_run: ($) => token.immediate(prec(1, /[^'\\\r\n]+/)),
    escape: ($) => token.immediate(/\\[^\r\n]/),
    _long_escape: ($) => alias($._any_escape, $.escape),
    _any_escape: ($) => token.immediate(/\\(.|\r|\n)/),
    interpolation: ($) => seq(alias($._hole_start, '{{'), $._expression, alias($._hole_end, '}}')),
    long_interpolation: ($) => seq(alias($._long_hole_start, '{{'), $._expression, alias($._hole_end, '}}')),

    comment: ($) => token(/#[^\r\n]*/),
  },
});
