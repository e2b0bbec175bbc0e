package io.entrepot.config;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** The part of {@link SettingsTable} about an S3 bucket. */
final class BucketTable {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{1,61}[A-Za-z0-9]");
  private static final Pattern REGION = Pattern.compile("[a-z0-9-]{1,50}");
  private static final Pattern PREFIX = Pattern.compile("[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*/?");
  private static final Pattern KEY = Pattern.compile("[!-~]{1,128}");
  private static final List<String> ENCRYPTIONS = List.of("AES256", "aws:kms", "aws:kms:dsse");
  private static final int MAX_PREFIX = 200;

  static final Setting<String> BUCKET =
      new Setting<>(
          "storage.s3.bucket",
          Syntax.plain(
              "name of a bucket", text -> matching(NAME, text, "3 to 63 letters and digits")),
          "",
          "The S3 bucket in which blobs are kept. The storage folder then holds copies of those"
              + " that are used. It needs a PostgreSQL.");
  static final Setting<String> REGION_NAME =
      new Setting<>(
          "storage.s3.region",
          Syntax.plain("name of a region", text -> matching(REGION, text, "such as eu-central-1")),
          "",
          "The region of the bucket. If it is not set: what the environment says (`AWS_REGION`), or"
              + " `us-east-1` where `storage.s3.endpoint` is set.");
  static final Setting<URI> ENDPOINT =
      new Setting<>(
          "storage.s3.endpoint",
          Syntax.origin(),
          "",
          "The URL of an S3 service of your own. Without it, the bucket is at AWS.");
  static final Setting<String> PREFIX_OF_KEYS =
      new Setting<>(
          "storage.s3.prefix",
          Syntax.plain("beginning of keys", BucketTable::toPrefix),
          "",
          "What the keys of all objects begin with. Each cluster needs a prefix of its own.");
  static final Setting<String> ACCESSKEY =
      new Setting<>(
          "storage.s3.accesskey",
          Syntax.plain("access key", text -> matching(KEY, text, "without blanks")),
          "",
          "The access key for the bucket. Without it, the AWS SDK looks in its usual places: the"
              + " environment, `~/.aws`, the machine's role.");
  static final Setting<Secret> SECRETKEY =
      new Setting<>("storage.s3.secretkey", Syntax.secret(), "", "The secret of the access key.");
  static final Setting<Path> SECRETKEYFILE =
      new Setting<>(
          "storage.s3.secretkeyfile",
          Syntax.path(),
          "",
          "A file with this secret instead, which is read at the start.");
  static final Setting<Boolean> PATHSTYLE =
      new Setting<>(
          "storage.s3.pathstyle",
          Syntax.bool(),
          "false",
          "Whether the name of the bucket stands in the path of URLs, and not in the host. Many"
              + " services of one's own need it.");
  static final Setting<Path> CA =
      new Setting<>(
          "storage.s3.ca",
          Syntax.path(),
          "",
          "A PEM file with certificates of authorities. They are trusted for the bucket besides"
              + " those of the Java runtime.");
  static final Setting<String> SSE =
      new Setting<>(
          "storage.s3.sse",
          Syntax.plain(
              "AES256, aws:kms or aws:kms:dsse",
              text -> {
                Syntax.require(ENCRYPTIONS.contains(text), "written as here");
                return text;
              }),
          "",
          "How the bucket encrypts objects. Without it, as the bucket does by itself.");
  static final Setting<Boolean> REDIRECT =
      new Setting<>(
          "storage.s3.redirect",
          Syntax.bool(),
          "false",
          "Whether a client that pulls a blob which is not near is sent to the bucket, by a URL"
              + " that counts for 60 s. [Clients at the bucket](bucket.md#clients-at-the-bucket)"
              + " says what is lost by that.");
  static final Setting<URI> PUBLICENDPOINT =
      new Setting<>(
          "storage.s3.publicendpoint",
          Syntax.origin(),
          "",
          "The URL by which clients reach the service of the bucket, for `storage.s3.redirect`.");

  static final Setting<Long> QUOTA =
      new Setting<>(
          "storage.s3.quota",
          Syntax.size(),
          "0",
          "How much the bucket may hold. If it has more, the images that were not used for longest"
              + " go, down to `storage.lowwater`. One node decides, each minute. `0` is no limit.");

  /** In the order in which people should read them. */
  static final List<Setting<?>> ALL =
      List.of(
          BUCKET,
          REGION_NAME,
          ENDPOINT,
          PREFIX_OF_KEYS,
          ACCESSKEY,
          SECRETKEY,
          SECRETKEYFILE,
          PATHSTYLE,
          CA,
          SSE,
          REDIRECT,
          PUBLICENDPOINT,
          QUOTA);

  private BucketTable() {}

  private static String matching(Pattern pattern, String text, String hint) {
    Syntax.require(pattern.matcher(text).matches(), hint);
    return text;
  }

  /** Ends with a slash. */
  private static String toPrefix(String text) {
    Syntax.require(
        text.length() <= MAX_PREFIX && PREFIX.matcher(text).matches(),
        "up to 200 letters, digits and ._-, with single slashes between them");
    return text.endsWith("/") ? text : text + "/";
  }
}
