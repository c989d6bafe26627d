"""Sources of any length that check clean: flows of forty lines over shared types and services, as people write them.

python -m benchmarks.sources LINES > FILE
"""

from __future__ import annotations

import sys

HEAD = """\
##! Generated: {lines} lines of flows over one CRM.
import notify

config {{
  crm: url = "https://crm.example.com"
  crm_key: secret
  team_hook: secret[url]
}}

type Kind = 'auto' | 'home' | 'life'

## A lead as the CRM returns it.
type Lead {{
  id: string
  email: string(format='email')
  kind: Kind
  score: int(ge=0, le=100)
  phone: string?
  tags: list[string]
}}

type Quote {{ carrier: string, premium: float(ge=0) }}

@retry('exponential', attempts=3, delay=200ms)
@breaker(failures=5, window=60s, cooldown=30s)
@timeout(5s)
@idempotent
service crm {{
  base_url = config.crm
  headers = {{ Authorization: "Bearer {{{{ config.crm_key }}}}" }}
}}
"""

FLOW = """\

## Route lead number {i}.
@timeout(2m)
flow route_{i}(lead_id: string, dry_run: bool = false) -> {{ desk: string, best: float?, tags: list[string] }} {{
  on event('lead.{i}') with {{ lead_id: event.data.id }}

  # The CRM knows the lead.
  step lead: Lead = crm.get("/leads/{{{{ lead_id }}}}").json.data
    ensure lead.score >= {score} else "lead {{{{ lead.id }}}} scores only {{{{ lead.score }}}}"

  let hot = lead.score >= 80 and lead.phone is not none

  @concurrency(3)
  step quotes = for carrier in ['alpha', 'beta', 'gamma'] {{
    step quote: Quote = crm.post("/quotes/{{{{ carrier }}}}", json={{ id: lead.id, kind: lead.kind, round: {i} }}).json
      when not dry_run
      catch timeout, network as err {{ yield none }}
    yield {{ carrier, premium: quote.premium if quote is not none else none }}
  }}

  let premiums = [q.premium for q in quotes if q.premium is not none]
  let best = premiums | min

  step desk = match lead.kind {{
    case 'auto' {{ yield 'desk-1' }}
    case 'home', 'life' {{ yield 'desk-2' if hot else 'desk-3' }}
  }}

  step note = crm.post("/leads/{{{{ lead.id }}}}/notes", json={{ text: "{{{{ desk }}}} ({{{{ lead.score + {i} }}}})" }})
    when hot
    undo {{ do crm.delete("/leads/{{{{ lead.id }}}}/notes") }}

  do notify.slack("Lead {{{{ lead.id }}}} is hot: {{{{ lead.tags | join(', ') }}}}", webhook=config.team_hook)
    after note
    when hot

  return {{ desk, best, tags: [t | upper for t in lead.tags] + ['run-{i}'] }}
}}
"""


def source(lines: int) -> str:
    """A source of at least so many lines, and at most a flow more."""
    parts = [HEAD.format(lines=lines)]
    count = parts[0].count("\n")
    number = 0
    while count < lines - FLOW.count("\n") // 2:
        number += 1
        parts.append(FLOW.format(i=number, score=number % 50 + 1))
        count += parts[-1].count("\n")
    return "".join(parts)


if __name__ == "__main__":
    sys.stdout.write(source(int(sys.argv[1])))
