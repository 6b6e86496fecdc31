-- Whoever of a seat has taken a complaint on leads it, and finds it among their own.
UPDATE complaints SET lead_person = state #>> '{handover,accepted_by}'
WHERE lead_person IS NULL AND state #>> '{handover,accepted_by}' IS NOT NULL;
