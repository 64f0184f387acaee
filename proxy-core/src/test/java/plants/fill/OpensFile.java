package plants.fill;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;

/** The fault: a file opened outside storage. */
final class OpensFile {
  long size(Path path) throws IOException {
    try (FileChannel channel = FileChannel.open(path)) {
      return channel.size();
    }
  }
}
