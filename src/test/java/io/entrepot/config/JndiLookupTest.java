package io.entrepot.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Map;
import javax.naming.Context;
import javax.naming.InvalidNameException;
import javax.naming.NameNotFoundException;
import javax.naming.NamingException;
import javax.naming.NoInitialContextException;
import javax.naming.NotContextException;
import javax.naming.ServiceUnavailableException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JndiLookupTest {
  private final Object value = new Object();

  @Test
  void componentThenGlobalThenBareName() {
    GivenSources sources = new GivenSources();
    assertThat(sources.jndi().find("jdbc/entrepot")).isEmpty();
    sources.bind("jdbc/entrepot", "bare");
    assertThat(sources.jndi().find("jdbc/entrepot")).contains("bare");
    sources.bind("java:global/jdbc/entrepot", "global");
    assertThat(sources.jndi().find("jdbc/entrepot")).contains("global");
    sources.bind("java:comp/env/jdbc/entrepot", value);
    assertThat(sources.jndi().find("jdbc/entrepot")).contains(value);
  }

  @Test
  void nullIsNothing() {
    GivenSources sources = new GivenSources().bind("java:comp/env/x", null).bind("x", value);
    assertThat(sources.jndi().find("x")).contains(value);
  }

  @Test
  void javaNameIsLookedUpAsItIs() {
    GivenSources sources = new GivenSources().bind("java:/jdbc/x", value);
    assertThat(sources.jndi().find("java:/jdbc/x")).contains(value);
    assertThat(sources.jndi().find("java:/jdbc/y")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"ldap://evil.example/x", "rmi://evil.example/x", "dns:x"})
  void namesThatReachTheNetworkAreRefused(String name) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new GivenSources().bind(name, value).jndi().find(name));
  }

  @Test
  void serversSayInManyWaysThatNothingIsBound() {
    NamingException wrapped = new NamingException("Payara");
    wrapped.setRootCause(new NameNotFoundException());
    for (NamingException absent :
        new NamingException[] {
          new NameNotFoundException(),
          new NoInitialContextException(),
          new NotContextException(),
          new InvalidNameException(),
          wrapped
        }) {
      GivenSources sources = new GivenSources().bind("java:comp/env/x", absent).bind("x", value);
      assertThat(sources.jndi().find("x")).contains(value);
    }
  }

  @Test
  void boundButBrokenIsNotAbsent() {
    NamingException failure = new NamingException("canary");
    failure.setRootCause(new IllegalStateException("canary"));
    for (NamingException broken :
        new NamingException[] {
          failure,
          new ServiceUnavailableException("canary"),
          new NamingException("Liberty's canary")
        }) {
      JndiLookup jndi = new GivenSources().bind("java:comp/env/x", broken).jndi();
      assertThatExceptionOfType(ConfigurationException.class)
          .isThrownBy(() -> jndi.find("x"))
          .withMessageContaining("JNDI java:comp/env/x: lookup failed")
          .withMessageNotContaining("canary");
    }
  }

  /** A server may throw a plain exception for every name of a kind that it does not know. */
  @Test
  void plainExceptionForEveryNameMeansThatNothingIsBound() throws NamingException {
    Context plain =
        new GivenSources.MapContext(Map.of("java:comp/env/y", value)) {
          @Override
          @SuppressWarnings("BanJNDI") // names of this test
          public Object lookup(String name) throws NamingException {
            if (!name.startsWith("java:comp/env/")) {
              throw new NamingException("java: only");
            }
            return super.lookup(name);
          }
        };
    assertThat(new JndiLookup(plain).find("x")).isEmpty();
    assertThat(new JndiLookup(plain).find("y")).contains(value);
  }

  @Test
  void nameThatIsListedAndCannotBeFoundIsNotAbsent() throws NamingException {
    Context linked =
        new GivenSources.MapContext(Map.of()).lists("java:comp/env/jdbc", "entrepot", "DataSource");
    assertThatExceptionOfType(JndiException.class)
        .isThrownBy(() -> new JndiLookup(linked).find("jdbc/entrepot"))
        .withMessageContaining("JNDI java:comp/env/jdbc/entrepot: lookup failed");
    assertThat(new JndiLookup(linked).find("jdbc/other")).isEmpty();
  }

  @Test
  void blankValueDoesNotHideAnother() {
    GivenSources sources =
        new GivenSources().bind("java:comp/env/x", " ").bind("java:global/x", "value");
    assertThat(sources.jndi().bound("x")).contains(new JndiLookup.Bound("java:global/x", "value"));
  }

  @Test
  void withoutNamingNothingIsFound() {
    assertThat(JndiLookup.ofThisProcess().find("x")).isEmpty();
  }
}
