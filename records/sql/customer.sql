-- standing --
-- A customer's own complaint: who has it in hand, their words' ids, the offers, the files they sent, and the facts that were
-- released to them or are their own. $2: kinds of fact that may be shown. $3: the customer as a sayer.
SELECT r.words, r.language, p.name AS handler, c.state -> 'solutions' AS solutions,
       coalesce((SELECT jsonb_agg(jsonb_build_object('turn', f.turn, 'kind', f.kind, 'subject', f.subject, 'at', f.at,
                                                     'said_by', f.said_by, 'data', f.data)
                                  ORDER BY f.turn DESC, f.place DESC)
                 FROM facts AS f
                 WHERE f.number = r.number AND f.kind = ANY ($2) AND (f.released OR f.said_by = $3)), '[]') AS facts,
       coalesce((SELECT jsonb_agg(jsonb_build_object('id', f.id, 'media', f.media, 'thumbnail', f.thumbnail,
                                                     'name_text', f.name_text))
                 FROM files AS f JOIN data_keys AS d ON d.id = f.data_key
                 WHERE f.owner = r.number AND f.added_by = $3 AND f.gone_at IS NULL AND d.erased_at IS NULL), '[]') AS files
FROM receipts AS r JOIN complaints AS c USING (number) LEFT JOIN people AS p ON p.user_id = c.owner
WHERE r.number = $1
