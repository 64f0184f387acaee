package dev.millrace;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.re2j.Pattern;
import io.netty.handler.ssl.OpenSsl;
import java.sql.DriverManager;
import java.sql.SQLException;
import org.bouncycastle.crypto.digests.SHA256Digest;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;

/** What the proxy is made of loads and runs on this machine. */
final class ClassPathTest {

  @Test
  void boringSsl_loads() {
    assertThat(OpenSsl.isAvailable()).isTrue();
  }

  @Test
  void sqlite_answersInMemory() throws SQLException {
    try (var connection = DriverManager.getConnection("jdbc:sqlite::memory:");
        var statement = connection.createStatement();
        var rows = statement.executeQuery("SELECT 6 * 7")) {
      assertThat(rows.getInt(1)).isEqualTo(42);
    }
  }

  @Test
  void flyway_knowsSqlite() {
    Flyway flyway = Flyway.configure().dataSource("jdbc:sqlite::memory:", "", "").load();
    assertThat(flyway.info().applied()).isEmpty();
  }

  @Test
  void bouncyCastle_andRe2j_load() {
    assertThat(SHA256Digest.newInstance().getDigestSize()).isEqualTo(32);
    assertThat(Pattern.matches("(a+)+", "aaaa")).isTrue();
  }
}
