"""What the page of a case is made of: its parts as plain data for the templates. Nothing here reads or writes."""
