-- Nothing was ever kept there.
ALTER TABLE images DROP COLUMN width;
ALTER TABLE images DROP COLUMN height;
