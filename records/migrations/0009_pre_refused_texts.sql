-- Words of a refused command belong to no turn: `refused_at` (real time) is when they were refused, and they are swept.
ALTER TABLE texts ADD COLUMN refused_at TIMESTAMPTZ;

-- Words only refused turns used and claimed. Copies of messages are claimed too, but stand in no command.
UPDATE texts AS t SET claimed = NULL, refused_at = now()
FROM data_keys AS d JOIN turns AS u ON u.number = d.owner
WHERE t.data_key = d.id AND u.turn = t.claimed AND NOT u.accepted AND position(t.id IN u.command::TEXT) > 0
  AND NOT EXISTS (SELECT 1 FROM turns AS other
                  WHERE other.number = u.number AND other.accepted AND position(t.id IN other.command::TEXT) > 0);
