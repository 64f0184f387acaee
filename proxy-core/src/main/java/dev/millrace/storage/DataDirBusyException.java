package dev.millrace.storage;

import java.io.IOException;
import java.nio.file.Path;

/** The data folder belongs to a process that is running. */
public final class DataDirBusyException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Names the folder. */
  public DataDirBusyException(Path dataDir) {
    super("data folder " + dataDir + " is used by another process");
  }
}
