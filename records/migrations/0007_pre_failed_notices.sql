-- When the complaint of a message that was given up was told of it, so that it is told once.
ALTER TABLE outbox ADD COLUMN reported_at TIMESTAMPTZ;
CREATE INDEX outbox_unreported ON outbox (settled_at) WHERE state = 'failed' AND reported_at IS NULL;
-- The reminders of one receiver's day are counted against the limit.
CREATE INDEX outbox_reminders ON outbox (receiver, not_before) WHERE template = 'reminder';
