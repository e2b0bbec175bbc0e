package io.entrepot.upstream;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Set;

/**
 * What kind of address it is, by who can reach it. An IPv4 address inside an IPv6 address counts as
 * itself.
 */
public enum AddressRange {
  /** Anybody reaches it. */
  PUBLIC,
  /** A private network (RFC 1918, RFC 4193, RFC 6598), or one for tests and protocols. */
  PRIVATE,
  /** This machine (127.0.0.0/8, ::1), also as 0.0.0.0 or ::. */
  LOOPBACK,
  /** Where clouds tell a machine its secrets, other than by a link-local address. */
  METADATA,
  /** This network segment only (RFC 3927, RFC 4291), and most metadata services. */
  LINK_LOCAL,
  /** Many at once, or reserved: no server has it. */
  NOBODY;

  private static final Set<InetAddress> METADATA_SERVICES =
      Set.of(
          address(100, 100, 100, 200), // Alibaba
          address(168, 63, 129, 16), // Azure
          address(192, 0, 0, 192), // Oracle
          address(0xfd, 0, 0x0e, 0xc2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0x54), // AWS
          address(0xfd, 0x20, 0, 0xce, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 0x54)); // Google

  /** The range of an address. */
  public static AddressRange of(InetAddress address) {
    if (METADATA_SERVICES.contains(address)) {
      return METADATA;
    }
    byte[] bytes = address.getAddress();
    return bytes.length == 4 ? ofV4(bytes) : ofV6(bytes);
  }

  private static AddressRange ofV4(byte[] bytes) {
    int a = bytes[0] & 0xff;
    int b = bytes[1] & 0xff;
    if (a == 0 || a == 127) {
      return LOOPBACK;
    }
    if (a == 169 && b == 254) {
      return LINK_LOCAL;
    }
    boolean inside =
        a == 10
            || (a == 172 && b >= 16 && b < 32)
            || (a == 192 && b == 168)
            || (a == 100 && b >= 64 && b < 128)
            || (a == 198 && (b == 18 || b == 19))
            || (a == 192 && b == 0 && bytes[2] == 0);
    return inside ? PRIVATE : a >= 224 ? NOBODY : PUBLIC;
  }

  private static AddressRange ofV6(byte[] bytes) {
    byte[] v4 = embedded(bytes);
    if (v4.length == 4) {
      return of(address(v4));
    }
    int a = bytes[0] & 0xff;
    int b = bytes[1] & 0xff;
    if (startsWith(bytes, 0, new int[15])) {
      return (bytes[15] & 0xfe) == 0 ? LOOPBACK : NOBODY; // :: and ::1
    }
    if (a == 0xff) {
      return NOBODY;
    }
    if (a == 0xfe && (b & 0xc0) == 0x80) {
      return LINK_LOCAL;
    }
    boolean siteLocal = a == 0xfe && (b & 0xc0) == 0xc0;
    boolean localTranslation = startsWith(bytes, 0, 0, 0x64, 0xff, 0x9b, 0, 1);
    return (a & 0xfe) == 0xfc || siteLocal || localTranslation ? PRIVATE : PUBLIC;
  }

  /** The IPv4 address that an IPv6 address stands for; empty where there is none. */
  private static byte[] embedded(byte[] bytes) {
    boolean zeros = startsWith(bytes, 0, 0, 0, 0, 0, 0, 0, 0);
    boolean compatible = zeros && startsWith(bytes, 8, 0, 0, 0, 0); // ::a.b.c.d
    boolean mapped = zeros && startsWith(bytes, 8, 0, 0, 0xff, 0xff);
    boolean translated = zeros && startsWith(bytes, 8, 0xff, 0xff, 0, 0); // RFC 2765
    boolean nat64 = startsWith(bytes, 0, 0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0); // RFC 6052
    if ((compatible && bytes[12] != 0) || mapped || translated || nat64) {
      return Arrays.copyOfRange(bytes, 12, 16);
    }
    return startsWith(bytes, 0, 0x20, 2) ? Arrays.copyOfRange(bytes, 2, 6) : new byte[0]; // 6to4
  }

  private static boolean startsWith(byte[] bytes, int offset, int... prefix) {
    for (int i = 0; i < prefix.length; i++) {
      if ((bytes[offset + i] & 0xff) != prefix[i]) {
        return false;
      }
    }
    return true;
  }

  private static InetAddress address(int... numbers) {
    byte[] bytes = new byte[numbers.length];
    for (int i = 0; i < numbers.length; i++) {
      bytes[i] = (byte) numbers[i];
    }
    return address(bytes);
  }

  private static InetAddress address(byte[] bytes) {
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("an address has 4 or 16 bytes", e);
    }
  }
}
