"""The commands, a module each: `COMMAND` says what it takes, `run(values)` does it and gives the exit code."""
