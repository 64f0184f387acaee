package dev.millrace.catalog;

import dev.millrace.config.CatalogSettings;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the catalog in a database of PostgreSQL, 14 to 18.
 *
 * <p><b>One data folder.</b> The rows name files of one data folder, so a database belongs to one:
 * the folder's id stands in the database and in the folder. Another folder is refused, since it
 * would take every row for one that has lost its file. Several nodes on one database need a place
 * for blobs that all of them reach, which there is none of yet.
 *
 * <p><b>One process.</b> Each start writes the token of its run beside that id, and each writing
 * transaction locks that row and looks whether it is still its own. The lock on the data folder
 * keeps a second process out already; where that does not reach (a folder that was copied, or that
 * a network shares without locks), the process that was started last writes, and what the one
 * before it wants to write is refused, down to the last transaction. So what memory knows of the
 * catalog's keys holds here as it does for a file.
 *
 * <p><b>An outage</b> is {@link PostgresDatabase}'s. It is survived, but not at the start: that
 * fails.
 */
public final class PostgresCatalog {
  private static final Logger LOG = LoggerFactory.getLogger(PostgresCatalog.class);

  /** What the data folder knows itself by. */
  public interface FolderId {
    /** Its id; one that has none takes the proposed one for good. */
    String idOr(String proposed) throws IOException;
  }

  private PostgresCatalog() {}

  /**
   * Opens the database, brings its schema up to this release and makes it this process's.
   *
   * <p>Errors: {@link CatalogException} when it does not answer, is one of a newer release, belongs
   * to another data folder or has another encoding than UTF-8; {@link IOException} when the folder
   * cannot keep its id. Ownership: the caller closes the catalog.
   */
  public static Catalog open(CatalogSettings settings, FolderId folder) throws IOException {
    String name = settings.url().toString();
    DataSource unpooled = PostgresDatabase.unpooled(settings);
    try (Connection connection = unpooled.getConnection()) {
      requireUtf8(connection, name);
    } catch (SQLException e) {
      throw new CatalogException("open the catalog " + name, e);
    }
    Migrations.bringUpToDate(unpooled, name, Migrations.COMMON, Migrations.POSTGRESQL);
    String run;
    try (Connection connection = unpooled.getConnection()) {
      String id = folder.idOr(textOf(connection, "SELECT gen_random_uuid()::text"));
      run = textOf(connection, "SELECT gen_random_uuid()::text");
      own(connection, name, id, run);
    } catch (SQLException e) {
      throw new CatalogException("open the catalog " + name, e);
    }
    LOG.info("the catalog is {}", settings);
    return open(settings, run);
  }

  /** The same for a run that the owner's row names already. */
  static Catalog open(CatalogSettings settings, String run) {
    return new JdbcCatalog(PostgresDatabase.open(settings, run));
  }

  private static void requireUtf8(Connection connection, String name) throws SQLException {
    String encoding = textOf(connection, "SHOW server_encoding");
    if (!encoding.equals("UTF8")) {
      throw new CatalogException(
          "the catalog " + name + " has the encoding " + encoding + ", and needs UTF8");
    }
  }

  private static void own(Connection connection, String name, String id, String run)
      throws SQLException {
    try (PreparedStatement put = connection.prepareStatement(PostgresDatabase.OWN)) {
      put.setString(1, id);
      put.setString(2, run);
      if (put.executeUpdate() == 0) {
        throw new CatalogException(
            "the catalog "
                + name
                + " belongs to another data folder, whose files its rows name: start with that"
                + " folder, or with an empty database");
      }
    }
  }

  private static String textOf(Connection connection, String query) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getString(1);
    }
  }
}
