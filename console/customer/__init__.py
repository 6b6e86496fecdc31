"""What a customer is told by link, in plain words."""
