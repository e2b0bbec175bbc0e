package io.entrepot.expiry.quartz;

import java.util.Map;
import org.quartz.Job;
import org.quartz.JobExecutionContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The job of all chores: runs the chore that its trigger is named after. */
final class ChoreJob implements Job {
  /** The group of the triggers of chores, which are no leases. */
  static final String GROUP = "chore";

  private static final Logger log = LoggerFactory.getLogger(ChoreJob.class);

  private final Map<String, QuartzLeases.Chore> chores;

  ChoreJob(Map<String, QuartzLeases.Chore> chores) {
    this.chores = chores;
  }

  /** Runs nothing for a chore that is not known: another version has left its trigger. */
  @Override
  public void execute(JobExecutionContext context) {
    String name = context.getTrigger().getKey().getName();
    QuartzLeases.Chore chore = chores.get(name);
    if (chore == null) {
      return;
    }
    try {
      chore.work().run();
    } catch (RuntimeException e) {
      log.warn("The chore {} failed; its next time comes", name, e);
    }
  }
}
