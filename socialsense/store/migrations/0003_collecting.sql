-- Where a job stands is told by its items; one that had a cursor reads its listings again.
ALTER TABLE jobs DROP COLUMN cursor;
ALTER TABLE jobs ADD COLUMN doing TEXT NOT NULL DEFAULT '';
ALTER TABLE jobs ADD COLUMN request TEXT;
ALTER TABLE jobs ADD COLUMN until $timestamp;
ALTER TABLE jobs ADD COLUMN owner TEXT;
ALTER TABLE jobs ADD COLUMN cancel_asked BOOLEAN NOT NULL DEFAULT FALSE;

CREATE TABLE items (
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    job TEXT NOT NULL,
    place INTEGER NOT NULL,
    wanted INTEGER,
    pictures INTEGER,
    state TEXT NOT NULL,
    cursor TEXT,
    posts INTEGER NOT NULL,
    tries INTEGER NOT NULL,
    error TEXT,
    updated_at $timestamp,
    PRIMARY KEY (kind, name, job)
);

CREATE INDEX items_in_order ON items (job, place);

CREATE INDEX items_by_state ON items (job, state, kind, place);

CREATE TABLE payloads (
    id $serial NOT NULL PRIMARY KEY,
    job TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    first_rank INTEGER NOT NULL,
    fetched_at $timestamp NOT NULL,
    readable BOOLEAN NOT NULL,
    body $bytes NOT NULL
);

CREATE TABLE requests (
    id $serial NOT NULL PRIMARY KEY,
    site TEXT NOT NULL,
    what TEXT NOT NULL,
    asked_at $timestamp NOT NULL
);

CREATE INDEX requests_of_site ON requests (site, asked_at);

CREATE TABLE breakers (
    site TEXT NOT NULL PRIMARY KEY,
    kind TEXT NOT NULL,
    what TEXT NOT NULL,
    means TEXT NOT NULL,
    "do" TEXT NOT NULL,
    tripped_at $timestamp NOT NULL,
    until $timestamp
);

CREATE TABLE consents (
    site TEXT NOT NULL PRIMARY KEY,
    words TEXT NOT NULL,
    given_at $timestamp NOT NULL
);
