package io.entrepot.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The part of {@link SettingsTable} about several nodes on one database. */
final class ClusterTable {
  static final Setting<URI> ADDRESS =
      new Setting<>(
          "cluster.address",
          Syntax.origin(),
          "",
          "The URL by which the other nodes reach this one, such as `https://10.0.0.1:5001`. With"
              + " it, this cache is a node of the cluster that uses the same PostgreSQL.");
  static final Setting<Path> SECRETFILE =
      new Setting<>(
          "cluster.secretfile",
          Syntax.path(),
          "",
          "A file with a secret of at least 32 characters, the same on all nodes. It must not be"
              + " readable by all.");
  static final Setting<String> NODE =
      new Setting<>(
          "cluster.node",
          Syntax.nodeName(),
          "",
          "The name of this node. Without it, the name of its host.");
  static final Setting<Boolean> INSECURE =
      new Setting<>(
          "cluster.insecure",
          Syntax.bool(),
          "false",
          "Whether nodes may talk to each other without TLS. Needed where `cluster.address` is"
              + " http.");
  static final Setting<Path> CA =
      new Setting<>(
          "cluster.ca",
          Syntax.path(),
          "",
          "A PEM file with certificates of authorities. They are trusted for other nodes besides"
              + " those of the Java runtime.");
  static final Setting<Duration> OUTAGE =
      new Setting<>(
          "cluster.outage",
          Syntax.duration("0s", "7d"),
          "15m",
          "For how long what a node has in memory counts while the database cannot be reached.");

  /** In the order in which people should read them. */
  static final List<Setting<?>> ALL = List.of(ADDRESS, SECRETFILE, NODE, INSECURE, CA, OUTAGE);

  private ClusterTable() {}
}
