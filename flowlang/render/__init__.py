"""How findings and plans look: a file each format, from data to text, no I/O."""
