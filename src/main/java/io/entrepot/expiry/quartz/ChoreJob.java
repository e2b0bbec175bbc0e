package io.entrepot.expiry.quartz;

import java.util.Map;
import org.quartz.Job;
import org.quartz.JobExecutionContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one job of all chores: runs the one whose time has come. */
public final class ChoreJob implements Job {
  /** Of the triggers of chores, which are no leases. */
  public static final String GROUP = "chore";

  private static final Logger log = LoggerFactory.getLogger(ChoreJob.class);

  private final Map<String, Runnable> chores;

  public ChoreJob(Map<String, Runnable> chores) {
    this.chores = chores;
  }

  /** A trigger that another version left, for a chore that is not known, runs nothing. */
  @Override
  public void execute(JobExecutionContext context) {
    String name = context.getTrigger().getKey().getName();
    Runnable chore = chores.get(name);
    if (chore == null) {
      return;
    }
    try {
      chore.run();
    } catch (RuntimeException e) {
      log.warn("The chore {} failed; its next time comes", name, e);
    }
  }
}
