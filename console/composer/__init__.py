"""Writing on the case page: to the customer or for colleagues, never one taken for the other."""
