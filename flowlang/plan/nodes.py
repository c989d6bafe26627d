"""The plan: the versioned contract between the compile column and the run column. Runnable without the source.

A plan is plain JSON. Structure is Records of this module (`plan.codec` gives JSON both ways, `plan.identity` the
hash); types and expressions inside it are JSON lists, described below. Spans, docs and paths live in `Plan.places`,
outside the hash.

**Names.** No scope shadows an enclosing one (only sibling blocks may repeat a name), so an expression refers to a
value by its bare name and the run finds it in its frame or an enclosing frame. A frame is made per scope entry: per
flow run, branch, iteration, round, handler, undo.

**Keys.** A node's key is its name within its scope (`lead`, `slack_2`, `if_1`). A step's path at run time joins them:
`receipts[17].quote`; map iteration `receipts['k'].quote`; branches `x.then.a`, `x.elif1.a`, `x.else.a`; match
`x.case0.a`, `x.else.a`; parallel, race, sequence `x.a`; rounds `r[3].a`; handlers `x.catch0.a` (of a flow:
`catch0.a`); undo `x.undo.a`; steps of a called flow `x/lead` (also its own blocks: `x/receipts[2].quote`). The
caller's key is the prefix.

**Expressions** are JSON lists, first item the operator:

    ["lit", value]                       a scalar: text, int, float, bool or null (lists and maps are written with
                                         their operators)
    ["duration", micros]                 a duration that is written out, in microseconds; in plans of before ["lit", …]
    ["ref", name]                        a parameter, step, let, loop variable, `err`, round value, trigger value
    ["result"]                           the whole result of the step's call: in `Call.projection`,
                                         `FlowCall.projection` and `Policies.meter` only
                                         (an operator of its own, for an author may well name a step `result`)
    ["config", name]                     a configuration value
    ["const", name]                      a file-level `let`: Plan.constants[name], evaluated once a run
    ["attr", e, key, optional]           map lookup by constant key; optional: none if e is none. Absent key: fault,
                                         but none if `soft`:
    ["soft", e, key, optional]           as attr for fields that may be absent (typed optional): absent reads as none
    ["has", e, k]                        `e.k is defined`: whether e is a map with key k or a list with index k; false
                                         on none. k is an expression
    ["index", e, i] ["slice", e, a, b, s]  a, b, s may be null
    ["list", [e…]] ["map", [[k, v] | ["**", e]…]]   k is an expression
    ["text", [part…]]                    a template; a part is a str or ["show", e, type] (type: how to write it;
                                         index into Plan.types).
                                         `a ~ b` is lowered to it too; ["html", e, type] is escaped for HTML
    ["url", [part…]]                     part: str | ["base", e] | ["segment", e, type] | ["query_key", e, type] |
                                         ["query_value", e, type] | ["fragment", e, type]
    ["op", name, a, b]                   typed: add_int add_float add_text add_list sub_int … div floordiv_int mod_int
                                         pow_int …, add_datetime_duration, sub_datetime … (the list with its meaning
                                         heads `semantics/operators.py`); `*_any` decide by the values
    ["neg", kind, e] ["not", e] ["and", a, b] ["or", a, b] ["if", cond, then, else]
    ["compare", a, [[op, b]…]]           op: == != < <= > >= in not_in; kind-tagged where the type matters:
                                         "<:datetime", "in:list", "not_in:map"
    ["comp", element, [names], iterable, cond|null, is_map]
    ["each", [names], iterable, cond|null, body, otherwise, counted]
                                         a loop of a document: the texts of `body` one after another, `otherwise` if
                                         there are none. `counted`: `body` uses `loop`, a map with what place of how
                                         many the item has
    ["let", name, e, body]               `body` where a name means `e`
    ["call", qualified, [arg…]]          a native pure function ('text.upper'); arguments positional in declared
                                         order, defaults filled in
    ["fn", qualified, [arg…]]            a user's `function … = expr`, or a document template under its path:
                                         Plan.functions[qualified]
    ["python", target, [[name, arg]…], type]   a user's python function (pure, journaled), called by name; the result
                                         is checked against the type
    ["check", e, type]                   check a value against Plan.types[type] and project it (a record drops extra
                                         keys); kind `validation`
    ["edge", e, type]                    write a typed value as JSON leaves the program (durations as ISO text …)

**Types** in `Plan.types` are the JSON form of `flowlang.types` (`types.codec`). `written_duration` is a duration in a
check of what has no type: text only.
"""

from __future__ import annotations

from flowlang.record import Record

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

    Expr = list[object]  # a JSON list as described above

FORMAT: Final = 1
EVALUATOR: Final = 1


class RetryPolicy(Record):
    """`@retry`: times in microseconds; `jitter` is a share of the delay (0–1) or 'full'; strategy 'none' retries at
    once, without waiting; `on` as written ('network', '5xx', '429' …).
    """

    __slots__ = ()

    strategy: str
    attempts: int
    delay: int
    max_delay: int
    multiplier: float
    jitter: float | str
    on: tuple[str, ...]


class BreakerPolicy(Record):
    """`@breaker`: by consecutive `failures`, or by `failure_rate` over `window` with `minimum_calls`; a call slower
    than `slow` counts as failed. It stays open for `cooldown`, longer each time it opens again, up to `max_cooldown`.

    Times in microseconds.
    """

    __slots__ = ()

    failures: int | None
    failure_rate: float | None
    minimum_calls: int
    window: int
    cooldown: int
    trials: int
    key: Expr | None  # null: the service at its address, else the host
    slow: int | None = None
    max_cooldown: int = 300_000_000


class RateLimitPolicy(Record):
    """`@rate_limit(100, per=1m)`."""

    __slots__ = ()

    calls: int
    per: int
    key: Expr | None


class CachePolicy(Record):
    """`@cache(ttl=1h)`: how long a value is reused, in microseconds."""

    __slots__ = ()

    ttl: int
    key: Expr | None  # null: made of the call and its arguments


class Policies(Record):
    """What is in force around one call, already resolved (nearest wins). Times in microseconds; null: not in force."""

    __slots__ = ()

    retry: RetryPolicy | None = None
    breaker: BreakerPolicy | None = None
    timeout: int | None = None  # one attempt
    total: int | None = None  # all attempts, waits and polls
    rate_limit: RateLimitPolicy | None = None
    concurrency: int | None = None  # of a service's calls, or of one step over all runs on a machine
    concurrency_key: Expr | None = None
    idempotency_key: Expr | None = None  # `key=`; null: derived
    idempotent: bool = False  # the receiver honours the key, or repeating is harmless
    once: bool = False
    fail_fast: bool = False
    cache: CachePolicy | None = None
    meter: tuple[tuple[str, Expr], ...] = ()  # ('tokens', expr), ('cost', expr): over ["result"]
    # policy → where it comes from: 'step', 'block x', 'service carrier_a', 'flow', 'action http.get', 'default'
    origin: tuple[tuple[str, str], ...] = ()


class Call(Record):
    """One action call: the effect of a step. `projection` computes the step's value from ["result"] (null: as it is).

    A service's operation is 'http.get' … 'http.delete' with `service` set.
    """

    __slots__ = ()

    action: str  # qualified: 'http.post', 'notify.slack', 'time.wait', 'llm.chat'; a user's python action: 'python'
    target: str | None  # 'mod:attr' for a python action
    arguments: tuple[tuple[str, Expr], ...]  # declared parameters in order, defaults filled in
    service: str | None
    effect: str  # 'read' (GET, HEAD, @idempotent action) | 'write' | 'wait' | 'clock'
    volatile: bool  # the value is a secret: never journaled
    projection: Expr | None  # over ["result"] and the scope
    type: int | None  # index into Plan.types: what the call's declared result is


class FlowCall(Record):
    """A step that runs another flow of `Plan.flows`; arguments are parameters in declared order."""

    __slots__ = ()

    flow: str
    arguments: tuple[tuple[str, Expr], ...]
    projection: Expr | None


class Pure(Record):
    """A step without effect: recomputed on resume unless it calls python (`journaled`)."""

    __slots__ = ()

    value: Expr
    journaled: bool = False


class LetNode(Record):
    """A lazily evaluated name; never scheduled, never journaled.

    `needs`: steps of this scope that it refers to, directly or through lets.
    """

    __slots__ = ()

    name: str
    value: Expr
    needs: tuple[str, ...]


class Scope(Record):
    """A set of nodes run as their needs are met. `value`: the yield or return, evaluated when all nodes have ended;
    null gives none — or, for parallel and sequence (`record`), the record of the named steps in order.
    """

    __slots__ = ()

    nodes: tuple[Step, ...]
    lets: tuple[LetNode, ...]
    value: Expr | None
    next: Expr | None = None  # repeat only
    record: tuple[str, ...] | None = None
    sequential: bool = False
    yields: bool = False  # whether a yield (flow: return) stands in it


class IfBlock(Record):
    """Branches in order; `otherwise` may be null. Branch i has label 'then', 'elif1', …, 'else'."""

    __slots__ = ()

    branches: tuple[tuple[Expr, Scope], ...]
    otherwise: Scope | None


class MatchBlock(Record):
    """The first case with an equal value."""

    __slots__ = ()

    subject: Expr
    cases: tuple[tuple[tuple[Expr, ...], Scope], ...]
    otherwise: Scope | None


class ForBlock(Record):
    """`width` items at once; list of yields in input order."""

    __slots__ = ()

    names: tuple[str, ...]
    iterable: Expr
    over_map: bool
    body: Scope
    width: int


class ParallelBlock(Record):
    """`width` null: unbounded. Also `sequence` (body.sequential)."""

    __slots__ = ()

    body: Scope
    width: int | None


class RaceBlock(Record):
    """The first step of the body to succeed gives the value."""

    __slots__ = ()

    body: Scope


class RepeatBlock(Record):
    """Rounds; `limit` at most."""

    __slots__ = ()

    name: str
    initial: Expr
    body: Scope
    limit: int


class Check(Record):
    """An `ensure`: `message` is evaluated when it fails (null: a standard sentence).

    `needs`: indexes of earlier checks that narrow what it reads.
    """

    __slots__ = ()

    condition: Expr
    message: Expr | None
    text: str  # the condition as written, for messages; outside the hash
    needs: tuple[int, ...] = ()


class Poll(Record):
    """`until`: repeat every `every` microseconds (an expression) until `condition`; within `limit` if given."""

    __slots__ = ()

    condition: Expr
    every: Expr
    limit: Expr | None


class Handler(Record):
    """A `catch`. No kinds: all but cancelled. `passes`: its end is reached without a yield, so the error goes on.
    `volatile`: what it yields is a secret, never journaled; it is gone through again.
    """

    __slots__ = ()

    kinds: tuple[str, ...]
    binding: str | None
    condition: Expr | None
    body: Scope
    volatile: bool = False


class Step(Record):
    """A unit of execution: a call, a pure value, a block or a called flow, with its clauses.

    `needs`: keys in the same scope that must have ended (references of any clause, handlers and undo included,
    through lets, and `after`). `presence` of the value: with a `when`, a false condition skips the step and its value
    is none. `type`: the declared type to check and project the value into (`step q: T`), index into Plan.types, or
    null. `written`: types by which the checked value is then written as JSON leaves the program, one after another: its
    durations enter an `any`.
    """

    __slots__ = ()

    key: str
    name: str | None  # null for `do`
    action: Call | FlowCall | Pure | IfBlock | MatchBlock | ForBlock | ParallelBlock | RaceBlock | RepeatBlock
    needs: tuple[str, ...] = ()
    when: Expr | None = None
    poll: Poll | None = None
    checks: tuple[Check, ...] = ()
    handlers: tuple[Handler, ...] = ()
    undo: Scope | None = None
    undo_uses_value: bool = False
    type: int | None = None
    policies: Policies = Policies()
    deadline: int | None = None  # `@timeout` on a block: microseconds for all of it
    has_effect: bool = False  # an effect stands in it or beneath it: its `when`, branch or length is journaled
    written: tuple[int, ...] = ()


class Parameter(Record):
    """A flow's parameter or a configuration value; `default` null: required (a default of none is ["lit", null])."""

    __slots__ = ()

    name: str
    type: int
    default: Expr | None = None
    secret: bool = False
    doc: str = ""


class Service(Record):
    """A service's settings; policies are already in the steps that call it."""

    __slots__ = ()

    name: str
    base_url: Expr | None
    headers: Expr | None
    auth: Expr | None
    settings: tuple[tuple[str, Expr], ...] = ()


class TriggerPlan(Record):
    """A declared trigger: `not fired` by `flowlang run`."""

    __slots__ = ()

    name: str
    arguments: tuple[tuple[str, Expr], ...]
    condition: Expr | None
    inputs: tuple[tuple[str, Expr], ...]


class Flow(Record):
    """One flow, checked and lowered."""

    __slots__ = ()

    name: str
    parameters: tuple[Parameter, ...]
    preconditions: tuple[Check, ...]
    body: Scope
    handlers: tuple[Handler, ...]
    result: int | None
    triggers: tuple[TriggerPlan, ...] = ()
    deadline: int | None = None
    width: int | None = None  # runs of this flow at once
    worst_case: int | None = None  # microseconds; null: unbounded or unknown


class Function(Record):
    """A user's pure function with an expression for body, or a document template."""

    __slots__ = ()

    parameters: tuple[str, ...]
    body: Expr


class Limits(Record):
    """Bounds on what one evaluation and one value may take."""

    __slots__ = ()

    value_bytes: int = 16 * 1024 * 1024
    text_bytes: int = 4 * 1024 * 1024
    list_items: int = 1_000_000
    units: int = 10_000_000


class Place(Record):
    """Where a step stands: for messages only. Lines and columns from 1; `text` is the source line."""

    __slots__ = ()

    file: str
    line: int
    column: int
    end_line: int
    end_column: int
    text: str


class Plan(Record):
    """A flow with everything it needs, pinned.

    `flows` holds the main flow and every flow it calls, by qualified name.
    """

    __slots__ = ()

    format: int
    evaluator: int
    flow: str
    flows: dict[str, Flow]
    types: tuple[object, ...]
    config: tuple[Parameter, ...]
    constants: dict[str, Expr]
    functions: dict[str, Function]
    services: dict[str, Service]
    limits: Limits
    places: dict[
        str, Place
    ]  # '<flow>:<static path>' → place; static path as the run path with `[]` for any index. Outside the hash.
    docs: dict[str, str]
