-- What was sent to each person, as an encrypted text of the complaint (SLA-11).
ALTER TABLE deliveries ADD COLUMN text TEXT;
