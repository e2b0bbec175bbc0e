-- The nodes of a cluster, and what they tell each other. PostgreSQL only. All times are the database's.

CREATE TABLE IF NOT EXISTS node (
  name VARCHAR(63) NOT NULL PRIMARY KEY,
  address VARCHAR(300) NOT NULL,
  version VARCHAR(100) NOT NULL,
  started TIMESTAMPTZ NOT NULL,
  seen TIMESTAMPTZ NOT NULL
);

-- What was changed, in the transaction that changed it. A reader finds what its last snapshot did not
-- show by the number of the transaction, so it does not matter in which order transactions end.
CREATE TABLE IF NOT EXISTS change (
  xid XID8 DEFAULT pg_current_xact_id() NOT NULL,
  node VARCHAR(63) NOT NULL,
  kind VARCHAR(8) NOT NULL,
  changed VARCHAR(800) NOT NULL,
  at TIMESTAMPTZ DEFAULT clock_timestamp() NOT NULL
);

CREATE INDEX IF NOT EXISTS change_by_xid ON change (xid);
CREATE INDEX IF NOT EXISTS change_by_age ON change (at);

-- One row: by which nodes see that they have the same secret. It tells nothing of the secret.
CREATE TABLE IF NOT EXISTS cluster_mark (
  one INTEGER NOT NULL PRIMARY KEY,
  mark VARCHAR(64) NOT NULL
);

-- What Quartz needs for leases that several nodes end, besides the tables of leases.
CREATE TABLE IF NOT EXISTS qrtz_locks (
  sched_name VARCHAR(40) NOT NULL,
  lock_name VARCHAR(40) NOT NULL,
  PRIMARY KEY (sched_name, lock_name)
);

CREATE TABLE IF NOT EXISTS qrtz_scheduler_state (
  sched_name VARCHAR(40) NOT NULL,
  instance_name VARCHAR(63) NOT NULL,
  last_checkin_time BIGINT NOT NULL,
  checkin_interval BIGINT NOT NULL,
  PRIMARY KEY (sched_name, instance_name)
);
