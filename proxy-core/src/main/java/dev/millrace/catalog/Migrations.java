package dev.millrace.catalog;

import java.util.Arrays;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationInfoService;

/** Brings a database's schema up to this release by versioned files. */
final class Migrations {
  /** The files for every database. */
  static final String COMMON = "classpath:db/migration";

  /** Those for PostgreSQL beside them. */
  static final String POSTGRESQL = "classpath:db/postgresql";

  private Migrations() {}

  /** Looks first, refuses what it does not know, and only then writes. */
  static void bringUpToDate(DataSource database, String name, String... locations) {
    try {
      Flyway flyway =
          Flyway.configure(Migrations.class.getClassLoader())
              .dataSource(database)
              .locations(locations)
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
            + ": start the release that wrote it, or begin with an empty catalog");
  }
}
