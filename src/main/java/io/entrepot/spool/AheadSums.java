package io.entrepot.spool;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/**
 * The checksums of what a fill has ahead of its hash. A stretch that has grown since the last
 * checkpoint is read from there on. Used by one thread at a time.
 */
final class AheadSums {
  private Map<Long, Sum> byBegin = new HashMap<>();

  private record Sum(long end, CRC32C crc) {}

  /** The stretches from an offset on, with the checksums of what the file has there. */
  List<Checkpoint.Stretch> of(FileChannel channel, Stretches here, long from) throws IOException {
    List<Checkpoint.Stretch> ahead = new ArrayList<>();
    Map<Long, Sum> sums = new HashMap<>();
    for (Stretches.Bounds stretch : here.from(from)) {
      Sum before = byBegin.get(stretch.begin());
      if (before == null || before.end() > stretch.end()) {
        before = new Sum(stretch.begin(), new CRC32C());
      }
      CRC32C crc = before.crc();
      Channels.feed(channel, before.end(), stretch.end(), crc::update);
      sums.put(stretch.begin(), new Sum(stretch.end(), crc));
      ahead.add(new Checkpoint.Stretch(stretch.begin(), stretch.end(), crc.getValue()));
    }
    byBegin = sums;
    return ahead;
  }

  /** Whether a file still has the bytes of a stretch. */
  static boolean isSound(FileChannel channel, Checkpoint.Stretch stretch) throws IOException {
    if (channel.size() < stretch.end()) {
      return false;
    }
    CRC32C crc = new CRC32C();
    Channels.feed(channel, stretch.begin(), stretch.end(), crc::update);
    return crc.getValue() == stretch.crc();
  }
}
