"""From text to plan: `pipeline` is the whole column on one page, `lower` goes on to the plan."""
