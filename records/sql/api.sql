-- turns_after --
-- A page of a complaint's ledger, refused turns too, each with its facts in order.
SELECT t.turn, t.kind, t.command, t.said_by, t.standing_in, t.heard_at, t.noticed_at, t.accepted, t.reason, t.rule,
       coalesce((SELECT jsonb_agg(jsonb_build_object('kind', f.kind, 'subject', f.subject, 'at', f.at, 'by', f.said_by,
                                                     'data', f.data, 'released', f.released) ORDER BY f.place)
                 FROM facts AS f WHERE f.number = t.number AND f.turn = t.turn), '[]') AS facts
FROM turns AS t
WHERE t.number = $1 AND t.turn > $2
ORDER BY t.turn
LIMIT $3
