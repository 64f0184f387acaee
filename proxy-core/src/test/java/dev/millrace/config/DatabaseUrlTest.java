package dev.millrace.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.millrace.config.DatabaseUrl.SslMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where a database is, and what is no such place. */
final class DatabaseUrlTest {
  @Test
  void everyPart_isRead() throws Exception {
    assertThat(DatabaseUrl.parse("postgresql://db.example.com/mill-race_1.x"))
        .isEqualTo(new DatabaseUrl("db.example.com", 5432, "mill-race_1.x", SslMode.PREFER));
    assertThat(DatabaseUrl.parse("postgres://[2001:db8::1]:5433/m?sslmode=verify-full"))
        .isEqualTo(new DatabaseUrl("2001:db8::1", 5433, "m", SslMode.VERIFY_FULL))
        .hasToString("postgresql://[2001:db8::1]:5433/m");
  }

  @Test
  void everySslMode_isReadByTheWordThatItIsWrittenWith() throws Exception {
    for (SslMode mode : SslMode.values()) {
      assertThat(DatabaseUrl.parse("postgresql://db/m?sslmode=" + mode.word()).sslMode())
          .isEqualTo(mode);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "jdbc:postgresql://db/m, without jdbc:",
    "mysql://db/m, must begin with postgresql://",
    "db/m, must begin with postgresql://",
    "postgresql://db, names no database",
    "postgresql://db/, names no database",
    "postgresql://db/a/b, names no database",
    "postgresql:///m, has no valid host",
    "postgresql://db:0/m, has no valid port",
    "postgresql://db:70000/m, has no valid port",
    "postgresql://hunter2@db/m, must not hold credentials",
    "postgresql://db/m#x, must not have a fragment",
    "postgresql://db/m?sslmode=maybe, may have sslmode=",
    "postgresql://db/m?password=hunter2, may have sslmode=",
    "postgresql://d b/hunter2, is not a URL"
  })
  void whatIsNone_isRefused_andNotShown(String text, String what) {
    assertThatThrownBy(() -> DatabaseUrl.parse(text))
        .isInstanceOf(BadValueException.class)
        .extracting(e -> ((BadValueException) e).what())
        .asString()
        .contains(what)
        .doesNotContain("hunter2");
  }
}
