"""Legal but wrong: one file per rule, found by listing this package (`registry`)."""
