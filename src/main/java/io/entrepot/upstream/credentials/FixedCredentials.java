package io.entrepot.upstream.credentials;

/** Credentials that never change. */
record FixedCredentials(Credentials credentials) implements CredentialSource {
  @Override
  public Credentials current() {
    return credentials;
  }

  @Override
  public Credentials renew(Credentials refused) {
    return credentials;
  }

  @Override
  public boolean isAnonymous() {
    return credentials instanceof Credentials.Anonymous;
  }
}
