"""Services that take turns and send messages: one process a queue, or one for all."""
