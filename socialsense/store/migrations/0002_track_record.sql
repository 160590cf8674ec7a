-- Earlier predictions were all of the formula of 2020.
ALTER TABLE predictions ADD COLUMN mode TEXT NOT NULL DEFAULT 'faithful';
ALTER TABLE predictions ADD COLUMN gain $double NOT NULL DEFAULT 1;
ALTER TABLE predictions ADD COLUMN gain_low $double;
ALTER TABLE predictions ADD COLUMN gain_high $double;
ALTER TABLE predictions ADD COLUMN helps $double;
ALTER TABLE predictions ADD COLUMN photo $double NOT NULL DEFAULT 1;

CREATE TABLE outcomes (
    prediction_id TEXT NOT NULL PRIMARY KEY REFERENCES predictions (id),
    pk TEXT,
    posted_at $timestamp,
    likes BIGINT NOT NULL,
    comments BIGINT,
    seen_at $timestamp NOT NULL
);
