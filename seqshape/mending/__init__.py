"""Mended sources: small edits of the text, tried by reading and walking the result before they are offered."""
