package dev.millrace.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Blocks of addresses. */
final class NetworksTest {
  @ParameterizedTest
  @CsvSource({
    "'10.0.0.0/8, ::1', 10.255.0.1, true",
    "'10.0.0.0/8, ::1', 11.0.0.1, false",
    "'10.0.0.0/8, ::1', 0:0:0:0:0:0:0:1, true",
    "'10.0.0.0/8, ::1', ::2, false",
    "'10.0.0.0/8, ::1', unknown, false",
    "2001:db8::/33, 2001:db8:7fff::1, true",
    "2001:db8::/33, 2001:db8:8000::1, false",
    "192.0.2.7, 192.0.2.7, true",
    "192.0.2.7, 192.0.2.6, false",
    "0.0.0.0/0, 203.0.113.1, true",
    "'', 127.0.0.1, false"
  })
  void addresses_areInTheirBlocksOnly(String blocks, String address, boolean in) throws Exception {
    assertThat(Networks.parse(blocks).contains(address)).isEqualTo(in);
  }

  @ParameterizedTest
  @CsvSource({"10.0.0.0/33", "::1/129", "10.0.0.0/-1"})
  void wrongBits_areSaid(String block) {
    assertThatThrownBy(() -> Networks.parse(block))
        .isInstanceOfSatisfying(
            BadValueException.class,
            e -> assertThat(e.what()).isEqualTo("\"" + block + "\" has a wrong number of bits"));
  }

  @Test
  void names_areNoAddresses() {
    assertThatThrownBy(() -> Networks.parse("proxy.example.com"))
        .isInstanceOf(BadValueException.class);
  }
}
