package io.entrepot.config;

import io.entrepot.fixture.FakeCertificate;
import io.entrepot.store.s3.BucketPlace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The cases of {@link SettingsFromSourcesTest} for a bucket. */
final class BucketCases {
  private static final String BESIDE = "storage.s3.bucket: goods\n";

  static List<SettingCase> all(FakeCertificate certificate) {
    return List.of(
        new SettingCase(
            "storage.s3.bucket",
            "my.goods-1",
            s -> s.resources().bucket().map(BucketPlace::bucket),
            Optional.empty(),
            Optional.of("my.goods-1")),
        inService("region", "eu-central-1", BucketPlace.Service::region, "eu-central-1"),
        inService(
            "endpoint",
            "https://S3.example:9000/",
            BucketPlace.Service::endpoint,
            URI.create("https://s3.example:9000")),
        new SettingCase(
            "storage.s3.prefix",
            "a/b",
            s -> s.resources().bucket().map(BucketPlace::prefix),
            Optional.empty(),
            Optional.of("a/b/"),
            BESIDE),
        new SettingCase(
            "storage.s3.accesskey",
            "AKIA",
            s -> keys(s).map(BucketPlace.Keys::accessKey),
            Optional.empty(),
            Optional.of("AKIA"),
            BESIDE + "storage.s3.secretkey: x\n"),
        new SettingCase(
            "storage.s3.secretkey",
            "pass",
            s -> keys(s).map(BucketPlace.Keys::secretKey),
            Optional.empty(),
            Optional.of("pass"),
            BESIDE + "storage.s3.accesskey: x\n"),
        new SettingCase(
            "storage.s3.secretkeyfile",
            file().toString(),
            s -> keys(s).map(BucketPlace.Keys::secretKey),
            Optional.empty(),
            Optional.of("from a file"),
            BESIDE + "storage.s3.accesskey: x\n"),
        inService("pathstyle", "true", service -> Optional.of(service.pathStyle()), true),
        new SettingCase(
            "storage.s3.sse",
            "aws:kms",
            s -> s.resources().bucket().flatMap(BucketPlace::encryption),
            Optional.empty(),
            Optional.of("aws:kms"),
            BESIDE),
        new SettingCase(
            "storage.s3.redirect",
            "true",
            s -> s.resources().bucket().flatMap(BucketPlace::redirect),
            Optional.empty(),
            Optional.of(URI.create("https://s3.example")),
            BESIDE + "storage.s3.publicendpoint: https://s3.example\n"),
        new SettingCase(
            "storage.s3.publicendpoint",
            "https://s3.example:444",
            s -> s.resources().bucket().flatMap(BucketPlace::redirect),
            Optional.empty(),
            Optional.of(URI.create("https://s3.example:444")),
            BESIDE + "storage.s3.redirect: true\n"),
        new SettingCase(
            "storage.s3.quota",
            "2TiB",
            s -> s.resources().bucket().map(BucketPlace::quota),
            Optional.empty(),
            Optional.of(2L << 40),
            BESIDE),
        inService(
            "ca",
            certificate.pem().toString(),
            service -> Optional.of(service.authorities()),
            List.of(certificate.certificate())));
  }

  private BucketCases() {}

  private static SettingCase inService(
      String name, String text, Function<BucketPlace.Service, Optional<?>> get, Object value) {
    return new SettingCase(
        "storage.s3." + name,
        text,
        s -> s.resources().bucket().map(BucketPlace::service).flatMap(get),
        Optional.empty(),
        Optional.of(value),
        BESIDE);
  }

  private static Optional<BucketPlace.Keys> keys(Settings settings) {
    return settings.resources().bucket().flatMap(BucketPlace::keys);
  }

  private static Path file() {
    try {
      Path file = Files.createTempFile("secret", "");
      file.toFile().deleteOnExit();
      return Files.writeString(file, "from a file\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
