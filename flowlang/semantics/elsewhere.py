"""What arguments, fields, types and settings are called in other languages and libraries, and how each is said here.

Data for findings: imported only where there is one. Nothing here decides whether something is a mistake.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Final

ARGUMENTS: Final = {
    **dict.fromkeys(("body", "data", "payload", "content", "json_body"), ("json", "text", "data")),
    "json": ("data",),
    **dict.fromkeys(("query", "qs", "query_params", "querystring", "search", "args"), ("params",)),
    **dict.fromkeys(("form_data", "formdata", "fields"), ("form",)),
    **dict.fromkeys(("uri", "link", "endpoint", "address"), ("url", "path")),
    **dict.fromkeys(("expect", "expected", "status", "ok", "allow_status"), ("accept",)),
    **dict.fromkeys(("header",), ("headers",)),
    **dict.fromkeys(("message", "msg"), ("text",)),
    **dict.fromkeys(("webhook_url", "hook"), ("webhook",)),
    **dict.fromkeys(
        ("retries", "max_attempts", "maximum_attempts", "tries", "max_retries", "times", "MaxAttempts"), ("attempts",)
    ),
    **dict.fromkeys(("max", "limit", "max_parallel", "n", "max_concurrency"), ("width",)),
    **dict.fromkeys(("tz", "time_zone", "zone"), ("timezone",)),
    **dict.fromkeys(("key", "apikey", "apiKey", "token", "api_token"), ("api_key",)),
    **dict.fromkeys(("input", "question", "user_prompt"), ("prompt",)),
    **dict.fromkeys(("threshold", "failure_threshold", "max_failures", "error_threshold"), ("failures",)),
    **dict.fromkeys(("reset_timeout", "recovery_timeout", "open_timeout", "timeout"), ("cooldown",)),
    **dict.fromkeys(("ErrorEquals", "retry_on", "errors", "exceptions", "retry_on_exceptions"), ("on",)),
    **dict.fromkeys(("backoff", "factor"), ("multiplier", "strategy")),
    **dict.fromkeys(("backoff_coefficient", "BackoffRate", "backoff_rate", "exponential_base"), ("multiplier",)),
    **dict.fromkeys(("initial_interval", "retry_delay", "IntervalSeconds", "interval", "wait"), ("delay",)),
    **dict.fromkeys(("maximum_interval", "max_interval", "max_retry_delay", "cap"), ("max_delay",)),
}
"""Names of arguments elsewhere, with those here, of which the first that the callee has is meant."""
CONSTRAINTS: Final = {
    **dict.fromkeys(("min", "minimum", "at_least"), ("ge", "min_length")),
    **dict.fromkeys(("max", "maximum", "at_most"), ("le", "max_length")),
    **dict.fromkeys(("exclusiveMinimum", "above"), ("gt",)),
    **dict.fromkeys(("exclusiveMaximum", "below"), ("lt",)),
    **dict.fromkeys(("regex", "regexp", "match", "matches"), ("pattern",)),
    **dict.fromkeys(("minLength", "min_items", "minItems", "minlength"), ("min_length",)),
    **dict.fromkeys(("maxLength", "max_items", "maxItems", "maxlength", "length"), ("max_length",)),
    **dict.fromkeys(("step", "multipleOf"), ("multiple_of",)),
}
"""Constraints of types elsewhere, with those here, of which the first that the type takes is meant."""
POLICIES: Final = {
    **dict.fromkeys(
        ("retries", "retry", "max_retries", "attempts", "tries"), "attempts are said by `@retry` before the step"
    ),
    **dict.fromkeys(("cache", "ttl"), "values are reused with `@cache(ttl=1h)` before the step"),
}
"""What callers say in an argument elsewhere, and where it is said here."""
REQUESTS: Final = {
    **dict.fromkeys(
        ("verify", "ssl", "ssl_verify", "verify_ssl", "insecure"),
        "certificates are checked, and nothing turns that off",
    ),
    **dict.fromkeys(
        ("allow_redirects", "follow_redirects"),
        "no redirect is followed: accept its status, `accept=[302]`, and call what its `location` header names",
    ),
    **dict.fromkeys(("method", "verb"), "each method is an action of its own, such as `http.post(…)`"),
    **dict.fromkeys(("cookies", "cookie"), "write the header: `headers={ Cookie: … }`"),
    **dict.fromkeys(
        ("bearer", "token", "api_key", "apikey", "bearer_token"),
        "`auth=auth.bearer(config.key)`, with `import auth`, or the header: `headers={ Authorization: … }`",
    ),
    **dict.fromkeys(("body", "json", "data", "payload"), "a request to read has no body: a query goes into `params`"),
}
"""The same of requests."""
ANNOTATIONS: Final = {
    **dict.fromkeys(("retries", "retryable", "attempts"), "`@retry(attempts=3)`"),
    **dict.fromkeys(("deadline", "timelimit", "time_limit"), "`@timeout(10s)`"),
    **dict.fromkeys(("parallel", "max_parallel", "throttle"), "`@concurrency(4)`"),
    **dict.fromkeys(("circuit_breaker", "circuitbreaker"), "`@breaker`"),
    **dict.fromkeys(("ratelimit", "rateLimit"), "`@rate_limit(calls=10)`"),
    **dict.fromkeys(("memoize", "cached"), "`@cache(ttl=1h)`"),
    **dict.fromkeys(
        ("budget", "cost", "max_cost", "tokens", "token_limit"),
        "nothing bounds what a run costs: `@meter(cost=…)` counts it, and `max_tokens=` bounds an answer of `llm.chat`",
    ),
    **dict.fromkeys(
        ("start_to_close_timeout", "schedule_to_close_timeout", "execution_timeout", "timeout_seconds"),
        "`@timeout(10s)`",
    ),
    **dict.fromkeys(("count", "for_each", "foreach", "loop"), "`for x in xs { … }`, a block"),
    **dict.fromkeys(("task", "step", "activity", "node", "op"), "`step name = …`, a statement of its own"),
    **dict.fromkeys(("flow", "workflow", "dag", "job", "pipeline"), "`flow name() { … }`, without an annotation"),
    **dict.fromkeys(("when", "condition", "trigger_rule"), "`… when condition` behind the step"),
    **dict.fromkeys(("schedule", "cron"), "`on cron('0 3 * * *')` in the flow"),
}
"""Annotations of other tools, and how they are written here."""
RESPONSE: Final = {
    **dict.fromkeys(("status_code", "statusCode", "code", "StatusCode"), "status"),
    **dict.fromkeys(("body", "data", "content", "payload", "result", "Json", "JSON"), "json"),
    **dict.fromkeys(("header",), "headers"),
}
"""What the fields of an answer are called elsewhere."""
TYPES: Final = {
    **dict.fromkeys(("boolean", "Boolean", "Bool"), "bool"),
    **dict.fromkeys(("str", "String", "Str", "text", "varchar", "char"), "string"),
    **dict.fromkeys(("integer", "Integer", "long", "int32", "int64", "i32", "i64", "u32", "bigint"), "int"),
    **dict.fromkeys(("number", "Number", "double", "Double", "decimal", "real", "float64", "f64"), "float"),
    **dict.fromkeys(("timestamp", "time", "instant", "DateTime"), "datetime"),
    **dict.fromkeys(("timedelta", "interval"), "duration"),
    **dict.fromkeys(("array", "Array", "vector", "sequence", "tuple", "Sequence"), "list"),
    **dict.fromkeys(("dict", "Dict", "hash", "Mapping", "dictionary"), "map"),
    **dict.fromkeys(("uri", "URL", "Url"), "url"),
    **dict.fromkeys(("object", "Object", "json", "JSON", "unknown", "mixed", "Any"), "any"),
    **dict.fromkeys(("null", "void", "None", "nil", "unit"), "none"),
    **dict.fromkeys(("blob", "binary", "buffer"), "bytes"),
    **dict.fromkeys(("password", "Secret", "SecretStr"), "secret"),
}
"""Types of other languages under our names."""
SHAPES: Final = {
    "Optional": "what may be none is written `T?`",
    "optional": "what may be none is written `T?`",
    "Union": "one of several types is written `A | B`",
    "Literal": "one of a few texts is written `'a' | 'b'`",
    "enum": "one of a few texts is written `'a' | 'b'`",
    "uuid": "a text of a format: `string(format='uuid')`",
    "UUID": "a text of a format: `string(format='uuid')`",
    "email": "a text of a format: `string(format='email')`",
    "struct": "a record is written `{ a: int, b: string }`",
    "record": "a record is written `{ a: int, b: string }`",
}
"""Types of other languages that are built here."""
_CALLS: Final = "calls are made with `import http`"
MODULES: Final = {
    **dict.fromkeys(("requests", "httpx", "axios", "urllib", "fetch", "aiohttp", "https", "rest"), _CALLS),
    **dict.fromkeys(("os", "sys", "env", "dotenv", "process"), "values from outside are declared in `config { … }`"),
    **dict.fromkeys(("logging", "log", "console"), "the value of every step is seen in the run"),
    **dict.fromkeys(("datetime", "date", "moment"), "`date` and `datetime` need no import; more is in `import time`"),
    **dict.fromkeys(("re", "regex"), "`x | matches('^[0-9]+$')` needs no import"),
    **dict.fromkeys(("slack", "email", "smtp", "teams"), "messages are sent with `import notify`"),
    **dict.fromkeys(("openai", "anthropic", "ai"), "models are called with `import llm`"),
}
"""Modules of other languages, and what does their work here."""
ADDRESSES: Final = frozenset("url base baseUrl baseURL base_uri endpoint host server address".split())
"""What the `base_url` of a service is called elsewhere."""
