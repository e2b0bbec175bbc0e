package io.entrepot.database;

/** Whether what a node has in memory of the database still counts. Never waits. Thread-safe. */
public interface Knowledge {
  /** Of a node that is alone: nobody else changes the database. */
  Knowledge ALONE =
      new Knowledge() {
        @Override
        public boolean isCurrent() {
          return true;
        }

        @Override
        public boolean countsInOutage() {
          return true;
        }
      };

  /** Whether memory may answer without asking the database. */
  boolean isCurrent();

  /** Whether memory may answer where the database has failed. */
  boolean countsInOutage();
}
