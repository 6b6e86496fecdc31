"""What happens now, told to whoever has a page open."""
