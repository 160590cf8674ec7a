CREATE TABLE profiles (
    handle TEXT NOT NULL PRIMARY KEY,
    name TEXT,
    private BOOLEAN NOT NULL,
    followers BIGINT,
    posts_count BIGINT,
    source TEXT NOT NULL,
    fetched_at $timestamp NOT NULL
);

CREATE TABLE profile_observations (
    handle TEXT NOT NULL REFERENCES profiles (handle),
    observed_at $timestamp NOT NULL,
    followers BIGINT,
    posts_count BIGINT,
    PRIMARY KEY (handle, observed_at)
);

CREATE TABLE posts (
    pk TEXT NOT NULL PRIMARY KEY,
    shortcode TEXT NOT NULL,
    handle TEXT,
    taken_at $timestamp NOT NULL,
    kind TEXT NOT NULL,
    caption TEXT,
    likes BIGINT,
    comments BIGINT,
    image_url TEXT,
    image_sha256 TEXT,
    pinned BOOLEAN NOT NULL,
    source TEXT NOT NULL,
    fetched_at $timestamp NOT NULL
);

CREATE INDEX posts_of_handle ON posts (handle, taken_at);

CREATE TABLE post_observations (
    pk TEXT NOT NULL REFERENCES posts (pk),
    observed_at $timestamp NOT NULL,
    likes BIGINT,
    comments BIGINT,
    PRIMARY KEY (pk, observed_at)
);

CREATE TABLE hashtags (
    tag TEXT NOT NULL PRIMARY KEY,
    posts_count BIGINT,
    fetched_at $timestamp NOT NULL
);

CREATE TABLE post_hashtags (
    pk TEXT NOT NULL REFERENCES posts (pk),
    tag TEXT NOT NULL,
    page_rank INTEGER,
    seen_at $timestamp,
    PRIMARY KEY (pk, tag)
);

CREATE INDEX post_hashtags_of_tag ON post_hashtags (tag, page_rank);

CREATE TABLE images (
    sha256 TEXT NOT NULL PRIMARY KEY,
    byte_size BIGINT NOT NULL,
    width INTEGER,
    height INTEGER,
    added_at $timestamp NOT NULL
);

CREATE TABLE embeddings (
    model_id TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    dim INTEGER NOT NULL,
    vector $bytes NOT NULL,
    PRIMARY KEY (model_id, sha256)
);

CREATE TABLE predictions (
    id TEXT NOT NULL PRIMARY KEY,
    handle TEXT NOT NULL,
    image_sha256 TEXT NOT NULL,
    tags TEXT NOT NULL,
    models TEXT NOT NULL,
    followers BIGINT NOT NULL,
    usual_rate $double NOT NULL,
    set_score $double NOT NULL,
    rate $double NOT NULL,
    low $double,
    median $double NOT NULL,
    high $double,
    coverage $double NOT NULL,
    history INTEGER NOT NULL,
    made_at $timestamp NOT NULL
);

CREATE INDEX predictions_of_handle ON predictions (handle, made_at);

CREATE TABLE jobs (
    key TEXT NOT NULL PRIMARY KEY,
    state TEXT NOT NULL,
    done INTEGER NOT NULL,
    total INTEGER,
    cursor TEXT,
    error TEXT,
    started_at $timestamp NOT NULL,
    heartbeat_at $timestamp NOT NULL
);
