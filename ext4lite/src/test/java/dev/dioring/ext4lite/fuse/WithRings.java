package dev.dioring.ext4lite.fuse;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Runs each test of a class with FUSE over io_uring allowed, or skips it where it cannot be. */
final class WithRings implements BeforeEachCallback, AfterEachCallback {
  private @Nullable RingsEnabled rings;

  @Override
  public void beforeEach(ExtensionContext context) throws IOException {
    MountedImage.assumePossible();
    rings = RingsEnabled.open();
  }

  @Override
  public void afterEach(ExtensionContext context) throws IOException {
    if (rings != null) {
      rings.close();
      rings = null;
    }
  }
}
