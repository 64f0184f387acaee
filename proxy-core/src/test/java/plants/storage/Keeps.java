package plants.storage;

import io.netty.channel.DefaultFileRegion;
import java.nio.channels.FileChannel;

/** No fault: storage holds the files and makes the regions that send from them. */
final class Keeps extends DefaultFileRegion {
  Keeps(FileChannel file, long length) {
    super(file, 0, length);
  }

  @Override
  protected void deallocate() {
    // The file outlives the region.
  }
}
