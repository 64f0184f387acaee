package dev.millrace.origin;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which addresses and spellings a redirect must not lead to. */
final class PrivateAddressesTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.8",
        "192.0.2.1",
        "192.168.0.1",
        "198.18.0.1",
        "198.51.100.7",
        "203.0.113.9",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::8.8.8.8",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "::ffff:a9fe:a9fe",
        "fe80::1",
        "febf::1",
        "fec0::1",
        "fc00::1",
        "fd12:3456::1",
        "ff02::1",
        "64:ff9b::127.0.0.1",
        "64:ff9b::a00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "2002:7f00:1::",
        "2002:a00:1::1",
        "2001::1",
        "2001:0:7f00:1::",
        "2001:db8::1",
        "100::1",
        "3fff::1",
        "5f00::1"
      })
  void privateAddress_isRefused(String address) {
    assertThat(PrivateAddresses.contains(InetAddress.ofLiteral(address))).isTrue();
    assertThat(PrivateAddresses.containsLiteral(address)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.1",
        "100.63.255.255",
        "100.128.0.1",
        "169.253.0.1",
        "172.15.255.255",
        "172.32.0.1",
        "192.0.1.1",
        "192.167.0.1",
        "192.169.0.1",
        "198.17.0.1",
        "198.20.0.1",
        "223.255.255.255",
        "2606:4700::1111",
        "2a00:1450::1",
        "64:ff9b::808:808",
        "2002:808:808::1",
        "::ffff:8.8.8.8"
      })
  void publicAddress_isAllowed(String address) {
    assertThat(PrivateAddresses.contains(InetAddress.ofLiteral(address))).isFalse();
    assertThat(PrivateAddresses.containsLiteral(address)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost",
        "localhost.",
        "LOCALHOST",
        "a.localhost",
        "127.1",
        "0177.0.0.1",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0x",
        "127.0.0.1.",
        "127.0.0.01",
        "1.2.3",
        "1.2.3.4.5",
        "256.1.1.1",
        "1.2.3.0x4",
        "010.8.8.8",
        "."
      })
  void oddSpelling_isRefused(String host) {
    assertThat(PrivateAddresses.containsLiteral(host)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"registry.example.com", "a1.b2", "1.2.3.4.com", "0x7f.example", "8.8.8.8."})
  void name_isLeftToDns(String host) {
    assertThat(PrivateAddresses.containsLiteral(host)).isFalse();
  }
}
