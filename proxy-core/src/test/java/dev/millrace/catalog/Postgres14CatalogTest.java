package dev.millrace.catalog;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The contract on PostgreSQL 14. */
final class Postgres14CatalogTest extends PostgresContract {
  Postgres14CatalogTest(@TempDir Path folder) throws Exception {
    super(PostgresServer.Version.OLD, folder);
  }
}
