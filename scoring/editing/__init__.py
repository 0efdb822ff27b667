"""A programme as people write it: sheets of texts, made from a programme file and made into one; pure."""
