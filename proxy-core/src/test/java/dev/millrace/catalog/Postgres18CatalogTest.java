package dev.millrace.catalog;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The contract on PostgreSQL 18. */
final class Postgres18CatalogTest extends PostgresContract {
  Postgres18CatalogTest(@TempDir Path folder) throws Exception {
    super(PostgresServer.Version.NEW, folder);
  }
}
