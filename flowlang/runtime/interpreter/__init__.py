"""The interpreter: runs a plan's flow, step by step as needs are met, over a journal and a seam.

| modules | say |
|---|---|
| run, flow, scope, frame | a run, a flow, one entry of a scope: who opens, schedules, undoes, closes |
| steps, values, endings, handlers | one step, nested as the language says, and how it ends |
| attempts, guards, effect | one call with its policies |
| blocks, race | what a block makes of its scopes |
| program | the plan made ready: arrays and compiled expressions, shared by runs |
| state, progress, cut, waits | what the frames of a run share; how far a step is; what can be interrupted |
| mailbox, activity | the events that a run receives; whether it only waits, so that it may leave the process |
"""

from flowlang.runtime.interpreter.run import Outcome, Run, StepRecord

__all__ = ["Outcome", "Run", "StepRecord"]
