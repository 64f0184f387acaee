package dev.millrace;

/** Starts Millrace: puts the parts together and runs the command line. */
public final class Main {

  private Main() {}

  /**
   * Runs one command and exits with its code.
   *
   * @param args the command line
   */
  public static void main(String[] args) {
    System.err.println("millrace: nothing to run yet");
    System.exit(1);
  }
}
