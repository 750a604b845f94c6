"""One module for each family of validation cases; a function carries the name of its entry in the family's file."""
