-- Marks that were taken off complaints, by whom and when: a mark sorts work, so its going is remembered as its coming is.
CREATE TABLE case_tags_gone (
    number      TEXT NOT NULL REFERENCES complaints (number),
    tag         TEXT NOT NULL REFERENCES tags (code),
    added_by    TEXT NOT NULL,
    added_at    TIMESTAMPTZ NOT NULL,
    removed_by  TEXT NOT NULL,
    removed_at  TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX case_tags_gone_number ON case_tags_gone (number);
