"""Coming in and going out: sessions, tokens, protection of writes, single sign-on."""
