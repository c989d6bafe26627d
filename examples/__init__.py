"""Example flows and the stand-in services they run against; not part of the installed package."""
