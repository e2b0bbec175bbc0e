package io.entrepot.config;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Optional;
import java.util.Set;

/** Reads how this cache is a node of a cluster. */
final class ClusterReader {
  private static final int MIN_SECRET = 32;

  private final Values values;
  private final Findings findings;

  ClusterReader(Values values, Findings findings) {
    this.values = values;
    this.findings = findings;
  }

  /** Empty if it is alone. */
  Optional<Settings.Cluster> read() {
    for (Setting<?> setting : ClusterTable.ALL) {
      values.requireBeside(setting, ClusterTable.ADDRESS);
    }
    values.requireBeside(ClusterTable.ADDRESS, ClusterTable.SECRETFILE);
    Optional<URI> address = values.given(ClusterTable.ADDRESS);
    if (address.isEmpty()) {
      return Optional.empty();
    }
    checkScheme(address.get());
    return Optional.of(
        new Settings.Cluster(
            address.get(),
            secret(),
            node(),
            new TlsReader(values, findings).certificates(ClusterTable.CA),
            values.value(ClusterTable.OUTAGE)));
  }

  private void checkScheme(URI address) {
    if (!address.getScheme().equals("https") && !values.value(ClusterTable.INSECURE)) {
      values.bad(
          ClusterTable.ADDRESS, "http only with cluster.insecure, in a network of their own");
    }
  }

  private String node() {
    Optional<String> given = values.given(ClusterTable.NODE);
    if (given.isPresent() || values.isGiven(ClusterTable.NODE)) {
      return given.orElse("");
    }
    try {
      return ClusterTable.NODE.syntax().parser().apply(InetAddress.getLocalHost().getHostName());
    } catch (UnknownHostException | IllegalArgumentException e) {
      findings.problem("cluster.node", "this host has no name that a node can have; give it one");
      return "";
    }
  }

  private Secret secret() {
    if (!values.isGiven(ClusterTable.SECRETFILE)) {
      return Secret.of("");
    }
    Secret secret = values.secretIn(ClusterTable.SECRETFILE);
    int length = secret.reveal().length();
    if (length > 0 && length < MIN_SECRET) {
      values.bad(ClusterTable.SECRETFILE, "a secret has at least 32 characters");
    }
    values
        .given(ClusterTable.SECRETFILE)
        .map(path -> values.absolute(ClusterTable.SECRETFILE, path))
        .filter(ClusterReader::isOpenToOthers)
        .ifPresent(
            file ->
                values.bad(ClusterTable.SECRETFILE, "everybody can read it: chmod o-r the file"));
    return secret;
  }

  private static boolean isOpenToOthers(Path file) {
    try {
      PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
      if (view == null) {
        return false;
      }
      Set<PosixFilePermission> permissions = view.readAttributes().permissions();
      return permissions.contains(PosixFilePermission.OTHERS_READ);
    } catch (IOException e) {
      return false; // that it cannot be read is reported already
    }
  }
}
