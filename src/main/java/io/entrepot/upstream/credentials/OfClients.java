package io.entrepot.upstream.credentials;

/** No credentials of our own, where each client brings its user name and its password. */
record OfClients() implements CredentialSource {
  @Override
  public Credentials current() {
    return Credentials.ANONYMOUS;
  }

  @Override
  public Credentials renew(Credentials refused) {
    return Credentials.ANONYMOUS;
  }

  @Override
  public boolean isAnonymous() {
    return true;
  }

  @Override
  public boolean isOfClients() {
    return true;
  }
}
