package io.entrepot.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.entrepot.oci.ImageReference;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.RepositoryName;
import io.entrepot.upstream.Offline;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Upstreams that are parts of a registry: their URLs have a path. */
class UpstreamPartsTest {
  private static final String HARBOR = "harbor.example";

  private static ProxiedUpstream part(String name, String path) {
    Names names =
        new Names(
            name,
            Set.of(name),
            Set.of(),
            false,
            Optional.of(new Names.Part(HARBOR, RepositoryName.of(path))));
    return at(names, "https://" + HARBOR + "/" + path);
  }

  private static ProxiedUpstream at(Names names, String url) {
    return new ProxiedUpstream(
        names,
        TestSources.RULES,
        new Offline(),
        new ProxiedUpstream.Workers(Runnable::run, Runnable::run),
        URI.create(url),
        () -> new UpstreamStatus(names.name(), false, List.of()));
  }

  private static final ProxiedUpstream HUB_PROXY = part("hubproxy", "proxy-cache");
  private static final ProxiedUpstream DEEP = part("deep", "proxy-cache/deep");
  private static final ProxiedUpstream WHOLE =
      at(new Names("whole", Set.of("whole", HARBOR), Set.of(), false), "https://" + HARBOR);
  private static final ProxiedUpstream DEFAULT =
      TestSources.upstream(
          TestSources.names("main.example"), TestSources.RULES, new Offline(), Runnable::run);

  private final Sources parts = new Sources(DEFAULT, List.of(HUB_PROXY, DEEP));
  private final Sources withWhole = new Sources(DEFAULT, List.of(WHOLE, HUB_PROXY, DEEP));

  @ParameterizedTest
  @CsvSource({
    "proxy-cache/library/alpine, harbor.example, hubproxy/library/alpine",
    "proxy-cache/library/alpine, HARBOR.example.:443, hubproxy/library/alpine",
    "harbor.example/proxy-cache/app, harbor.example, hubproxy/app",
    "proxy-cache/proxy-cache/app, harbor.example, hubproxy/proxy-cache/app",
    "proxy-cache/deep/app, harbor.example, deep/app",
    "proxy-cache/deeper/app, harbor.example, hubproxy/deeper/app",
    "proxy-cache/deep, harbor.example, hubproxy/deep",
    "library/alpine, hubproxy, hubproxy/library/alpine",
    "proxy-cache/alpine, hubproxy, hubproxy/proxy-cache/alpine",
  })
  void pathOfTheRequestDecidesWhichPartOfTheHostIsMeant(
      String asked, String namespace, String repository) {
    for (Sources sources : List.of(parts, withWhole)) {
      assertThat(sources.trace(RepositoryName.of(asked), namespace, null).source().repository())
          .isEqualTo(RepositoryName.of(repository));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"library/alpine", "proxy-cache", "proxy-cacheX/app", "other/proxy-cache/x"})
  void whatIsInNoPartIsNoUpstreamOfThisCache(String asked) {
    RepositoryName name = RepositoryName.of(asked.toLowerCase(java.util.Locale.ROOT));
    assertThatExceptionOfType(OciException.class)
        .isThrownBy(() -> parts.trace(name, HARBOR, null))
        .withMessageContaining(
            "but only harbor.example/proxy-cache/deep, harbor.example/proxy-cache;")
        .satisfies(e -> assertThat(e.error()).isEqualTo(OciError.NAME_UNKNOWN));
    assertThat(withWhole.trace(name, HARBOR, null).source().repository())
        .isEqualTo(RepositoryName.of("whole/" + name));
  }

  @Test
  void imageReferenceOfTheHostFollowsTheSameRule() {
    ImageReference asked = ImageReference.parse("harbor.example/proxy-cache/deep/app:1");
    assertThat(parts.trace(asked, null, null).source().repository())
        .isEqualTo(RepositoryName.of("deep/app"));
  }

  @Test
  void partsOfOneHostHaveNamesOfTheirOwnInMetrics() {
    assertThat(HUB_PROXY.meterName()).isEqualTo("harbor.example/proxy-cache");
    assertThat(WHOLE.meterName()).isEqualTo("harbor.example");
  }
}
