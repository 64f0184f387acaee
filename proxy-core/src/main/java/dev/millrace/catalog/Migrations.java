package dev.millrace.catalog;

import java.util.Arrays;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;

/** Brings a database's schema up to this release by the versioned files of {@code db/migration}. */
final class Migrations {
  private Migrations() {}

  /** Looks first, refuses what it does not know, and only then writes. */
  static void bringUpToDate(DataSource database, String name) {
    try {
      Flyway flyway =
          Flyway.configure(Migrations.class.getClassLoader())
              .dataSource(database)
              .locations("classpath:db/migration")
              .load();
      refuseNewer(flyway.info(), name);
      flyway.migrate();
    } catch (FlywayException e) {
      throw new CatalogException("bring the schema of " + name + " up to date", e);
    }
  }

  private static void refuseNewer(MigrationInfoService found, String name) {
    MigrationInfo last = found.current();
    if (last == null || last.getState().isResolved()) {
      return;
    }
    String known =
        Arrays.stream(found.all())
            .filter(migration -> migration.getState().isResolved())
            .map(migration -> String.valueOf(migration.getVersion()))
            .reduce("none", (older, newer) -> newer);
    throw new CatalogException(
        "the catalog "
            + name
            + " has schema version "
            + last.getVersion()
            + " and this release knows versions up to "
            + known
            + ": start the release that wrote it, or use another data folder");
  }
}
