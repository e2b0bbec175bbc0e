-- lives with: 1
-- Which node fetches a blob from an upstream, or was the last to do so. A claim counts while its node is up.
-- lives with: 1

CREATE SEQUENCE IF NOT EXISTS fill_fence;

CREATE TABLE IF NOT EXISTS fill_claim (
  upstream VARCHAR(300) NOT NULL,
  digest VARCHAR(140) NOT NULL,
  node VARCHAR(63) NOT NULL,
  fence BIGINT NOT NULL,
  at TIMESTAMPTZ DEFAULT clock_timestamp() NOT NULL,
  PRIMARY KEY (upstream, digest)
);

CREATE INDEX IF NOT EXISTS fill_claim_by_age ON fill_claim (at);
