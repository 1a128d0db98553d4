-- +goose Up

-- One row for each POST that came with an Idempotency-Key, written by the
-- statement that wrote the fruit. key is the SHA-256 of the header's value,
-- body that of the fields that were sent.
CREATE TABLE idempotency (
    key bytea CONSTRAINT idempotency_pkey PRIMARY KEY,
    body bytea NOT NULL,
    fruit_id integer NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX idempotency_created_at ON idempotency USING brin (created_at);

-- +goose Down
DROP TABLE idempotency;
