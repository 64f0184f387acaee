package dev.millrace.it.rig;

/**
 * A body that was read and checked as it came, without being held.
 *
 * @param status the status of the answer
 * @param end how the reading ended
 * @param rightBytes bytes that came and were right
 * @param wrongAtBytes offset of the first wrong byte, or -1
 */
public record Download(Head head, int status, End end, long rightBytes, long wrongAtBytes) {

  /** Reads the answer to a GET on this connection and compares it with the body. */
  public static Download get(RawClient client, String target, Body body, String... fieldLines) {
    Head head = client.request("GET", target, fieldLines).head();
    return finish(client, head, body);
  }

  /** Reads the body behind a head that was already read. */
  public static Download finish(RawClient client, Head head, Body body) {
    Body.Check check = body.checkFrom(startOf(head));
    End end = client.drain(head, "GET", check);
    return new Download(head, head.status(), end, check.rightBytes(), check.wrongAtBytes());
  }

  /** Whether exactly so many right bytes came and the end was in order. */
  public boolean wholeAndRight(long bytes) {
    return end == End.WHOLE && wrongAtBytes < 0 && rightBytes == bytes;
  }

  private static long startOf(Head head) {
    String range = head.first("Content-Range");
    if (head.status() != 206 || range == null) {
      return 0;
    }
    String first = range.substring(range.indexOf(' ') + 1, range.indexOf('-'));
    return Long.parseLong(first.strip());
  }
}
