"""Document templates: Jinja2's structure around our expressions."""
