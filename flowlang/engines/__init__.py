"""Where runs happen, and what they are given: `local` runs them in this process."""
