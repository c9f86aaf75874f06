package org.pagedattention.cudnn.columns;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Where the bytes of an output file go. */
public interface EncodedFile {

    /** Appends all of {@code bytes}. */
    void write(ByteBuffer bytes) throws IOException;
}
