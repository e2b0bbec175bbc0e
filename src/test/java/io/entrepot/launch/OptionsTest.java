package io.entrepot.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OptionsTest {
  @Test
  void noOptionMeansServeWithoutSettings() throws UsageException {
    assertThat(parse()).isEqualTo(new Options(Options.Action.SERVE, Map.of()));
  }

  @Test
  void optionsAreShortForSettings() throws UsageException {
    assertThat(
            parse(
                    "--addr",
                    ":80",
                    "--tls-cert",
                    "c",
                    "--tls-key=k",
                    "--data=/d",
                    "--config",
                    "c.yml",
                    "--import=/i",
                    "--set",
                    "a=b")
                .settings())
        .isEqualTo(
            Map.of(
                "http.addr", ":80",
                "http.tls.certificate", "c",
                "http.tls.key", "k",
                "storage.filesystem.rootdirectory", "/d",
                "config", "c.yml",
                "import.dir", "/i",
                "a", "b"));
  }

  @Test
  void settingsMayHoldEqualsSignsAndNothing() throws UsageException {
    assertThat(parse("--set", "a=b=c", "--set=d=e=f", "--set", "g=").settings())
        .isEqualTo(Map.of("a", "b=c", "d", "e=f", "g", ""));
  }

  @Test
  void lastOneCounts() throws UsageException {
    assertThat(parse("--addr", ":1", "--set", "http.addr=:2", "--set", "http.addr=:3").settings())
        .isEqualTo(Map.of("http.addr", ":3"));
  }

  @Test
  void helpAndVersionReplaceServing() throws UsageException {
    assertThat(parse("--help").action()).isEqualTo(Options.Action.HELP);
    assertThat(parse("-h").action()).isEqualTo(Options.Action.HELP);
    assertThat(parse("-V").action()).isEqualTo(Options.Action.VERSION);
    assertThat(parse("--addr", ":1", "--version").action()).isEqualTo(Options.Action.VERSION);
    assertThat(parse("--help", "--version").action()).isEqualTo(Options.Action.HELP);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--adr :1 | unknown option --adr; did you mean --addr?",
        "--hlep | unknown option --hlep; did you mean --help?",
        "--port 5000 | unknown option --port; write --addr HOST:PORT",
        "--listen=80 | unknown option --listen; write --addr HOST:PORT",
        "-c x.yml | unknown option -c; write --config FILE",
        "-help | unknown option -help; write --help",
        "--upstream=x | unknown option --upstream; write --set proxy.remoteurl=VALUE",
        "--storage.reserve=0 | unknown option --storage.reserve; write --set storage.reserve=VALUE",
        "-x | unknown option -x",
        "--something-entirely-different-and-very-long-so-that-it-takes-time | unknown option"
            + " --something-entirely-different-and-very-long-so-that-it-takes-time",
        "serve | unexpected argument serve",
        "--addr | --addr needs a value: --addr HOST:PORT",
        "--addr= | --addr needs a value: --addr HOST:PORT",
        "--data --help | --data needs a value: --data DIR",
        "--set | --set needs a value: --set KEY=VALUE",
        "--set proxy.ttl | --set needs a key and a value: --set KEY=VALUE",
        "--set =x | --set needs a key and a value: --set KEY=VALUE",
        "--help=me | --help takes no value"
      })
  void mistakesAreNamed(String line, String message) {
    assertThatExceptionOfType(UsageException.class)
        .isThrownBy(() -> parse(line.split(" ")))
        .withMessage(message);
  }

  @Test
  void valuesOfUnknownOptionsAreNotShown() {
    assertThatExceptionOfType(UsageException.class)
        .isThrownBy(() -> parse("--password=canary"))
        .withMessageNotContaining("canary");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "http.addr: system property entrepot.http.addr is 'x'; expected | --addr is 'x'; expected",
        "http.addr: cannot listen on x | --addr: cannot listen on x",
        "http.tls.key: not the key in http.tls.certificate."
            + " | --tls-key: not the key in --tls-cert.",
        "config: system property entrepot.config is 'x' | --config is 'x'",
        "config: a config | --config: a config",
        "proxy.ttl: system property entrepot.proxy.ttl is 'x' | --set proxy.ttl is 'x'",
        "proxy.ttl: too long | proxy.ttl: too long",
        "proxy.ttls: system property entrepot.proxy.ttls: unknown setting"
            + " | proxy.ttls: system property entrepot.proxy.ttls: unknown setting",
        "x: http.addr.y, x.http.addr and http.addr-z"
            + " | x: http.addr.y, x.http.addr and http.addr-z"
      })
  void messagesNameWhatWasTyped(String message, String shown) throws UsageException {
    TypedOptions typed =
        new TypedOptions(
            Options.typed(
                List.of(
                    "--addr=a",
                    "--tls-key=k",
                    "--tls-cert=c",
                    "--config=f",
                    "--set",
                    "proxy.ttl=5")));
    assertThat(typed.in(message)).isEqualTo(shown);
    assertThat(typed.in("first\n" + message)).isEqualTo("first\n" + shown);
  }

  @Test
  void lastOneThatWasTypedIsNamed() throws UsageException {
    assertThat(Options.typed(List.of("--addr=a", "--set", "http.addr=b")))
        .isEqualTo(Map.of("http.addr", "--set http.addr"));
  }

  @Test
  void helpNamesEveryOption() {
    assertThat(Options.help().lines())
        .hasSize(10)
        .contains(
            "  --addr HOST:PORT   listen here; :5000 is all interfaces (http.addr)",
            "  --tls-key FILE     and this key (http.tls.key)",
            "  --version          print the version");
  }

  private static Options parse(String... arguments) throws UsageException {
    return Options.parse(List.of(arguments));
  }
}
