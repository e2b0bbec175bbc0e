package io.entrepot.config;

import io.entrepot.oci.Cidr;
import io.entrepot.oci.NamePattern;
import io.entrepot.routing.BlobRules;
import io.entrepot.routing.ExpiryPolicy;
import io.entrepot.routing.TagRule;
import io.entrepot.upstream.wire.RedirectTargets;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The cases of {@link SettingsFromSourcesTest} for the use of the upstream. */
final class ProxyCases {
  static final List<SettingCase> ALL =
      List.of(
          new SettingCase(
              "proxy.remoteurl",
              "https://ghcr.io/",
              s -> s.proxy().url(),
              URI.create("https://registry-1.docker.io"),
              URI.create("https://ghcr.io")),
          new SettingCase("proxy.name", "hub", s -> s.proxy().names().name(), "docker.io", "hub"),
          new SettingCase(
              "proxy.mirrors",
              "https://a.example/, https://b.example:5000",
              s -> s.proxy().servers().mirrors(),
              List.of(),
              List.of(URI.create("https://a.example"), URI.create("https://b.example:5000"))),
          new SettingCase(
              "proxy.hosts",
              "Docker.Cache.example, other",
              s -> s.proxy().names().hosts(),
              Set.of(),
              Set.of("docker.cache.example", "other")),
          new SettingCase(
              "proxy.redirects",
              "Minio.example, .s3.example, 10.1.0.0/16, fd00::7",
              s -> s.proxy().wire().redirects(),
              RedirectTargets.NONE,
              new RedirectTargets(
                  List.of("minio.example", ".s3.example"),
                  List.of(Cidr.parse("10.1.0.0/16"), Cidr.parse("fd00::7")))),
          new SettingCase("proxy.offline", "true", s -> s.proxy().servers().offline(), false, true),
          new SettingCase(
              "proxy.tags",
              "v*=immutable, latest=1m",
              s -> s.proxy().rules().freshness().rules(),
              List.of(),
              List.of(
                  new TagRule(new NamePattern("v*"), Optional.empty()),
                  new TagRule(new NamePattern("latest"), Optional.of(Duration.ofMinutes(1))))),
          SettingCase.duration(
              "proxy.maxage", s -> s.proxy().rules().freshness().maxAge(), Duration.ofHours(1)),
          SettingCase.duration(
              "proxy.stalewindow", s -> s.proxy().rules().freshness().staleWindow(), Duration.ZERO),
          SettingCase.duration(
              "proxy.negative",
              s -> s.proxy().rules().freshness().negative(),
              Duration.ofSeconds(5)),
          SettingCase.duration(
              "proxy.cooling", s -> s.proxy().rules().freshness().cooling(), Duration.ZERO),
          new SettingCase(
              "proxy.allow",
              "library/*, team/app",
              s -> s.proxy().rules().admission().allow(),
              List.of(),
              List.of(new NamePattern("library/*"), new NamePattern("team/app"))),
          new SettingCase(
              "proxy.deny",
              "evil/*",
              s -> s.proxy().rules().admission().deny(),
              List.of(),
              List.of(new NamePattern("evil/*"))),
          new SettingCase(
              "proxy.maxblobsize", "1GiB", s -> s.proxy().rules().blobs().maxSize(), 0L, 1L << 30),
          new SettingCase("proxy.quota", "9GiB", s -> s.proxy().rules().quota(), 0L, 9L << 30),
          new SettingCase(
              "proxy.finishfrom", "50", s -> s.proxy().rules().blobs().finishFrom(), 0, 50),
          new SettingCase(
              "proxy.eager",
              "layers",
              s -> s.proxy().rules().blobs().eager(),
              BlobRules.Eager.CONFIG,
              BlobRules.Eager.LAYERS),
          new SettingCase(
              "proxy.parallel", "8", s -> s.proxy().rules().blobs().parts().parallel(), 4, 8),
          new SettingCase(
              "proxy.segment",
              "4MiB",
              s -> s.proxy().rules().blobs().parts().length(),
              16L << 20,
              4L << 20),
          new SettingCase(
              "proxy.breaker.failures", "7", s -> s.proxy().restraint().failures(), 5, 7),
          new SettingCase(
              "proxy.breaker.rest",
              "9s",
              s -> s.proxy().restraint().firstRest(),
              Duration.ofMillis(500),
              Duration.ofSeconds(9)),
          SettingCase.duration(
              "proxy.breaker.maxrest", s -> s.proxy().restraint().maxRest(), Duration.ofSeconds(1)),
          SettingCase.duration(
              "proxy.ratelimit.rest",
              s -> s.proxy().restraint().defaultThrottle(),
              Duration.ofSeconds(30)),
          SettingCase.duration(
              "proxy.ratelimit.maxrest",
              s -> s.proxy().restraint().maxThrottle(),
              Duration.ofMinutes(10)),
          new SettingCase(
              "proxy.ratelimit.scarce", "0", s -> s.proxy().restraint().scarcePercent(), 10, 0),
          new SettingCase("proxy.maxrequests", "33", s -> s.proxy().limits().requests(), 0, 33),
          new SettingCase(
              "proxy.bandwidth", "1MiB", s -> s.proxy().limits().bytesPerSecond(), 0L, 1L << 20),
          SettingCase.duration(
              "proxy.ttl", s -> s.proxy().rules().expiry().ttl(), Duration.ofDays(7)),
          new SettingCase(
              "proxy.expire",
              "after-fetch",
              s -> s.proxy().rules().expiry().basis(),
              ExpiryPolicy.Basis.AFTER_USE,
              ExpiryPolicy.Basis.AFTER_FETCH),
          SettingCase.duration(
              "proxy.revalidate", s -> s.proxy().rules().freshness().revalidate(), Duration.ZERO),
          new SettingCase(
              "proxy.keepdeleted",
              "true",
              s -> s.proxy().rules().freshness().keepDeleted(),
              false,
              true),
          SettingCase.duration(
              "proxy.deadline", s -> s.proxy().rules().deadline(), Duration.ofSeconds(5)),
          SettingCase.duration(
              "proxy.connecttimeout",
              s -> s.proxy().wire().timeouts().connect(),
              Duration.ofSeconds(5)),
          SettingCase.duration(
              "proxy.responsetimeout",
              s -> s.proxy().wire().timeouts().response(),
              Duration.ofSeconds(30)),
          SettingCase.duration(
              "proxy.idletimeout", s -> s.proxy().wire().timeouts().idle(), Duration.ofSeconds(30)),
          new SettingCase("proxy.maxfills", "56", s -> s.maxFills(), 32, 56),
          new SettingCase(
              "proxy.maxconnections", "40", s -> s.proxy().wire().maxConnections(), 64, 40));

  private ProxyCases() {}
}
