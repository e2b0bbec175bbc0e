-- What Quartz 2.5's JobStoreTX reads and writes when it is alone on its tables. Names and columns
-- are Quartz's; the keys are narrower than it proposes, since a lease is named by its digest. There
-- are no foreign keys: Quartz never relies on one, and each would cost an index per trigger.

CREATE TABLE IF NOT EXISTS qrtz_job_details (
  sched_name VARCHAR(40) NOT NULL,
  job_name VARCHAR(135) NOT NULL,
  job_group VARCHAR(40) NOT NULL,
  description VARCHAR(250),
  job_class_name VARCHAR(250) NOT NULL,
  is_durable BOOLEAN NOT NULL,
  is_nonconcurrent BOOLEAN NOT NULL,
  is_update_data BOOLEAN NOT NULL,
  requests_recovery BOOLEAN NOT NULL,
  job_data BYTEA,
  PRIMARY KEY (sched_name, job_name, job_group)
);

CREATE TABLE IF NOT EXISTS qrtz_triggers (
  sched_name VARCHAR(40) NOT NULL,
  trigger_name VARCHAR(135) NOT NULL,
  trigger_group VARCHAR(40) NOT NULL,
  job_name VARCHAR(135) NOT NULL,
  job_group VARCHAR(40) NOT NULL,
  description VARCHAR(250),
  next_fire_time BIGINT,
  prev_fire_time BIGINT,
  priority INTEGER,
  trigger_state VARCHAR(16) NOT NULL,
  trigger_type VARCHAR(8) NOT NULL,
  start_time BIGINT NOT NULL,
  end_time BIGINT,
  calendar_name VARCHAR(200),
  misfire_instr SMALLINT,
  job_data BYTEA,
  PRIMARY KEY (trigger_name, trigger_group, sched_name)
);

-- The one question asked all the time: what is due next. The index begins with the order asked for,
-- so that H2 reads the first rows off it and does not sort all that is due.
CREATE INDEX IF NOT EXISTS qrtz_triggers_due ON qrtz_triggers (next_fire_time, priority DESC);

CREATE TABLE IF NOT EXISTS qrtz_simple_triggers (
  sched_name VARCHAR(40) NOT NULL,
  trigger_name VARCHAR(135) NOT NULL,
  trigger_group VARCHAR(40) NOT NULL,
  repeat_count BIGINT NOT NULL,
  repeat_interval BIGINT NOT NULL,
  times_triggered BIGINT NOT NULL,
  PRIMARY KEY (trigger_name, trigger_group, sched_name)
);

-- The other kinds of trigger stay empty; Quartz looks for them when it removes what is not there.
CREATE TABLE IF NOT EXISTS qrtz_cron_triggers (
  sched_name VARCHAR(40) NOT NULL,
  trigger_name VARCHAR(135) NOT NULL,
  trigger_group VARCHAR(40) NOT NULL,
  cron_expression VARCHAR(120) NOT NULL,
  time_zone_id VARCHAR(80),
  PRIMARY KEY (trigger_name, trigger_group, sched_name)
);

CREATE TABLE IF NOT EXISTS qrtz_simprop_triggers (
  sched_name VARCHAR(40) NOT NULL,
  trigger_name VARCHAR(135) NOT NULL,
  trigger_group VARCHAR(40) NOT NULL,
  str_prop_1 VARCHAR(512),
  str_prop_2 VARCHAR(512),
  str_prop_3 VARCHAR(512),
  int_prop_1 INTEGER,
  int_prop_2 INTEGER,
  long_prop_1 BIGINT,
  long_prop_2 BIGINT,
  dec_prop_1 NUMERIC(13, 4),
  dec_prop_2 NUMERIC(13, 4),
  bool_prop_1 BOOLEAN,
  bool_prop_2 BOOLEAN,
  PRIMARY KEY (trigger_name, trigger_group, sched_name)
);

CREATE TABLE IF NOT EXISTS qrtz_blob_triggers (
  sched_name VARCHAR(40) NOT NULL,
  trigger_name VARCHAR(135) NOT NULL,
  trigger_group VARCHAR(40) NOT NULL,
  blob_data BYTEA,
  PRIMARY KEY (trigger_name, trigger_group, sched_name)
);

CREATE TABLE IF NOT EXISTS qrtz_paused_trigger_grps (
  sched_name VARCHAR(40) NOT NULL,
  trigger_group VARCHAR(40) NOT NULL,
  PRIMARY KEY (sched_name, trigger_group)
);

CREATE TABLE IF NOT EXISTS qrtz_fired_triggers (
  sched_name VARCHAR(40) NOT NULL,
  entry_id VARCHAR(95) NOT NULL,
  trigger_name VARCHAR(135) NOT NULL,
  trigger_group VARCHAR(40) NOT NULL,
  instance_name VARCHAR(40) NOT NULL,
  fired_time BIGINT NOT NULL,
  sched_time BIGINT NOT NULL,
  priority INTEGER NOT NULL,
  state VARCHAR(16) NOT NULL,
  job_name VARCHAR(135),
  job_group VARCHAR(40),
  is_nonconcurrent BOOLEAN,
  requests_recovery BOOLEAN,
  PRIMARY KEY (sched_name, entry_id)
);
