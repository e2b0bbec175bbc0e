package io.entrepot.access;

import com.unboundid.ldap.sdk.DereferencePolicy;
import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.LDAPConnectionOptions;
import com.unboundid.ldap.sdk.LDAPConnectionPool;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.LDAPSearchException;
import com.unboundid.ldap.sdk.OperationType;
import com.unboundid.ldap.sdk.PostConnectProcessor;
import com.unboundid.ldap.sdk.ResultCode;
import com.unboundid.ldap.sdk.SearchRequest;
import com.unboundid.ldap.sdk.SearchResultEntry;
import com.unboundid.ldap.sdk.SearchScope;
import com.unboundid.ldap.sdk.SimpleBindRequest;
import com.unboundid.ldap.sdk.SingleServerSet;
import com.unboundid.ldap.sdk.StartTLSPostConnectProcessor;
import com.unboundid.util.ssl.HostNameSSLSocketVerifier;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * An LDAP directory: searches users and groups, and binds. It blocks, each step for a few seconds
 * at most. No referral is followed. Thread-safe.
 */
final class LdapDirectory implements AutoCloseable {
  private static final int CONNECT_MILLIS = 2_000;
  private static final int ANSWER_MILLIS = 3_000;
  private static final int SECONDS = 3;

  /** Connections that are older are made again, so that a directory can move. */
  private static final long MAX_AGE_MILLIS = 300_000;

  /** A message has one entry of ours at most: its name, and the name of a group. */
  private static final int MAX_MESSAGE = 64 << 10;

  /** How many groups are asked for at once, so that no filter is too long for a directory. */
  private static final int GROUPS_AT_ONCE = 100;

  private static final String NO_ATTRIBUTES = "1.1";

  private final LdapPlace place;
  private final LDAPConnectionPool pool;

  /**
   * Makes it. Connects only when it is asked.
   *
   * @param connections how many connections it keeps: as many as threads ask
   * @throws IOException if the connections cannot be set up
   */
  LdapDirectory(LdapPlace place, int connections) throws IOException {
    this.place = place;
    try {
      SSLContext tls = tls(place.authorities());
      LdapSockets sockets =
          new LdapSockets(
              place.host(),
              CONNECT_MILLIS,
              ANSWER_MILLIS,
              place.security() == LdapPlace.Security.TLS ? tls.getSocketFactory() : null);
      PostConnectProcessor begin =
          place.security() == LdapPlace.Security.STARTTLS
              ? new StartTLSPostConnectProcessor(tls)
              : null;
      SingleServerSet server = new SingleServerSet(place.host(), place.port(), sockets, options());
      pool = new LDAPConnectionPool(server, account(place.account()), 0, connections, begin, false);
    } catch (LDAPException | GeneralSecurityException e) {
      throw new IOException(e.getMessage(), e);
    }
    pool.setMaxConnectionAgeMillis(MAX_AGE_MILLIS);
    pool.setMaxWaitTimeMillis(CONNECT_MILLIS);
    // A search finds out that a connection was closed. A password is never sent twice.
    pool.setRetryFailedOperationsDueToInvalidConnections(Set.of(OperationType.SEARCH));
    pool.setConnectionPoolName("entrepot-ldap");
  }

  private static @Nullable SimpleBindRequest account(LdapPlace.Account account) {
    return account.dn().isEmpty() ? null : new SimpleBindRequest(account.dn(), account.password());
  }

  private static LDAPConnectionOptions options() {
    LDAPConnectionOptions options = new LDAPConnectionOptions();
    options.setConnectTimeoutMillis(CONNECT_MILLIS);
    options.setResponseTimeoutMillis(ANSWER_MILLIS);
    options.setAbandonOnTimeout(true);
    options.setFollowReferrals(false);
    options.setUseSynchronousMode(true); // no thread of its own for each connection
    options.setMaxMessageSize(MAX_MESSAGE);
    options.setBindWithDNRequiresPassword(true);
    options.setSSLSocketVerifier(new HostNameSSLSocketVerifier(false));
    return options;
  }

  private static SSLContext tls(List<X509Certificate> authorities)
      throws GeneralSecurityException, IOException {
    KeyStore store = null;
    if (!authorities.isEmpty()) {
      store = KeyStore.getInstance("PKCS12");
      store.load(null, null);
      for (int i = 0; i < authorities.size(); i++) {
        store.setCertificateEntry("ca" + i, authorities.get(i));
      }
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  /** The entries of a user: none or one, or two if the name means several. */
  List<String> find(String user) throws LDAPException {
    String filter = place.users().filter().replace("{0}", Filter.encodeValue(user));
    return search(place.users().base(), Filter.create(filter), 2, NO_ATTRIBUTES).stream()
        .map(SearchResultEntry::getDN)
        .toList();
  }

  /** Whether a password is that of an entry. An empty one must not be asked: anybody binds so. */
  boolean binds(String dn, String password) throws LDAPException {
    try {
      return pool.bindAndRevertAuthentication(dn, password)
          .getResultCode()
          .equals(ResultCode.SUCCESS);
    } catch (LDAPException e) {
      if (isFailureOfTheDirectory(e.getResultCode())) {
        throw e;
      }
      return false; // the password, or an account that is locked or has expired
    }
  }

  private static boolean isFailureOfTheDirectory(ResultCode code) {
    return !code.isConnectionUsable()
        || code.isClientSideResultCode()
        || Set.of(
                ResultCode.BUSY,
                ResultCode.UNAVAILABLE,
                ResultCode.OPERATIONS_ERROR,
                ResultCode.TIME_LIMIT_EXCEEDED,
                ResultCode.ADMIN_LIMIT_EXCEEDED,
                ResultCode.REFERRAL,
                ResultCode.OTHER)
            .contains(code);
  }

  /** Which of these groups a user is in. Directories do not tell apart upper and lower case. */
  Set<String> groups(String dn, String user, Set<String> named) throws LDAPException {
    Set<String> in = new HashSet<>();
    if (place.groups().base().isEmpty()) {
      return in;
    }
    Filter ofUser =
        Filter.create(
            place
                .groups()
                .filter()
                .replace("{0}", Filter.encodeValue(dn))
                .replace("{1}", Filter.encodeValue(user)));
    List<String> all = List.copyOf(named);
    for (int from = 0; from < all.size(); from += GROUPS_AT_ONCE) {
      List<String> some = all.subList(from, Math.min(all.size(), from + GROUPS_AT_ONCE));
      List<Filter> byName = new ArrayList<>();
      some.forEach(name -> byName.add(Filter.createEqualityFilter(place.groups().name(), name)));
      Filter filter = Filter.createANDFilter(ofUser, Filter.createORFilter(byName));
      for (SearchResultEntry entry :
          search(place.groups().base(), filter, GROUPS_AT_ONCE, place.groups().name())) {
        for (String value : entry.getAttributeValues(place.groups().name())) {
          some.stream().filter(value::equalsIgnoreCase).forEach(in::add);
        }
      }
    }
    return in;
  }

  private List<SearchResultEntry> search(String base, Filter filter, int size, String attribute)
      throws LDAPException {
    SearchRequest request =
        new SearchRequest(
            base,
            SearchScope.SUB,
            DereferencePolicy.NEVER,
            size,
            SECONDS,
            false,
            filter,
            attribute);
    try {
      return pool.search(request).getSearchEntries();
    } catch (LDAPSearchException e) {
      if (e.getResultCode().equals(ResultCode.SIZE_LIMIT_EXCEEDED)
          && e.getSearchEntries() != null) {
        return e.getSearchEntries();
      }
      throw e;
    }
  }

  @Override
  public void close() {
    pool.close();
  }
}
