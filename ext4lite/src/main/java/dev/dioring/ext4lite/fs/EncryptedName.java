package dev.dioring.ext4lite.fs;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/**
 * The form in which Linux shows an encrypted name to those who have no key: in base64 for URLs,
 * without padding, the two hashes of the name, the first 149 bytes of its ciphertext, and, if it is
 * longer, the SHA-256 of the rest.
 */
final class EncryptedName {
  private static final int HASHES_BYTES = 8;
  private static final int WHOLE_BYTES = 149;
  private static final int DIGEST_BYTES = 32;
  private static final int LONG_BYTES = HASHES_BYTES + WHOLE_BYTES + DIGEST_BYTES;

  /** What was shown: the start of the ciphertext, and the digest of its rest. */
  private final byte[] shown;

  private EncryptedName(byte[] shown) {
    this.shown = shown;
  }

  /**
   * The form to show.
   *
   * @param hashes the hash in the upper half, the minor hash in the lower; 0 where there is no
   *     index
   */
  static byte[] show(byte[] ciphertext, long hashes) {
    byte[] text = text(ciphertext);
    ByteBuffer all = ByteBuffer.allocate(HASHES_BYTES + text.length).order(ByteOrder.LITTLE_ENDIAN);
    all.putInt((int) (hashes >>> 32)).putInt((int) hashes).put(text);
    return Base64.getUrlEncoder().withoutPadding().encode(all.array());
  }

  /** What a shown name stands for, or null if nothing is shown so. */
  static @Nullable EncryptedName parse(byte[] name) {
    byte[] all;
    try {
      all = Base64.getUrlDecoder().decode(name);
    } catch (IllegalArgumentException e) {
      return null;
    }
    boolean possible =
        all.length > HASHES_BYTES
            && (all.length <= HASHES_BYTES + WHOLE_BYTES || all.length == LONG_BYTES);
    return possible ? new EncryptedName(Arrays.copyOfRange(all, HASHES_BYTES, all.length)) : null;
  }

  boolean isOf(byte[] ciphertext) {
    return Arrays.equals(shown, text(ciphertext));
  }

  private static byte[] text(byte[] ciphertext) {
    if (ciphertext.length <= WHOLE_BYTES) {
      return ciphertext;
    }
    byte[] text = Arrays.copyOf(ciphertext, WHOLE_BYTES + DIGEST_BYTES);
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(ciphertext, WHOLE_BYTES, ciphertext.length - WHOLE_BYTES);
      System.arraycopy(digest.digest(), 0, text, WHOLE_BYTES, DIGEST_BYTES);
      return text;
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError("every Java platform has SHA-256", e);
    }
  }
}
