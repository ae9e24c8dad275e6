package dev.dioring.ext4lite.fs;

import dev.dioring.engine.block.ManyRingsDevice;
import java.util.List;

/**
 * What an open volume consists of.
 *
 * @param closing ends it
 * @param whyNotWritable why the image cannot be written, however it was opened, or empty
 * @param warnings what a user should know about its state, a sentence each
 */
record VolumeParts(
    ManyRingsDevice device,
    FileServices files,
    ChangeContext changes,
    VolumeClosing closing,
    String whyNotWritable,
    List<String> warnings) {}
