package io.entrepot.upstream.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.fixture.Content;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.Recorded;
import io.entrepot.fixture.Reply;
import io.entrepot.fixture.ScriptedServer;
import io.entrepot.oci.Cost;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.upstream.credentials.CredentialSource;
import io.entrepot.upstream.credentials.Credentials;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;

/** A registry whose tokens come from a realm that a test scripts. */
abstract class RealmFixture {
  static final byte[] BYTES = "bytes".getBytes(UTF_8);
  static final Digest DIGEST = Digest.ofBytes(Digest.Algorithm.SHA256, BYTES);
  static final RepositoryName A = RepositoryName.of("team-a/app");
  static final RepositoryName B = RepositoryName.of("team-b/app");
  static final Credentials ANN = new Credentials.Password("ann", "hunter2");

  final Bench bench = new Bench(FakeRegistry.start());
  private @Nullable ScriptedServer server;

  @AfterEach
  void close() {
    bench.close();
    if (server != null) {
      server.close();
    }
  }

  final HttpRegistry upstream(Function<Recorded, Reply> answers) {
    return upstream(answers, options -> options);
  }

  final HttpRegistry upstream(
      Function<Recorded, Reply> answers, UnaryOperator<RegistryOptions> change) {
    ScriptedServer started = ScriptedServer.start(answers);
    server = started;
    return bench.upstream(options -> change.apply(options.wire(wire -> wire.at(started.uri()))));
  }

  static UnaryOperator<RegistryOptions> with(Credentials credentials) {
    return options -> options.auth(a -> a.withCredentials(CredentialSource.of(credentials)));
  }

  final byte[] fetch(HttpRegistry upstream, RepositoryName repository) throws Exception {
    return Bench.fetch(upstream, repository, DIGEST, new Cost());
  }

  final List<String> lines() {
    List<String> lines = server().lines();
    server().clearRequests();
    return lines;
  }

  final ScriptedServer server() {
    ScriptedServer now = server;
    if (now == null) {
      throw new IllegalStateException("not started");
    }
    return now;
  }

  static Reply blob() {
    return Reply.of(200, Content.of(BYTES));
  }

  final Reply challenge(String realm, String scope) {
    return Reply.error(401, "UNAUTHORIZED", "token, please")
        .header(
            "WWW-Authenticate",
            "Bearer realm=\"" + realm + "\",service=\"s\",scope=\"" + scope + "\"");
  }

  static Reply token(String token) {
    return Reply.json(200, "{\"token\":\"" + token + "\",\"expires_in\":300}");
  }

  static boolean has(Recorded request, String token) {
    return ("Bearer " + token).equals(request.header("Authorization"));
  }

  static String scope(Recorded request) {
    String[] parts = request.path().split("/", -1);
    return "repository:" + parts[2] + "/" + parts[3] + ":pull";
  }
}
