package org.pagedattention.jobs.getmodel;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * A published jar, of whose entries it is known what they must hold.
 *
 * @param jar the file
 */
record PinnedJar(Path jar) {

    /**
     * What an entry holds.
     *
     * @param sha256 that it must have
     * @throws IllegalArgumentException when it has another, or is not there
     */
    byte[] read(String entry, String sha256) throws IOException {
        try (ZipFile zip = new ZipFile(jar.toFile())) {
            ZipEntry found = zip.getEntry(entry);
            if (found == null) {
                throw new IllegalArgumentException(jar.getFileName() + " has no entry " + entry);
            }
            try (InputStream in = zip.getInputStream(found)) {
                byte[] bytes = in.readAllBytes();
                Checksums.require(entry + " of " + jar.getFileName(), bytes, sha256);
                return bytes;
            }
        }
    }
}
