"""One module per rule; its file name is the rule's name with `_` for `-`."""
