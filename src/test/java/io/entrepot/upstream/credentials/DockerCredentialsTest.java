package io.entrepot.upstream.credentials;

import static io.entrepot.upstream.registry.Bench.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.fixture.FakeHelper;
import io.entrepot.fixture.TestClock;
import io.entrepot.upstream.UpstreamException.Failure;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DockerCredentialsTest {
  private static final String AUTH =
      "\"auths\":{\"ghcr.io\":{\"username\":\"ann\",\"password\":\"%s\"}}";

  @TempDir Path folder;
  private final TestClock clock = new TestClock();

  private Path write(String json) throws IOException {
    return Files.writeString(folder.resolve("config.json"), "{" + json + "}");
  }

  private DockerCredentials open(Path path) throws IOException {
    Helpers helpers =
        new Helpers(List.of(folder), Duration.ofSeconds(20), Duration.ofHours(1), clock);
    return DockerCredentials.open(path, URI.create("https://ghcr.io"), helpers);
  }

  private static Credentials ann(String password) {
    return new Credentials.Password("ann", password);
  }

  @Test
  void changedFileIsFollowed() throws Exception {
    DockerCredentials source = open(write(AUTH.formatted("one")));
    assertThat(source.current()).isEqualTo(ann("one"));

    write(AUTH.formatted("three"));
    assertThat(source.current()).isEqualTo(ann("three"));

    write(AUTH.formatted("seven"));
    assertThat(source.renew(ann("three"))).isEqualTo(ann("seven"));
  }

  @Test
  void helperIsAskedInTheNameOfTheRegistry() throws Exception {
    FakeHelper fake = new FakeHelper(folder, "fake").answers("ann", "h1");
    DockerCredentials source = open(write("\"credHelpers\":{\"ghcr.io\":\"fake\"}"));

    assertThat(source.isAnonymous()).isFalse();
    assertThat(source.current()).isEqualTo(ann("h1"));
    fake.answers("ann", "h2");
    assertThat(source.current()).isEqualTo(ann("h1"));
    assertThat(source.renew(ann("h1"))).isEqualTo(ann("h2"));
    assertThat(fake.asked()).containsExactly("get ghcr.io", "get ghcr.io");
  }

  @Test
  void helperThatHasNoneLeavesWhatStandsInTheFile() throws Exception {
    new FakeHelper(folder, "fake").hasNone();
    DockerCredentials source = open(write("\"credsStore\":\"fake\"," + AUTH.formatted("stored")));

    assertThat(source.current()).isEqualTo(ann("stored"));
    assertThat(source.renew(ann("stored"))).isEqualTo(ann("stored"));
  }

  @Test
  void answerOfTheHelperOutlastsOtherChangesOfTheFile() throws Exception {
    FakeHelper fake = new FakeHelper(folder, "fake").answers("ann", "h1");
    DockerCredentials source = open(write("\"credsStore\":\"fake\""));
    source.current();

    write("\"credsStore\":\"fake\"," + AUTH.formatted("stored"));

    assertThat(source.current()).isEqualTo(ann("h1"));
    assertThat(fake.asked()).hasSize(1);
  }

  @Test
  void helperThatIsNamedLaterIsUsed() throws Exception {
    DockerCredentials source = open(write(""));
    assertThat(source.isAnonymous()).isTrue();
    assertThat(source.current()).isEqualTo(Credentials.ANONYMOUS);

    new FakeHelper(folder, "fake").answers("ann", "h1");
    write("\"credsStore\":\"fake\"");

    assertThat(source.isAnonymous()).isFalse();
    assertThat(source.current()).isEqualTo(ann("h1"));
  }

  @Test
  void helperThatIsNotThereIsToldAtTheStartAndLater() throws Exception {
    Path absent = write("\"credsStore\":\"absent\"");
    assertThatThrownBy(() -> open(absent))
        .isInstanceOf(IOException.class)
        .hasMessage("there is no program docker-credential-absent in [" + folder + "]");

    DockerCredentials source = open(write(AUTH.formatted("one")));
    write("\"credsStore\":\"absent\"");
    assertFails(Failure.UNREACHABLE, source::current)
        .hasMessageContaining("no credentials for ghcr.io: there is no program");
    assertFails(Failure.UNREACHABLE, () -> source.renew(ann("one")));
  }
}
