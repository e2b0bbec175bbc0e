package io.entrepot.access;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.unboundid.asn1.ASN1Element;
import com.unboundid.asn1.ASN1Enumerated;
import com.unboundid.asn1.ASN1OctetString;
import com.unboundid.asn1.ASN1Sequence;
import com.unboundid.asn1.ASN1Set;
import io.entrepot.access.Authenticator.Outcome;
import io.entrepot.fixture.TestClock;
import io.entrepot.memory.MemoryBudget;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a directory can send: too much, too slowly, elsewhere, or what is no LDAP (S14, S24). */
class HostileDirectoryTest {
  private static final byte BIND_DONE = 0x61;
  private static final byte ENTRY = 0x64;
  private static final byte SEARCH_DONE = 0x65;
  private static final byte REFERENCE = 0x73;
  private static final int SUCCESS = 0;
  private static final int REFERRAL = 10;
  private static final String DN = "uid=ann,dc=example";

  private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1);

  @AfterEach
  void stop() {
    timer.shutdownNow();
  }

  private static byte[] done(int id, byte tag, int code, ASN1Element... more) {
    List<ASN1Element> parts = new ArrayList<>();
    parts.add(new ASN1Enumerated(code));
    parts.add(new ASN1OctetString(""));
    parts.add(new ASN1OctetString(""));
    parts.addAll(List.of(more));
    return HostileDirectory.message(id, new ASN1Sequence(tag, parts));
  }

  private static byte[] entry(int id, String dn, String attribute, List<String> values) {
    List<ASN1Element> all = new ArrayList<>();
    values.forEach(value -> all.add(new ASN1OctetString(value)));
    return HostileDirectory.message(
        id,
        new ASN1Sequence(
            ENTRY,
            new ASN1OctetString(dn),
            new ASN1Sequence(new ASN1Sequence(new ASN1OctetString(attribute), new ASN1Set(all)))));
  }

  /** A directory in which ann is, and which answers searches for groups in a way of its own. */
  private static HostileDirectory groupsBy(HostileDirectory.Answer groups) throws IOException {
    AtomicLong searches = new AtomicLong();
    return new HostileDirectory(
        (id, kind, out) -> {
          if (kind != HostileDirectory.SEARCH) {
            out.write(done(id, BIND_DONE, SUCCESS));
          } else if (searches.getAndIncrement() == 0) {
            out.write(entry(id, DN, "uid", List.of("ann")));
            out.write(done(id, SEARCH_DONE, SUCCESS));
          } else {
            groups.send(id, kind, out);
          }
        });
  }

  private Outcome login(HostileDirectory directory) throws IOException {
    LdapPlace place =
        new LdapPlace(
            "127.0.0.1",
            directory.port(),
            LdapPlace.Security.NONE,
            List.of(),
            new LdapPlace.Account("", ""),
            new LdapPlace.Users("dc=example", "(uid={0})"),
            new LdapPlace.Groups("dc=example", "(member={0})", "cn"));
    AccessRule rule = new AccessRule("", new Who.Group("", "ops"), Set.of(Right.PULL), List.of());
    try (LdapLogins logins =
        new LdapLogins(
            place,
            () -> new AccessRules(List.of(rule)),
            new LdapLogins.Workers(Runnable::run, timer),
            new MemoryBudget(128L << 20),
            new TestClock())) {
      return logins
          .authenticate(new PasswordLogin("ann", "right"), (login, asked) -> Optional.empty())
          .join();
    }
  }

  /** A number of bytes that a directory could send, until nobody takes them any more. */
  private static long sendUntilCut(OutputStream out, byte[] piece, long most) {
    long sent = 0;
    try {
      while (sent < most) {
        out.write(piece);
        sent += piece.length;
      }
    } catch (IOException e) {
      return sent;
    }
    return sent;
  }

  @Test
  void thousandsOfGroupsThatNoRuleNamesGiveNone() throws IOException {
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 4_000; i++) {
      names.add("group" + i);
    }
    try (HostileDirectory directory =
        groupsBy(
            (id, kind, out) -> {
              out.write(entry(id, "cn=x", "cn", names));
              out.write(done(id, SEARCH_DONE, SUCCESS));
            })) {
      assertThat(login(directory))
          .isEqualTo(new Outcome.Known(new Principal("ldap", "ann", Set.of())));
    }
  }

  @Test
  void entriesThatNeverEndAreCut() throws IOException {
    long most = 64L << 20;
    AtomicLong sent = new AtomicLong(most);
    try (HostileDirectory directory =
        groupsBy(
            (id, kind, out) ->
                sent.set(sendUntilCut(out, entry(id, "cn=x", "cn", List.of("x")), most)))) {
      assertThat(login(directory)).isInstanceOf(Outcome.Unavailable.class);
    }
    assertThat(sent.get()).isLessThan(most);
  }

  @Test
  void entryThatIsTooLargeIsCut() throws IOException {
    byte[] huge = new byte[1 << 20];
    try (HostileDirectory directory =
        groupsBy(
            (id, kind, out) ->
                sendUntilCut(out, entry(id, "cn=x", "cn", List.of(new String(huge, UTF_8))), 1))) {
      assertThat(login(directory)).isInstanceOf(Outcome.Unavailable.class);
    }
  }

  @Test
  void lengthThatNobodyCanSendIsCutAtOnce() throws IOException {
    byte[] length = {0x30, (byte) 0x84, 0x7f, (byte) 0xff, (byte) 0xff, (byte) 0xff};
    try (HostileDirectory directory = groupsBy((id, kind, out) -> out.write(length))) {
      long begun = System.nanoTime();
      assertThat(login(directory)).isInstanceOf(Outcome.Unavailable.class);
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(3));
    }
  }

  @Test
  void answerByteByByteEndsWithinThreeSecondsInAll() throws IOException {
    try (HostileDirectory directory =
        groupsBy(
            (id, kind, out) -> {
              for (byte each : entry(id, "cn=x", "cn", List.of("x".repeat(1_000)))) {
                out.write(each);
                out.flush();
                Thread.sleep(100);
              }
            })) {
      long begun = System.nanoTime();
      assertThat(login(directory)).isInstanceOf(Outcome.Unavailable.class);
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(8));
    }
  }

  @Test
  void referralToAnotherHostIsNotFollowed() throws IOException {
    try (ServerSocket elsewhere = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String url = "ldap://127.0.0.1:" + elsewhere.getLocalPort() + "/dc=example";
      ASN1Element referral = new ASN1Sequence((byte) 0xa3, new ASN1OctetString(url));
      for (boolean isResult : new boolean[] {true, false}) {
        try (HostileDirectory directory =
            groupsBy(
                (id, kind, out) -> {
                  if (isResult) {
                    out.write(done(id, SEARCH_DONE, REFERRAL, referral));
                  } else {
                    ASN1Element place = new ASN1Sequence(REFERENCE, new ASN1OctetString(url));
                    out.write(HostileDirectory.message(id, place));
                    out.write(done(id, SEARCH_DONE, SUCCESS));
                  }
                })) {
          Outcome outcome = login(directory);
          if (isResult) {
            assertThat(outcome).isInstanceOf(Outcome.Unavailable.class);
          } else {
            assertThat(outcome)
                .isEqualTo(new Outcome.Known(new Principal("ldap", "ann", Set.of())));
          }
        }
      }
      elsewhere.setSoTimeout(1);
      assertThat(org.assertj.core.api.Assertions.catchThrowable(() -> elsewhere.accept().close()))
          .isInstanceOf(SocketTimeoutException.class);
    }
  }

  /** Whatever comes is an answer or none: never an exception, and never a login. */
  @Test
  void garbageIsNoAnswer() throws IOException {
    Random random = new Random(7);
    byte[] valid = done(2, SEARCH_DONE, SUCCESS);
    for (int i = 0; i < 200; i++) {
      byte[] garbage = valid.clone();
      for (int flips = random.nextInt(4); flips >= 0; flips--) {
        garbage[random.nextInt(garbage.length)] = (byte) random.nextInt();
      }
      try (HostileDirectory directory =
          new HostileDirectory(
              (id, kind, out) -> {
                out.write(garbage);
                throw new IOException("and no more");
              })) {
        assertThat(login(directory))
            .as("answer %s", new java.math.BigInteger(1, garbage).toString(16))
            .isInstanceOfAny(Outcome.Unavailable.class, Outcome.NoSuchUser.class);
      }
    }
  }
}
