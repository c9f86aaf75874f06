package org.pagedattention.model.folder;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The files of one model folder, wherever it lies. Names are relative to it, with {@code /} between their parts. */
public interface ModelFiles {

    /** The folder, as its user calls it. */
    String folder();

    /** The names of the files that lie in the folder itself, in order. */
    List<String> names();

    boolean exists(String name);

    /** Bytes of a file. */
    long size(String name);

    /**
     * Reads a part of a file; where the file is local, its pages are mapped rather than copied.
     *
     * @param size at most 2^31 - 1
     * @return little-endian, from position 0 on
     */
    ByteBuffer read(String name, long offset, long size);

    /** All of a file in UTF-8. */
    default String text(String name) {
        return StandardCharsets.UTF_8.decode(read(name, 0, size(name))).toString();
    }
}
