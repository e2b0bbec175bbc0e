package io.entrepot.config;

import io.entrepot.cache.prefetch.PrefetchPlan;
import io.entrepot.catalog.Pin;
import io.entrepot.spool.Spool;
import io.entrepot.spool.StorageQuota;
import io.entrepot.upstream.wire.OutboundProxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Reads all settings. A bad value is reported and the default is used instead, so that all other
 * settings are checked too.
 */
final class SettingsReader {
  private final Findings findings = new Findings();
  private final SettingSources sources;
  private final Values values;

  SettingsReader(SettingSources sources) {
    this.sources = sources;
    values = new Values(sources, findings);
  }

  Settings read() {
    Settings.Http http =
        new Settings.Http(
            new Settings.Listening(values.value(SettingsTable.HTTP_ADDR), admin()),
            values.given(SettingsTable.HTTP_HOST),
            values.given(SettingsTable.HTTP_TRUSTEDPROXIES).orElse(List.of()),
            values.value(SettingsTable.HTTP_DRAINTIMEOUT),
            new Settings.Clients(
                values.value(SettingsTable.HTTP_MINRATE),
                values.value(SettingsTable.HTTP_PATIENCE),
                values.given(SettingsTable.HTTP_MAXPERCLIENT)),
            new TlsReader(values, findings).server(),
            values.value(SettingsTable.HTTP_HSTS));
    int maxFills = values.value(SettingsTable.PROXY_MAXFILLS);
    Settings.Upstream proxy = upstream(UpstreamKeys.DEFAULT, maxFills, Optional.empty());
    List<Settings.Upstream> upstreams =
        values.upstreams().stream()
            .map(
                name ->
                    upstream(
                        new UpstreamKeys(name),
                        maxFills,
                        Optional.ofNullable(proxy.wire().proxy())))
            .toList();
    UpstreamReader.warnOfNarrowCap(values, SettingsTable.LIMITS_MAXREQUESTS, maxFills, findings);
    new NameClashes(findings).report(proxy, upstreams);
    Settings.Storage storage =
        new Settings.Storage(
            rootDirectory(),
            new Spool.Limits(
                values.value(SettingsTable.STORAGE_RESERVE),
                new StorageQuota(
                    values.value(SettingsTable.STORAGE_QUOTA),
                    values.value(SettingsTable.STORAGE_LOWWATER))),
            values.value(SettingsTable.STORAGE_RESUMABLE),
            values.value(SettingsTable.STORAGE_UNLINKGRACE),
            values.value(SettingsTable.STORAGE_VERIFYAFTER),
            values.value(SettingsTable.STORAGE_SCRUBRATE),
            importDirectory());
    CanonicalPatterns patterns =
        new CanonicalPatterns(
            proxy.names(), upstreams.stream().map(Settings.Upstream::names).toList());
    PinSyntax syntax = new PinSyntax(patterns);
    Settings.Expiry expiry =
        new Settings.Expiry(
            values.value(SettingsTable.EXPIRY_MAXPERSECOND), pins(patterns), syntax);
    Settings.Resources resources =
        new Settings.Resources(
            resource(SettingsTable.DATASOURCE),
            new DatabaseReader(values).read(),
            new ClusterReader(values, findings).read(),
            new BucketReader(values, findings).read(),
            resource(SettingsTable.THREADFACTORY),
            new Settings.Log(
                values.value(SettingsTable.LOG_FORMAT), values.value(SettingsTable.LOG_LEVEL)));
    Settings.Limits limits =
        new Settings.Limits(
            values.value(SettingsTable.LIMITS_MAXREQUESTS),
            values.value(SettingsTable.LIMITS_BANDWIDTH));
    Optional<Protection> protection =
        new ProtectionReader(values, findings).read(http, proxy, upstreams);
    List<PrefetchPlan> prefetches = prefetches(syntax);
    values.reportAll();
    findings.throwIfAnyProblem();
    return new Settings(
        http,
        new Settings.Upstreams(proxy, upstreams, maxFills, limits, prefetches),
        storage,
        expiry,
        resources,
        protection,
        new Settings.Remarks(findings.warnings(), values.chosen()));
  }

  /** Both settings close the other ports, also where only one of them is of use. */
  private Optional<Settings.Admin> admin() {
    Optional<Address> address = values.given(SettingsTable.HTTP_ADMINADDR);
    Optional<Integer> port = values.given(SettingsTable.HTTP_ADMINPORT);
    Address clients = values.value(SettingsTable.HTTP_ADDR);
    if (address.isPresent()
        && (address.get().port() == 0 || address.get().port() == clients.port())) {
      values.bad(
          SettingsTable.HTTP_ADMINADDR, "a port of its own, not 0 and not that of http.addr");
    }
    if (address.isPresent() && port.isPresent() && address.get().port() != port.get()) {
      values.bad(SettingsTable.HTTP_ADMINPORT, "http.adminaddr has another port");
    }
    return address.map(Address::port).or(() -> port).map(open -> new Settings.Admin(address, open));
  }

  private Settings.Upstream upstream(
      UpstreamKeys keys, int maxFills, Optional<OutboundProxy> inherited) {
    return new UpstreamReader(sources, values, keys, findings).read(maxFills, inherited);
  }

  private List<Pin> pins(CanonicalPatterns patterns) {
    List<Pin> pins = values.each(SettingsTable.EXPIRY_PINS, patterns::of);
    if (pins.size() > Syntax.MAX_PINS) {
      values.bad(
          SettingsTable.EXPIRY_PINS,
          "patterns with * or ? and without a slash count twice, once for Docker Hub's library/");
    }
    return pins;
  }

  private List<PrefetchPlan> prefetches(PinSyntax syntax) {
    try {
      return values.value(SettingsTable.PREFETCH).stream().map(one -> one.plan(syntax)).toList();
    } catch (IllegalArgumentException e) {
      values.bad(SettingsTable.PREFETCH, String.valueOf(e.getMessage()));
      return List.of();
    }
  }

  private Settings.Resource resource(Setting<String> setting) {
    return new Settings.Resource(values.value(setting), values.isGiven(setting));
  }

  private Path rootDirectory() {
    Setting<Path> setting = SettingsTable.STORAGE_ROOTDIRECTORY;
    Path path = values.absolute(setting, values.value(setting));
    if (Files.exists(path) && !Files.isDirectory(path)) {
      values.bad(setting, "it is a file, not a folder");
    }
    return path;
  }

  private Optional<Path> importDirectory() {
    Setting<Path> setting = SettingsTable.IMPORT_DIR;
    Optional<Path> path = values.given(setting).map(dir -> values.absolute(setting, dir));
    if (path.isPresent() && !Files.isDirectory(path.get())) {
      values.bad(setting, "there is no such folder");
    }
    return path;
  }
}
