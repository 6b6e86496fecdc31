"""The lists of the desk: their addresses, filters, columns and search."""
