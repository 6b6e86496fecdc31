-- Whoever has a page open hears of what moved, who else is there, and what a case has in common with others.

-- Tells of new turns as "number:turn". A load of many at once is told as "*": look again at everything.
CREATE FUNCTION tell_turns() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT count(*) FROM (SELECT FROM fresh LIMIT 101) AS few) > 100 THEN
        PERFORM pg_notify('redress_turns', '*');
    ELSE
        PERFORM pg_notify('redress_turns', f.number || ':' || f.turn) FROM fresh AS f;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER turns_tell AFTER INSERT ON turns REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION tell_turns();

-- Tells that something beside the turns has changed on a complaint, as "number:".
CREATE FUNCTION tell_beside() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('redress_turns', NEW.number || ':');
    RETURN NULL;
END
$$;
CREATE TRIGGER outbox_tell AFTER UPDATE OF state ON outbox FOR EACH ROW
    WHEN (NEW.state IN ('sent', 'failed') AND OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION tell_beside();

-- Who has which case open, as their pages said last; what is not said again within two minutes is void.
CREATE UNLOGGED TABLE presence (
    number      TEXT NOT NULL,
    person      TEXT NOT NULL,
    seen_at     TIMESTAMPTZ NOT NULL DEFAULT now(),
    writing_at  TIMESTAMPTZ,
    PRIMARY KEY (number, person)
);

-- The topic as a column, for cases of the same kind: possible duplicates while open, and what settled the others.
ALTER TABLE complaints ADD COLUMN topic TEXT GENERATED ALWAYS AS (state #>> '{classification,topic}') STORED;
CREATE INDEX complaints_topic ON complaints (project, topic, received_at) WHERE ended_at IS NULL AND topic IS NOT NULL;
CREATE INDEX complaints_settled ON complaints (type, cause, ended_at) WHERE result = 'BOTH_SATISFIED';
CREATE INDEX complaints_settled_topic ON complaints (type, topic, ended_at)
    WHERE result = 'BOTH_SATISFIED' AND topic IS NOT NULL;
