"""What people read, as values to HTML, SVG, text, PDF and JSON. No database, no request."""
